"""scikit-learn's checks of parameters; what they decorate keeps its type."""

from collections.abc import Callable
from typing import Any, TypeVar

from sklearn.base import _fit_context
from sklearn.utils._param_validation import validate_params

Function = TypeVar("Function", bound=Callable[..., Any])


def validated(constraints: dict[str, list]) -> Callable[[Function], Function]:
    """Return a decorator that checks parameters of a function by `constraints`."""
    return validate_params(constraints, prefer_skip_nested_validation=True)


def validated_fit(fit: Function) -> Function:
    """Check the parameters of an estimator before it is fitted."""
    return _fit_context(prefer_skip_nested_validation=True)(fit)
