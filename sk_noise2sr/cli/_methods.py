"""Denoisers by the names that the command line gives them."""

import inspect


def method_names():
    """Return the names of all denoisers in alphabetical order; this loads none of them."""
    from .. import denoisers

    return sorted(map(str.lower, denoisers.__all__))


def find_methods():
    """Find all denoisers.

    Returns
    -------
    dict of str to type
        Classes by their names in lower case, in alphabetical order.
    """
    from .. import denoisers

    members = {name.lower(): getattr(denoisers, name) for name in denoisers.__all__}
    return {name: members[name] for name in method_names()}


def needs_target(estimator_class):
    """Return whether a denoiser learns from pairs of images."""
    return getattr(estimator_class, "_needs_target", False)


def takes_neighbours(estimator_class):
    """Return whether the next frame of a still movie will do as target: it may be noisy."""
    from ..denoisers import Noise2Noise

    return issubclass(estimator_class, Noise2Noise)


def make_denoiser(estimator_class, **parameters):
    """Make a denoiser with those of the parameters that it has, and check their values."""
    names = inspect.signature(estimator_class).parameters
    known = {name: value for name, value in parameters.items() if name in names}
    denoiser = estimator_class(**known)
    denoiser._validate_params()
    return denoiser


def describe_methods():
    """Return a list of the denoisers for a help text, each with its first sentence."""
    methods = find_methods()
    width = max(map(len, methods)) + 2
    lines = []
    for name, estimator_class in methods.items():
        first = (inspect.getdoc(estimator_class) or "").partition("\n")[0]
        target = " Needs --target." if needs_target(estimator_class) else ""
        lines.append(f"  {name:<{width}}{first}{target}")
    return "\n".join(["methods:", *lines])
