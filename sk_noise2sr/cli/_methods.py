"""Denoisers by the names that the command line gives them."""

import importlib
import inspect
import os
import sys
from importlib.metadata import entry_points

from .._words import one_line
from ._parser import did_you_mean
from ._say import complain
from ._source import describe_class, read_class

_GROUP = "sk_noise2sr.denoisers"


def method_names(*words):
    """Return the names of all denoisers, as :func:`find_methods` has them, and load none."""
    from .. import denoisers

    announced = (entry.name for entry in entry_points(group=_GROUP))
    names = {name.lower() for name in (*denoisers.__all__, *announced)}
    return [*sorted(names), *(word for word in words if ":" in word)]


def find_methods(*words):
    """Find all denoisers: those of the package, of installed packages, and those that are named.

    A package announces its own in the group of entry points ``sk_noise2sr.denoisers``.

    Parameters
    ----------
    *words : str
        What may be names; ``module:Class`` is imported from the folder one stands in, or from
        what is installed.

    Returns
    -------
    dict of str to type
        Classes by their names in lower case, in alphabetical order, then those of `words`.

    Raises
    ------
    ValueError
        If a ``module:Class`` cannot be imported, or is no denoiser.
    """
    from .. import denoisers

    found = _announced() | {name.lower(): getattr(denoisers, name) for name in denoisers.__all__}
    own = {word: _imported(*word.split(":", 1), word) for word in words if ":" in word}
    return {name: found[name] for name in sorted(found)} | own


def find_method(word):
    """Find one denoiser by its name; of the package's, no other is loaded.

    Parameters
    ----------
    word : str
        As in :func:`find_methods`, in upper or lower case.

    Returns
    -------
    type
        The class.

    Raises
    ------
    ValueError
        If it is not known, or a ``module:Class`` cannot be imported, or is no denoiser.
    """
    from .. import denoisers

    name = word if ":" in word else word.lower()
    own = next((each for each in denoisers.__all__ if each.lower() == name), None)
    if own is not None:
        return getattr(denoisers, own)
    methods = find_methods(word)
    if name not in methods:
        raise ValueError(f"unknown method {word!r}{did_you_mean(name, methods)}")
    return methods[name]


def _announced():
    """Return the denoisers of other packages; one that fails is told, and left out."""
    found = {}
    for entry in entry_points(group=_GROUP):
        try:
            found[entry.name.lower()] = _imported(entry.module, entry.attr, entry.value)
        except ValueError as error:
            complain(f"the method {entry.name} is left out: {error}")
    return found


def _imported(module, name, word):
    from ..base import BaseDenoiser

    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        member = getattr(importlib.import_module(module), name)
    except Exception as error:  # whatever a module of someone else raises
        raise ValueError(f"{word} cannot be imported: {one_line(error)}") from error
    if not (inspect.isclass(member) and issubclass(member, BaseDenoiser)):
        raise ValueError(f"{word} is no class derived from sk_noise2sr.base.BaseDenoiser")
    return member


def takes_neighbours(estimator_class):
    """Return whether the next frame of a still movie will do as target: it may be noisy."""
    from ..denoisers import Noise2Noise

    return issubclass(estimator_class, Noise2Noise)


def make_denoiser(estimator_class, preset="default", **parameters):
    """Make a denoiser with those of the parameters that it has, and check their values."""
    names = inspect.signature(estimator_class).parameters
    known = {name: value for name, value in parameters.items() if name in names}
    denoiser = estimator_class.from_preset(preset, **known)
    denoiser._validate_params()
    return denoiser


def describe_methods(*words):
    """Return what is known of all denoisers, by their names; of the package's, none is loaded.

    Parameters
    ----------
    *words : str
        As in :func:`find_methods`.

    Returns
    -------
    dict of str to Described
        Those that can be loaded, if they have to.
    """
    described = {name: read_class("denoisers", name) for name in method_names(*words)}
    if None in described.values():
        found = find_methods(*words)
        described = {
            name: own or describe_class(found[name])
            for name, own in described.items()
            if own or name in found
        }
    return described


def list_methods(*words):
    """Return a list of the denoisers for a help text, each with its first sentence."""
    methods = describe_methods(*words)
    width = max(map(len, methods)) + 2
    lines = [
        f"  {name:<{width}}{method.summary}{' Needs --target.' * method.needs_target}"
        for name, method in methods.items()
    ]
    return "\n".join(["methods:", *lines])
