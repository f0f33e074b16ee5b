"""Means of places, which are 0 where there is nothing."""

import numpy as np
from scipy.ndimage import uniform_filter

_ROUNDING = 1e-12  # of the largest value


def local_mean(values: np.ndarray, side: int) -> np.ndarray:
    """Return the mean of a square about each pixel.

    SciPy adds and takes off values along a row, so that rounding leaves a rest in empty places.
    Divided by one another, such rests would pass for signal and noise.

    Parameters
    ----------
    values : ndarray of float of shape (height, width)
        An image.
    side : int
        Side of the square, in pixels.

    Returns
    -------
    ndarray of float of shape (height, width)
        The means.

    Examples
    --------
    >>> values = np.zeros((4, 64))
    >>> values[:, :9] = 0.1
    >>> bool(uniform_filter(values, 16)[0, -1] == 0), bool(local_mean(values, 16)[0, -1] == 0)
    (False, True)
    """
    means = uniform_filter(values, side)
    means[np.abs(means) < _ROUNDING * np.abs(values).max()] = 0
    return means
