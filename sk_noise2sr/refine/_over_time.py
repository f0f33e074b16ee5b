"""Frames of a movie averaged along the motion: the guide of the filter."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from ..grid import WorkingGrid
from ..movies import moved
from ..noise import Anscombe

_WIDTH = 2.5  # pixels of the grid: standard deviation of the window in which frames are compared
_UNLIKE = 1.0  # squared difference in that window, in units of the noise, for a weight of 1/2


@dataclass(frozen=True, eq=False)
class Around:
    """A frame near another, as the filter of the other uses it.

    Parameters
    ----------
    guide : ndarray of shape (height, width)
        The result of a network for it.
    residual : ndarray of shape (binned height, binned width)
        Its :func:`residual`.
    step : ndarray of shape (2,)
        How far the scene has moved in it, down and to the right, in pixels.
    """

    guide: np.ndarray
    residual: np.ndarray
    step: np.ndarray


def residual(
    image: np.ndarray, guide: np.ndarray, grid: WorkingGrid, anscombe: Anscombe
) -> np.ndarray:
    """Return an image minus its guide, both stabilised, on the grid of a filter.

    Parameters
    ----------
    image, guide : ndarray of shape (height, width)
        The noisy image, and the result of a network.
    grid : WorkingGrid
        The grid.
    anscombe : Anscombe
        Stabilises the noise.

    Returns
    -------
    ndarray of float32 of shape (binned height, binned width)
        The stabilised noise, and what the guide lacks.
    """
    both = grid.prepare(np.stack([image, guide]), anscombe.transform)
    return both[0] - both[1]


def along_time(
    guide: np.ndarray,
    neighbours: Iterable[Around],
    deviation: np.ndarray,
    factors: tuple[float, float],
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Average the guides of a movie along its motion, where they show the same.

    The weight of a neighbour falls with the squared difference in a window, in units of the noise
    of one frame: it is a half where the difference has a detectability of 1. So errors of guides,
    which differ from frame to frame, are averaged, and an event stays in its frame.

    Parameters
    ----------
    guide : ndarray of shape (height, width)
        The result of a network for a frame.
    neighbours : iterable of Around
        Frames around it.
    deviation : ndarray of shape (height, width)
        Standard deviation of the noise of each pixel.
    factors : pair of float
        Factors of the grid of the filter.

    Returns
    -------
    guide : ndarray of shape (height, width)
        The mean.
    residuals : list of ndarray
        Those of the neighbours, moved back by whole pixels of the grid, so that noise stays white.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> guides = rng.normal(0, 0.05, (5, 64, 64))
    >>> guides[0, 20:30, 20:30] += 4
    >>> around = [Around(each, each[::2, ::2], np.zeros(2)) for each in guides[1:]]
    >>> steady, _ = along_time(guides[0], around, np.ones((64, 64)), (1, 1))
    >>> print(f"{steady[22:28, 22:28].mean():.1f} {steady[:, 45:].std():.2f}")
    4.0 0.02
    """
    total, weights, residuals = guide.astype(float), np.ones(guide.shape), []
    for neighbour in neighbours:
        other = moved(neighbour.guide, neighbour.step)
        weight = _weight((other - guide) / deviation, factors)
        total += weight * other
        weights += weight
        residuals.append(moved(neighbour.residual, np.rint(np.divide(neighbour.step, factors))))
    return (total / weights).astype(guide.dtype), residuals


def _weight(difference, factors):
    widths = _WIDTH * np.asarray(factors)
    power = 2 * np.pi * widths.prod() * gaussian_filter(difference**2, widths, truncate=3)
    return 1 / (1 + (power / _UNLIKE) ** 2)
