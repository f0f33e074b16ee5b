"""Sentences with numbers in them."""


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
