"""Options of the command line, made of the signature and the docstring of an estimator."""

import argparse
import inspect
import re

from ._kinds import literal, value_of
from ._source import read_class

_UNSET = object()
_TRAINING = "training__"  # scikit-learn's spelling of a parameter of a parameter
_METAVARS = {
    "int": "INT",
    "float": "NUMBER",
    "name": "NAME",
    "str": "TEXT",
    "tuple of two float": "NUMBER,NUMBER",
}


def add_hyperparameters(parser, method, checked):
    """Give a parser one option for each hyperparameter.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    method : Described
        What the method takes.
    checked : bool
        Whether values are refused that are not of the kinds that the docstring names.
    """
    group = parser.add_argument_group(f"hyperparameters of {method.name}")
    for name, words in method.parameters.items():
        if name != "training":
            _add_option(group, name, words, checked)
    if "training" in method.parameters:
        training = parser.add_argument_group("settings of the training")
        for name, words in read_class("engine", "Training").parameters.items():
            _add_option(training, _TRAINING + name, words, checked=True)


def _add_option(group, name, words, checked):
    is_flag, kind, text = words
    how = {"action": argparse.BooleanOptionalAction}
    if not is_flag:
        how = {"type": value_of(kind, text) if checked else literal, "metavar": _metavar(kind)}
    option = "--" + name.removeprefix(_TRAINING).replace("_", "-")
    shown = f"{text} ({kind})".replace("%", "%%").replace("``", "")
    group.add_argument(option, dest=name, default=_UNSET, help=shown, **how)


def _metavar(kind):
    """Return a word for the values of a parameter, such as ``auto|NUMBER``."""
    known = r'"\w+"|tuple of two float|int|float|name|str'
    words = re.findall(known, kind.partition(", default=")[0])
    return "|".join(_METAVARS.get(word, word.strip('"')) for word in words)


def given_hyperparameters(arguments, estimator_class):
    """Return the hyperparameters that the user has named.

    Parameters
    ----------
    arguments : argparse.Namespace
        What was parsed.
    estimator_class : type
        The estimator of :func:`add_hyperparameters`.

    Returns
    -------
    dict
        Values by name; ``training__`` stands before the names of settings of the training.
    """
    given = {name: value for name, value in vars(arguments).items() if value is not _UNSET}
    names = inspect.signature(estimator_class).parameters
    return {
        name: value
        for name, value in given.items()
        if name in names or (name.startswith(_TRAINING) and "training" in names)
    }
