"""The parser of all commands: a help of one screen, and a hint where a word is misspelt."""

import argparse
import difflib
import os
import re
from functools import partial

from .._words import printable

_WIDTH = 99


class Parser(argparse.ArgumentParser):
    """Takes no abbreviations, shows what is used every day, and the rest with ``--help-all``.

    Parameters
    ----------
    **options : object
        Those of :class:`argparse.ArgumentParser`.
    """

    def __init__(self, **options):
        super().__init__(
            formatter_class=partial(
                argparse.RawDescriptionHelpFormatter, max_help_position=30, width=_WIDTH
            ),
            allow_abbrev=False,
            **options,
        )
        self.everyday = None

    def show_everyday(self, *names, usage, note):
        """Keep all options but a few for ``--help-all``.

        Parameters
        ----------
        *names : str
            The options of the short help, as the namespace has them.
        usage : str
            What stands behind the name of the program.
        note : str
            The end of the short help.
        """
        self.everyday, self.note = {"help", "help_all", *names}, note
        self.usage = f"%(prog)s {usage}"
        self.add_argument("--help-all", action=_HelpAll, help="show all options and all methods")

    def format_help(self):
        """Return the help: the short one, where there is one."""
        if self.everyday is None and callable(self.epilog):  # it may take seconds to tell
            self.epilog = self.epilog()
        if self.everyday is not None:
            self.epilog = self.note
            for action in self._actions:
                known = action.dest.rpartition("__")[2] in self.everyday
                action.help = _first_sentence(action.help) if known else argparse.SUPPRESS
        return super().format_help()

    def error(self, message):
        """End the program with a message; names of files in it may hold control characters."""
        super().error(printable(message))

    def parse_known_args(self, args=None, namespace=None):
        """Parse all words; what is left over is an error of this parser."""
        namespace, rest = super().parse_known_args(args, namespace)
        if rest:
            word = next((word for word in rest if word.startswith("-")), rest[0]).partition("=")[0]
            if not word.startswith("-"):
                self.error(f"{word!r} is one word too many")
            listed = "" if self.everyday is None else f"; {self.prog} --help-all lists all"
            is_file = f"; the file of that name is ./{word}" if os.path.exists(word) else ""
            hint = is_file or did_you_mean(word, self._option_string_actions) or listed
            self.error(f"unknown option {word}{hint}")
        return namespace, rest


class _HelpAll(argparse.Action):
    """Print the help with all options."""

    def __init__(self, option_strings, dest, help):
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser, *arguments):
        """Print and end."""
        parser.everyday = None
        parser.print_help()
        parser.exit()


def _first_sentence(text):
    """Return the first sentence of a help text, and the type at its end."""
    head, _, rest = text.partition(". ")
    return " ".join([head, *re.findall(r"\([^()]*\)$", rest)])


def did_you_mean(word, known):
    """Return the end of a sentence about a word that is not known, empty if none is like it.

    Parameters
    ----------
    word : str
        What was typed.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str
        Begins with a semicolon.

    Examples
    --------
    >>> did_you_mean("vstbm3", ["noise2sr", "vstbm3d"])
    '; did you mean vstbm3d?'
    >>> did_you_mean("sharpen", ["noise2sr", "vstbm3d"])
    ''
    """
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def one_of(kind, names):
    """Return a type for argparse: one of some names, in upper or lower case.

    Parameters
    ----------
    kind : str
        What they are the names of.
    names : iterable of str
        In lower case; one that has capitals is taken as it stands.

    Returns
    -------
    callable
        Turns a word into the name, or raises with a suggestion.
    """

    def parse(word):
        if word in names:
            return word
        if word.lower() in names:
            return word.lower()
        hint = did_you_mean(word.lower(), names) or f"; known are {', '.join(names)}"
        raise argparse.ArgumentTypeError(f"unknown {kind} {word!r}{hint}")

    return parse


def crop(text):
    """Return the slices of rows and columns that ``Y0:Y1,X0:X1`` stands for.

    Parameters
    ----------
    text : str
        An end that is left out is that of the image.

    Returns
    -------
    tuple of two slice
        Rows and columns.

    Examples
    --------
    >>> crop("0:256,128:")
    (slice(0, 256, None), slice(128, None, None))
    """
    sides = re.fullmatch(r"(\d*):(\d*),(\d*):(\d*)", text.replace(" ", ""))
    if sides is None:
        raise argparse.ArgumentTypeError(f"expected Y0:Y1,X0:X1, such as 0:256,0:256, got {text!r}")
    y0, y1, x0, x1 = (int(side) if side else None for side in sides.groups())
    return slice(y0, y1), slice(x0, x1)


def whole(text, least=0):
    """Return the whole number, of at least `least`, that a text stands for."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of {least} or more, got {text!r}"
        )
    return int(text)


def count(text):
    """Return the whole number of 1 or more that a text stands for."""
    return whole(text, least=1)
