"""Graded decisions: weights from 0 to 1, so that a small change never flips a result."""

import numpy as np
from numpy.typing import ArrayLike


def graded(values: ArrayLike, ends: tuple[float, float]) -> np.ndarray:
    """Return how far values are on the way from one end to another.

    Parameters
    ----------
    values : array-like of any shape
        The values.
    ends : pair of float
        Where the result is 0, and where it is 1; the first may be the larger one.

    Returns
    -------
    ndarray of the shape of `values`
        From 0 to 1.

    Examples
    --------
    >>> graded([1.0, 2.5, 9.0], (2.0, 3.0))
    array([0. , 0.5, 1. ])
    """
    return np.clip((np.asarray(values) - ends[0]) / (ends[1] - ends[0]), 0, 1)


def surely(squares: float | np.ndarray, errors: float) -> float | np.ndarray:
    """Return how sure it is that a measured value is not 0.

    Parameters
    ----------
    squares : float or ndarray
        Squares of the value over its standard error.
    errors : float
        Number of standard errors that chance explains.

    Returns
    -------
    float or ndarray of the shape of `squares`
        0 up to that number, 3/4 at twice as many, and nearly 1 far above.

    Examples
    --------
    >>> surely(np.array([1.0, 4.0, 16.0]), 2.0)
    array([0.  , 0.  , 0.75])
    """
    return 1 - errors**2 / np.maximum(squares, errors**2)
