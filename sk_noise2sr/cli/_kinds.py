"""Values of options, and whether they are of the kind that a docstring names."""

import argparse
import ast
import re
from numbers import Integral, Real

from ._parser import did_you_mean

_ALTERNATIVES = re.compile(
    r"""
    "(?P<word>\w+)"
    | \b(?P<type>name|bool|str|None|tuple\ of\ two\ float|int|float)\b
      (?:\ (?P<sign>>=?)\ (?P<least>[\d.]+))?
      (?:\ in\ (?P<left>[(\[])(?P<low>[\d.]+),\ (?P<high>[\d.]+)(?P<right>[)\]]))?
    """,
    re.VERBOSE,
)
_TYPES = {"int": Integral, "float": Real, "bool": bool, "str": str, "None": type(None)}


def literal(text):
    """Return the number or None that a text stands for, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def value_of(kind, text):
    """Return a type for argparse: the value that a word stands for, if it is of a kind.

    Parameters
    ----------
    kind : str
        The type of a parameter in a numpydoc docstring, such as ``"auto" or float >= 1``.
    text : str
        The description of the parameter. Where the type is ``name``, it quotes all names.

    Returns
    -------
    callable
        Turns a word into a value, or raises with what was expected.

    Examples
    --------
    >>> parse = value_of('"auto" or float >= 1, default="auto"', "")
    >>> parse("auto"), parse("2.5")
    ('auto', 2.5)
    >>> parse("0.5")
    Traceback (most recent call last):
    ...
    argparse.ArgumentTypeError: expected "auto" or float >= 1, got 0.5
    """
    expected = kind.partition(", default=")[0]
    names = list(dict.fromkeys(re.findall(r'``"(\w+)"``', text)))

    def parse(word):
        value = literal(word)
        admitted = _ALTERNATIVES.finditer(expected)
        if any(_is_of(value, alternative, names) for alternative in admitted):
            return value
        wanted = re.sub(r"\bname\b", f"one of {', '.join(names)}", expected)
        hint = did_you_mean(word, names) if "name" in expected else ""
        raise argparse.ArgumentTypeError(f"expected {wanted}, got {word}{hint}")

    return parse


def _is_of(value, alternative, names):
    """Return whether a value is what one alternative of a kind says."""
    kind = alternative["type"]
    if kind is None:
        return value == alternative["word"]
    if kind == "name":
        return value in names
    if kind == "tuple of two float":
        return isinstance(value, tuple | list) and len(value) == 2
    if isinstance(value, bool) and kind != "bool":  # to Python, True is the number 1
        return False
    return isinstance(value, _TYPES[kind]) and _lies_in(value, alternative)


def _lies_in(value, bounds):
    """Return whether a value lies in the range of an alternative, if that has one."""
    if bounds["sign"]:
        least = float(bounds["least"])
        return value > least or (bounds["sign"] == ">=" and value == least)
    if bounds["left"]:
        low, high = float(bounds["low"]), float(bounds["high"])
        at_end = (bounds["left"] == "[" and value == low) or (
            bounds["right"] == "]" and value == high
        )
        return low < value < high or at_end
    return True
