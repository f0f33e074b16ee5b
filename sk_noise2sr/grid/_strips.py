"""Large images a few rows at a time, so that intermediate arrays stay small."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .._checks import as_stack

_PIXELS = 2**17


def strips(shape: tuple[int, ...], n_pixels: int = _PIXELS) -> Iterator[slice]:
    """Yield slices of rows that cover an image.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    n_pixels : int, default=131072
        Pixels of a strip, about.

    Yields
    ------
    slice
        The next rows.

    Examples
    --------
    >>> list(strips((300, 1024)))
    [slice(0, 128, None), slice(128, 256, None), slice(256, 384, None)]
    """
    height, width = shape
    rows = max(1, n_pixels // max(width, 1))
    for top in range(0, height, rows):
        yield slice(top, top + rows)


def map_strips(function: Callable[..., Any], image: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """Apply a function of single pixels.

    Parameters
    ----------
    function : callable
        Maps rows to rows.
    image : ndarray of shape (height, width)
        The image.
    dtype : dtype
        Type of the result.

    Returns
    -------
    ndarray of shape (height, width)
        The results for all rows.

    Examples
    --------
    >>> map_strips(np.sqrt, np.array([[4, 9]]), np.float32)
    array([[2., 3.]], dtype=float32)
    """
    result = np.empty(image.shape, dtype)
    for rows in strips(image.shape):
        result[rows] = function(image[rows])
    return result


def root_mean_square(image: np.ndarray, offset: float = 0.0) -> float:
    """Return the root mean square distance of pixels from an offset.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image, of any real type.
    offset : float, default=0.0
        The offset; with the mean, the result is the standard deviation.

    Returns
    -------
    float
        The root of the mean of the squares, summed up in double precision.

    Examples
    --------
    >>> root_mean_square(np.array([[1, 7]]), offset=4.0)
    3.0
    """
    total = 0.0
    for rows in strips(image.shape):
        differences = np.subtract(image[rows], offset, dtype=np.float64)
        total += float(np.vdot(differences, differences))
    return math.sqrt(total / image.size)


def mean_of(function: Callable[..., Any], image: np.ndarray) -> float:
    """Return the mean of a function of single pixels.

    Parameters
    ----------
    function : callable
        Maps rows to rows.
    image : ndarray of shape (height, width)
        The image.

    Returns
    -------
    float
        Summed up in double precision.

    Examples
    --------
    >>> mean_of(np.sqrt, np.array([[4, 9]]))
    2.5
    """
    parts = (np.sum(function(image[rows]), dtype=np.float64) for rows in strips(image.shape))
    return float(sum(parts) / image.size)


def moments(images: np.ndarray) -> tuple[float, float]:
    """Return the mean and the standard deviation of one image, or of all images of a stack.

    Parameters
    ----------
    images : ndarray of shape (height, width) or (n, height, width)
        Images of any real type.

    Returns
    -------
    mean, deviation : float
        Summed up in double precision.

    Examples
    --------
    >>> moments(np.array([[1, 7]]))
    (4.0, 3.0)
    """
    stack = as_stack(images)
    mean = float(stack.mean(dtype=np.float64))
    return mean, math.sqrt(np.mean([root_mean_square(image, mean) ** 2 for image in stack]))


def sampled(values: np.ndarray) -> np.ndarray:
    """Return some of many values, spread evenly: enough to estimate a quantile.

    Parameters
    ----------
    values : ndarray
        Any values.

    Returns
    -------
    ndarray of shape (n,)
        All of them, or at most 2**17.

    Examples
    --------
    >>> sampled(np.zeros((1000, 1000))).shape
    (125000,)
    """
    values = values.ravel()
    return values[:: 1 + values.size // _PIXELS]
