"""Options of the command line, generated from the signature and docstring of an estimator."""

import argparse
import ast
import inspect
import re

from .._docs import parameter_texts
from ._source import read_words

_UNSET = object()
_TRAINING = "training__"  # scikit-learn's spelling of a parameter of a parameter
_METAVARS = {"int": "INT", "float": "NUMBER", "str": "TEXT", "tuple of two float": "NUMBER,NUMBER"}


def add_hyperparameters(parser, estimator_class):
    """Give a parser one option for each hyperparameter.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    estimator_class : type
        An estimator with a numpydoc docstring.
    """
    group = parser.add_argument_group(f"hyperparameters of {estimator_class.__name__}")
    parameters = inspect.signature(estimator_class).parameters
    _add_options(group, estimator_class, "", set(parameters) - {"training"})
    if "training" in parameters:
        from ..engine import Training

        training = parser.add_argument_group("settings of the training")
        _add_options(training, Training, _TRAINING, set(inspect.signature(Training).parameters))


def add_hyperparameter_names(parser, names):
    """Give a parser the same options without their help, for which nothing has to be loaded.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    names : dict of str to bool
        The parameters of the estimator, and whether a parameter is a flag.
    """
    settings = read_words("engine", "Training")[0] if "training" in names else {}
    for prefix, flags in (("", names), (_TRAINING, settings)):
        for name, flag in flags.items():
            if name != "training":
                _add_option(parser, prefix, name, flag)


def _add_option(parser, prefix, name, flag, **shown):
    how = {"action": argparse.BooleanOptionalAction} if flag else {"type": literal}
    option = "--" + name.replace("_", "-")
    parser.add_argument(option, dest=prefix + name, default=_UNSET, **how, **shown)


def _add_options(group, estimator_class, prefix, names):
    """Give a group one option for each of the named parameters of a class."""
    texts = parameter_texts(estimator_class)
    for name, parameter in inspect.signature(estimator_class).parameters.items():
        if name not in names:
            continue
        kind, text = texts.get(name, ("object", "Not described."))
        shown = {"help": f"{text} ({kind})".replace("%", "%%").replace("``", "")}
        flag = isinstance(parameter.default, bool)
        if not flag:
            shown["metavar"] = _metavar(kind)
        _add_option(group, prefix, name, flag, **shown)


def _metavar(kind):
    """Return a word for the values of a parameter, such as ``auto|NUMBER``."""
    words = re.findall(r'"\w+"|tuple of two float|int|float|str', kind.partition(", default=")[0])
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


def literal(text):
    """Return the number or None that a text stands for, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
