"""Sentences with numbers in them, and names that were no text."""


def counted(number, noun):
    """Return a number of things, in the singular or the plural.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        Of what, one of them.

    Returns
    -------
    str
        Both.

    Examples
    --------
    >>> counted(1, "step"), counted(80, "step")
    ('1 step', '80 steps')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def storable(text):
    r"""Return a text that a file can hold: bytes of a name that are no UTF-8 become their codes.

    Parameters
    ----------
    text : str
        Any text, such as the name of a file.

    Returns
    -------
    str
        Text that UTF-8 knows.

    Examples
    --------
    >>> import os
    >>> storable(os.fsdecode(b"caf\xe9.tif"))
    'caf\\udce9.tif'
    """
    return text.encode("utf8", "backslashreplace").decode("utf8")
