"""The strength of the noise of a stabilised image, measured after a high pass."""

import math

import numpy as np
from scipy.ndimage import gaussian_filter

from ..grid import bin_images, graded, high_pass, map_strips, root_mean_square

_COUNTED = 30  # counts from which their number at a place is taken
_NEAREST, _FARTHEST = 1.0, 24.0  # pixels: the width of the place
_ONE_COUNT = 1.25  # variance that the first count adds once it is stabilised
_MANY = 0.95  # deviations above this everywhere are as good as 1
# Counts on a pixel of the grid below which a single one stands out, whatever the deviation is.
_ALONE, _SUMMED = 0.03, 0.13
_HALF_NORMAL = 1.0  # counts on a pixel of the grid


def normal_share(image, anscombe, binning):
    """Return how far sums of counts on a pixel of the grid are normal, from 0 to 1.

    Parameters
    ----------
    image : ndarray of any shape
        Noisy images.
    anscombe : Anscombe
        Stabilises their noise.
    binning : float
        By what the grid is coarser.

    Returns
    -------
    float
        Half at one count.
    """
    counts = mean_counts(image, anscombe) * binning**2
    return 1 / (1 + (_HALF_NORMAL / counts) ** 2)


def mean_counts(image, anscombe):
    """Return the mean counts a pixel, those of the read-out included; infinite for normal noise."""
    if anscombe.a == 0:
        return math.inf
    mean = float(anscombe.variance(image.mean(dtype=np.float64))) / anscombe.a**2
    return max(mean, np.finfo(float).tiny)


def noise_level(stabilized, image, anscombe, grid):
    """Return the deviation of stabilised noise before binning: 1, but less where few are counted.

    Without binning, single counts stand out: a threshold by their small deviation would keep them.
    The means that binning takes are close to normal.

    Parameters
    ----------
    stabilized, image : ndarray of shape (height, width)
        The noisy image, stabilised and as it came.
    anscombe : Anscombe
        What has stabilised it.
    grid : WorkingGrid
        How it will be binned.

    Returns
    -------
    float or ndarray of shape (binned height, binned width)
        The deviation.
    """
    if grid.binning == 1:
        return 1.0
    level = min(1.0, root_mean_square(high_pass(stabilized)))
    if anscombe.a == 0:
        return level
    counts = _counts(image, anscombe, grid)
    deviations = np.sqrt(1 - np.exp(-_ONE_COUNT * counts))
    if deviations.min() > _MANY:
        return level
    deviations = np.minimum(deviations * (level / root_mean_square(deviations)), 1)
    summed = graded(counts * grid.binning**2, (_ALONE, _SUMMED))
    return (1 + summed * (deviations - 1)).astype(stabilized.dtype)


def _counts(image, anscombe, grid):
    """Return the expected counts a pixel, those of the read-out included, on the grid."""
    width = math.sqrt(_COUNTED / (4 * math.pi * mean_counts(image, anscombe)))
    width = min(max(width, _NEAREST), _FARTHEST)
    binned = bin_images(image.astype(np.result_type(image.dtype, np.float32)), grid.factors)
    around = gaussian_filter(binned, [width / factor for factor in grid.factors])
    missed = 1 / (4 * math.pi * width**2)  # perhaps, where none is seen
    return map_strips(lambda rows: anscombe.variance(rows) / anscombe.a**2 + missed, around, "f4")


def noise_left(before, after):
    """Return the deviation of the noise of a mean of frames, over that of one frame.

    A mean of n independent frames has one over the root of n; frames of a camera with lag share
    noise, and their mean has more.
    """
    tiny = np.finfo(np.float32).tiny
    return root_mean_square(high_pass(after)) / max(root_mean_square(high_pass(before)), tiny)
