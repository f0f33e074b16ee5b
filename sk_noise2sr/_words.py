"""Sentences with numbers in them, and names that were no text."""

# Errors whose words are meant for readers.
_TOLD = (ValueError, OSError, RuntimeError, MemoryError, ImportError, Warning)


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


def one_line(error):
    r"""Return what an error says, in one line; its kind too, where that was not meant for readers.

    Parameters
    ----------
    error : Exception
        The error.

    Returns
    -------
    str
        At least a word.

    Examples
    --------
    >>> one_line(ValueError("too\nlarge")), one_line(KeyError("noise")), one_line(MemoryError())
    ('too large', "KeyError: 'noise'", 'MemoryError')
    """
    text, kind = " ".join(str(error).split()), type(error).__name__
    if isinstance(error, _TOLD):
        return text or kind
    return f"{kind}: {text}" if text else kind


def printable(text):
    r"""Return a text for a terminal: characters that it would obey, or cannot show, as codes.

    Parameters
    ----------
    text : str
        A line, such as one with the name of a file in it.

    Returns
    -------
    str
        The line.

    Examples
    --------
    >>> print(printable("1 Å\x1b[2J.tif\n"))
    1 Å\x1b[2J.tif\n
    """
    letters = (each if each.isprintable() else repr(each)[1:-1] for each in text)
    return "".join(letters)
