"""Detail as Gaussian spots: its width, sums under a spot, and the largest sum by chance."""

import math

import numpy as np
from scipy.ndimage import correlate1d, map_coordinates
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

_REACH = 4  # widths, where a Gaussian is as good as 0


def detail_width(image: np.ndarray, valid: np.ndarray | None = None) -> float:
    """Return the width of the detail of an image, as of Gaussian spots.

    For spots of standard deviation s, the squares of the gradient and of the Laplacian have
    means in the ratio of s**2 to 2.

    Parameters
    ----------
    image : ndarray of float of shape (height, width)
        A denoised image.
    valid : ndarray of bool of shape (height, width) or None, default=None
        Pixels that count; None counts all.

    Returns
    -------
    float
        Pixels, from 1 to a sixteenth of the shorter side.
    """
    if valid is None:
        valid = np.ones(image.shape, bool)
    filled = np.where(valid, image, image[valid].mean())
    below, above, right, left = _beside(filled)
    whole = np.logical_and.reduce([valid, *_beside(valid)])
    slope = np.sum(((below - above) ** 2 + (right - left) ** 2)[whole]) / 4
    bend = np.sum((below + above + right + left - 4 * filled)[whole] ** 2)
    width = np.sqrt(2 * slope / bend) if bend > 0 else 1.0
    return float(np.clip(width, 1.0, max(1.0, min(image.shape) / 16)))


def _beside(image):
    """Return what lies below and above each pixel, and right and left; the border is repeated."""
    padded = np.pad(image, 1, mode="edge")
    return padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2]


def gaussian_kernel(width: float) -> np.ndarray:
    """Return a Gaussian of height 1 along one axis.

    Parameters
    ----------
    width : float
        Its standard deviation, in pixels.

    Returns
    -------
    ndarray of shape (2 * reach + 1,)
        Its values at whole pixels, as far as four widths.
    """
    reach = max(1, math.ceil(_REACH * width))
    return np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * width**2))


def sums_under(
    kernel: np.ndarray, image: np.ndarray, across: np.ndarray | None = None
) -> np.ndarray:
    """Return sums of an image under a kernel at each pixel; beyond the borders there is nothing.

    Parameters
    ----------
    kernel : ndarray of shape (2 * reach + 1,)
        The kernel from row to row, and along them unless `across` is another.
    image : ndarray of float of shape (height, width)
        The image.
    across : ndarray of shape (2 * reach + 1,) or None, default=None
        The kernel from column to column.

    Returns
    -------
    ndarray of shape (height, width)
        The sums.
    """
    for axis, each in enumerate((kernel, kernel if across is None else across)):
        image = correlate1d(image, each, axis=axis, mode="constant")
    return image


def values_at(places: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return the values of an image between its pixels, by cubic splines.

    Parameters
    ----------
    places : ndarray of shape (2, ...)
        Rows and columns.
    image : ndarray of shape (height, width)
        The image; beyond its borders are their values.

    Returns
    -------
    ndarray of shape (...)
        The values.
    """
    return map_coordinates(image, places, order=3, mode="nearest")


def relief(places: np.ndarray, image: np.ndarray, distance: float) -> np.ndarray:
    """Return by how much places exceed their surroundings: 0 on plateaus, ridges and edges.

    Parameters
    ----------
    places : ndarray of shape (2, n)
        Rows and columns.
    image : ndarray of shape (height, width)
        The image.
    distance : float
        Radius of the circle of eight points they are compared with, in pixels.

    Returns
    -------
    ndarray of shape (n,)
        Excess over the highest of these points, at least 0; in the unit of the image.

    Examples
    --------
    >>> y, x = np.mgrid[:9, :9]
    >>> relief(np.array([[4], [4]]), -1.0 * (y - 4) ** 2 - 3.0 * (x - 4) ** 2, 2.0)
    array([4.])
    """
    angles = np.arange(8) * np.pi / 4
    away = distance * np.stack([np.sin(angles), np.cos(angles)])
    around = values_at(places[:, np.newaxis] + away[..., np.newaxis], image)
    return np.maximum(values_at(places, image) - around.max(axis=0), 0)


def largest_by_chance(valid: np.ndarray, width: float, chance: float) -> float:
    """Return the height that the largest ``|z|`` of white noise exceeds with a given chance.

    ``z`` are sums of noise under a Gaussian, in units of their standard deviation. The chance is
    taken for the expected Euler characteristic of the set above the height, of both signs [1]_.

    Parameters
    ----------
    valid : ndarray of bool of shape (height, width)
        Pixels that count.
    width : float
        Standard deviation of the Gaussian, in pixels.
    chance : float
        Between 0 and 1.

    Returns
    -------
    float
        The height, in standard deviations.

    References
    ----------
    .. [1] K. J. Worsley et al., "A unified statistical approach for determining significant
       signals in images of cerebral activation", Human Brain Mapping 4, 58-73, 1996.
    """
    slope = 1 / (math.sqrt(2) * width)  # standard deviation of the gradient of z
    area, half_border = valid.sum() * slope**2, _half_border(valid) * slope

    def excess(t):
        plane = area * t / (2 * math.pi) ** 1.5 + half_border / (2 * math.pi)
        return 2 * (plane * math.exp(-(t**2) / 2) + ndtr(-t)) - chance

    by_field = brentq(excess, 1, 40) if excess(1) > 0 else 1.0
    return float(min(by_field, -ndtri(chance / 2 / valid.sum())))


def _half_border(valid):
    """Return half the length of the border of the valid pixels."""
    inside = np.pad(valid, 1)
    return sum(np.count_nonzero(np.diff(inside, axis=axis)) for axis in (0, 1)) / 2
