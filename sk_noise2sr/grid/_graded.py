"""Decisions that degrade gently."""

import numpy as np
from numpy.typing import ArrayLike


def graded(values: ArrayLike, ends: tuple[float, float]) -> np.ndarray:
    """Return how far values are between two ends.

    Parameters
    ----------
    values : array-like of any shape
        What decides.
    ends : pair of float
        Where nothing speaks for it, and where all does; the first may be the larger one.

    Returns
    -------
    ndarray of the shape of `values`
        From 0 at the first to 1 at the second, and no farther.

    Examples
    --------
    >>> graded([1.0, 2.5, 9.0], (2.0, 3.0))
    array([0. , 0.5, 1. ])
    """
    return np.clip((np.asarray(values) - ends[0]) / (ends[1] - ends[0]), 0, 1)


def surely(squares, errors):
    """Return how sure it is that what was measured is not 0.

    Parameters
    ----------
    squares : float or ndarray
        Squares of it, in units of its standard error.
    errors : float
        Standard errors that say nothing.

    Returns
    -------
    float or ndarray of the shape of `squares`
        0 up to so many, 3/4 at twice as many, and nearly 1 far beyond.

    Examples
    --------
    >>> surely(np.array([1.0, 4.0, 16.0]), 2.0)
    array([0.  , 0.  , 0.75])
    """
    return 1 - errors**2 / np.maximum(squares, errors**2)
