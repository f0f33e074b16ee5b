"""What a selector may be given to choose from."""

from collections import Counter

from sklearn.base import clone
from sklearn.model_selection import ParameterGrid


def expand(candidates):
    """Return triples (name, unfitted estimator, point of the grid), names made unique.

    Parameters
    ----------
    candidates : list
        Estimators, pairs (name, estimator) or triples (name, estimator, grid).

    Returns
    -------
    list of tuple
        One triple for each point of each grid.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener
    >>> for name, estimator, point in expand([("a", AdaptiveWiener(), {"window": [3, 5]})]):
    ...     print(name, estimator, point)
    a AdaptiveWiener(window=3) {'window': 3}
    a AdaptiveWiener(window=5) {'window': 5}
    """
    if not len(candidates):
        raise ValueError("Expected at least one candidate, got none.")
    named = [_name(candidate) for candidate in candidates]
    counts, seen, trials = Counter(name for name, _, _ in named), Counter(), []
    for name, estimator, grid in named:
        seen[name] += 1
        unique = f"{name}-{seen[name]}" if counts[name] > 1 else name
        for point in ParameterGrid(grid):
            trials.append((unique, clone(estimator).set_params(**point), point))
    return trials


def _name(candidate):
    """Return (name, estimator, grid) for any of the three ways to write a candidate."""
    if isinstance(candidate, (tuple, list)):
        named = (*candidate, {}) if len(candidate) == 2 else tuple(candidate)
    else:
        named = (type(candidate).__name__.lower(), candidate, {})
    estimator = named[1] if len(named) == 3 else None
    whole = all(hasattr(estimator, method) for method in ("fit", "transform", "get_params"))
    if not (whole and not isinstance(estimator, type) and isinstance(named[0], str)):
        raise ValueError(
            "Expected candidates to be estimators with fit and transform, pairs (name, estimator) "
            f"or triples (name, estimator, grid), got {candidate!r}."
        )
    return named
