"""What docstrings say of values is what constraints of scikit-learn say, and the options obey."""

import argparse
import re

import pytest
from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)

from sk_noise2sr import Training
from sk_noise2sr.cli._kinds import value_of
from sk_noise2sr.cli._methods import find_methods
from sk_noise2sr.cli._source import read_class

CLASSES = [("denoisers", each) for each in find_methods().values()] + [("engine", Training)]
WORDS = ["-1", "0", "1", "2", "3", "100", "0.0", "0.3", "0.5", "1.0", "1.5", "None", "auto"]
WORDS += ["full", "estimate", "compact", "neighbor", "cosine", "rows", "nothing", "1,0.5"]
PARAMETERS = [
    pytest.param(cls, name, words, id=f"{cls.__name__}-{name}")
    for folder, cls in CLASSES
    for name, words in read_class(folder, cls.__name__).parameters.items()
    if not words.is_flag and name != "training"
]


@pytest.mark.parametrize(("cls", "name", "words"), PARAMETERS)
def test_options_take_the_values_that_the_class_takes(cls, name, words):
    parse, constraints = value_of(words.kind, words.text), cls._parameter_constraints
    for word in WORDS:
        try:
            value = parse(word)
        except argparse.ArgumentTypeError:
            value = ...
        assert (value is not ...) == _takes(constraints, name, word), word


def _takes(constraints, name, word):
    value = {"None": None, "1,0.5": (1, 0.5)}.get(word, word)
    if isinstance(value, str) and re.fullmatch(r"[-\d.]+", value):
        value = float(value) if "." in value else int(value)
    try:
        validate_parameter_constraints({name: constraints[name]}, {name: value}, "Method")
    except InvalidParameterError:
        return False
    return True


NAMED = [each for each in PARAMETERS if each.values[2].kind.startswith("name")]


@pytest.mark.parametrize(("cls", "name", "words"), NAMED)
def test_docstrings_quote_all_names_and_no_other(cls, name, words):
    (known,) = (
        each.options for each in cls._parameter_constraints[name] if isinstance(each, StrOptions)
    )
    assert set(re.findall(r'``"(\w+)"``', words.text)) == known


def test_there_are_parameters_of_all_kinds():
    kinds = " ".join(each.values[2].kind for each in PARAMETERS)
    for kind in ("name", "int >= 2", "float > 0", "in [0, 1)", "in (0, 1)", "in [2, 64]"):
        assert kind in kinds


@pytest.mark.parametrize("kind", ["int >= 1", "float > 0", "int in [1, 100000] or None"])
def test_true_is_not_a_number(kind):
    with pytest.raises(argparse.ArgumentTypeError, match="got True"):
        value_of(kind, "")("True")
    assert value_of("bool", "")("True") is True
