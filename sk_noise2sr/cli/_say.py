"""What is said to people: a line each, without letters that a terminal would obey."""

import sys
import warnings
from contextlib import contextmanager

from .._words import one_line, printable


def say(text):
    """Print a line at once; names of files may hold control characters."""
    print(printable(text), flush=True)


def complain(text):
    """Print a line on stderr, with the name of the program."""
    print(f"sk-noise2sr: {printable(text)}", file=sys.stderr, flush=True)


@contextmanager
def naming_warnings(source=None):
    """Print warnings in a line each, with the file they are about, not with a place in the code.

    Parameters
    ----------
    source : pathlib.Path or None, default=None
        What is read; None leaves it as it is.
    """

    def line(message, category, filename, lineno, line=None):
        text = one_line(message)
        return f"sk-noise2sr: {printable(text if source is None else f'{source}: {text}')}\n"

    before, warnings.formatwarning = warnings.formatwarning, line
    try:
        yield
    finally:
        warnings.formatwarning = before
