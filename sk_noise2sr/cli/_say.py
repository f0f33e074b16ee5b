"""What is said to people: a line each, without letters that a terminal would obey."""

import os
import sys
import warnings
from contextlib import contextmanager, suppress

from .._tables import TableWarning
from .._words import one_line, printable

_OPTIONS = {'mask="none"': "--mask none", "noise=(a, b)": "--noise a,b"}  # as they are written here


def say(text):
    """Print a line at once; names of files may hold control characters."""
    try:
        print(printable(text), flush=True)
    except OSError as error:
        _forget_stdout()
        raise OSError(f"standard output cannot be written: {error.strerror}.") from error


def _forget_stdout():
    """Let the end of the program not try again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text):
    """Print a line on stderr, with the name of the program."""
    print(f"sk-noise2sr: {printable(text)}", file=sys.stderr, flush=True)


@contextmanager
def standard_streams():
    """Open those that are closed, on nothing.

    Files to write would take their numbers, what is meant for stderr would go to stdout, and
    processes of a batch would not start.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    closed = [name for name in ("stdout", "stderr") if getattr(sys, name) is None]
    with open(os.devnull, "w") as nothing:
        for name in closed:
            setattr(sys, name, nothing)
        try:
            yield
        finally:
            for name in closed:
                setattr(sys, name, None)


@contextmanager
def naming_warnings(source=None):
    """Print warnings in a line each, with the file they are about, not with a place in the code.

    Each is said once. What only tools of Python do to an image is not said of a file: there, a
    scan that jumped looks so.

    Parameters
    ----------
    source : pathlib.Path or None, default=None
        What is read; None leaves it as it is.
    """
    told = set()

    def line(message, category, filename, lineno, line=None):
        text = one_line(message)
        for parameter, option in _OPTIONS.items():
            text = text.replace(parameter, option)
        if text in told:
            return ""
        told.add(text)
        return f"sk-noise2sr: {printable(text if source is None else f'{source}: {text}')}\n"

    before, warnings.formatwarning = warnings.formatwarning, line
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)
            yield
    finally:
        warnings.formatwarning = before
