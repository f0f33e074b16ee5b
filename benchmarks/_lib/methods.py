"""Denoisers by name, with the budgets that they get."""

import inspect

from sk_noise2sr.cli._methods import find_methods

METHODS = find_methods()
BUDGETS = {
    "smoke": ("default", {"epochs": 5, "M": 2}),
    "short": ("default", {}),
    "full": ("paper", {}),
}


def method_class(name):
    """Return the class of a name, or of module:Class."""
    return find_methods(name)[name]


def make_denoiser(task):
    """Make the denoiser of a task; its own randomness has the seed of the noise."""
    preset, changes = BUDGETS[task["budget"]]
    estimator_class = method_class(task["method"])
    return named(estimator_class, preset, task["parameters"], task["seed"], changes)


def named(estimator_class, preset, parameters, seed, changes=()):
    """Make a denoiser of a preset, with a seed where it has one, and parameters.

    Those of the training are named as in ``set_params``, such as ``training__tol``.
    """
    shared = accepted(estimator_class, {"random_state": seed, "verbose": 0, **dict(changes)})
    return estimator_class.from_preset(preset, **shared).set_params(**parameters)


def accepted(estimator_class, parameters):
    """Return the parameters that a class has."""
    names = set(inspect.signature(estimator_class).parameters)
    return {name: v for name, v in parameters.items() if name.partition("__")[0] in names}
