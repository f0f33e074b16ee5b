"""Options of the command line, generated from the signature and docstring of an estimator."""

import argparse
import ast
import inspect

from .._docs import parameter_texts

_UNSET = object()


def add_hyperparameters(parser, estimator_class):
    """Give a parser one option for each hyperparameter.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    estimator_class : type
        An estimator with a numpydoc docstring.
    """
    texts = parameter_texts(estimator_class)
    group = parser.add_argument_group(f"hyperparameters of {estimator_class.__name__}")
    for name, parameter in inspect.signature(estimator_class).parameters.items():
        kind, text = texts[name]
        help_text = f"{text} ({kind})".replace("%", "%%").replace("``", "")
        option = "--" + name.replace("_", "-")
        if isinstance(parameter.default, bool):
            how = {"action": argparse.BooleanOptionalAction}
        else:
            how = {"type": literal, "metavar": "VALUE"}
        group.add_argument(option, dest=name, default=_UNSET, help=help_text, **how)


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
        Values by name.
    """
    names = inspect.signature(estimator_class).parameters
    return {name: value for name in names if (value := getattr(arguments, name)) is not _UNSET}


def literal(text):
    """Return the number or None that a text stands for, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
