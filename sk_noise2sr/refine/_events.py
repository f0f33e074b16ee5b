"""Events that only one frame of a movie shows: found in its residual, and put back."""

import math
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter
from scipy.special import expit

from ..grid import NORMAL_MEDIAN

_SCALES = (1.0, 1.5)  # standard deviations of a column, in pixels of the grid
_RARE = 0.01  # about the share of frames in which noise is taken for an event
_REACH = 3.0  # scales: how far around its middle an event reaches
_BORDER = 2  # pixels of the grid: how far kinks at a border reach


def with_the_rest(image, refined, guide, grid, anscombe):
    """Return a refined frame plus its events, and plus sharp detail of the guide at its borders."""
    grid, dtype = replace(grid, offset=0.0, scale=1.0), refined.dtype
    deviation = anscombe.deviation(refined).astype(dtype)
    residual = grid.prepare((image - refined) / deviation)
    events = grid.restore(chance_of_event(residual) * residual, image.shape, dtype)
    # Continued as in a mirror, a frame has kinks at its borders, too sharp for the grid.
    beyond = guide - grid.restore(grid.prepare(guide), image.shape, dtype)
    beyond *= _near_border(image.shape, grid.factors)
    return refined + deviation * events + beyond


def chance_of_event(residual):
    """Return the probability that a place shows more than noise.

    In the residual, a column that comes or goes is a blob, and one that hops is the derivative of a
    blob. Under noise alone, the squared correlation with these is a chi-square of one and two
    degrees of freedom. The likelihood ratio of the most likely event is compared with prior odds at
    which noise passes for an event in few frames.

    Parameters
    ----------
    residual : ndarray of shape (height, width)
        A frame minus its result, with noise of equal strength everywhere; of any unit.

    Returns
    -------
    ndarray of shape (height, width)
        From 0 to 1; all pixels that an event covers have its probability.

    Examples
    --------
    >>> residual = np.random.default_rng(0).normal(size=(64, 64))
    >>> residual[20:23, 30:33] += 3
    >>> chance = chance_of_event(residual)
    >>> print(f"{chance[21, 31]:.2f} {np.median(chance):.2f}")
    1.00 0.00
    """
    return np.max([_chance(residual, scale) for scale in _SCALES], axis=0)


def _chance(residual, scale):
    blob, down, right = (_correlation(residual, scale, order) for order in ((0, 0), (1, 0), (0, 1)))
    likelihood = np.maximum(_likelihood(blob**2, 1), _likelihood(down**2 + right**2, 2))
    odds = likelihood - math.log(residual.size / _RARE)
    return maximum_filter(expit(odds), 2 * round(_REACH * scale) + 1)


def _correlation(residual, scale, order):
    """Return the correlation with a Gaussian or a derivative, in standard deviations of noise."""
    correlation = gaussian_filter(residual, scale, order)
    # Known for white noise; smooth noise has more.
    spread = max(_spread(residual) * _norm(scale, order), _spread(correlation))
    return correlation / max(spread, np.finfo(correlation.dtype).tiny)


def _spread(values):
    return np.median(np.abs(values)) / NORMAL_MEDIAN


def _norm(scale, order):
    """Return the factor by which a filter changes the deviation of white noise."""
    side = 2 * math.ceil(4 * scale) + 1
    point = np.zeros((side, side))
    point[side // 2, side // 2] = 1
    return math.sqrt(np.sum(gaussian_filter(point, scale, order, mode="constant") ** 2))


def _likelihood(square, degrees):
    """Return the logarithm of the likelihood ratio of the most likely stronger chi-square."""
    ratio = np.maximum(square / degrees, 1)
    return degrees / 2 * (ratio - 1 - np.log(ratio))


def _near_border(shape, factors):
    """Return 1 at the borders of an image, falling to 0 within a few pixels of the grid."""
    falls = []
    for side, factor in zip(shape, factors, strict=True):
        distance = np.arange(side)
        falls.append(np.minimum(distance, distance[::-1]) / (_BORDER * factor))
    return np.exp(-np.minimum(falls[0][:, np.newaxis], falls[1])).astype(np.float32)
