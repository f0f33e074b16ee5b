"""Whether an image is of counted electrons: then its noise is white, whatever texture looks like.

Counts are whole numbers whose variance and third moment are their mean. Where a camera spreads each
electron over several pixels, its gain may bring what a high pass leaves to that variance, but not
to that third moment: few large steps are more lopsided than many small ones.
"""

import numpy as np
from scipy.ndimage import correlate

from .._graded import graded
from .._power import HIGH_PASS
from .._strips import sampled
from ._local_mean import local_mean

_PLACE, _QUIET = 16, 0.05  # pixels of a place, and the share of places that are quieter
_PLACES = (slice(_PLACE // 2, None, _PLACE),) * 2
_WHOLE, _MOST = 0.01, 0.9  # steps from a whole number, and the share of pixels that are so near
# Variance of high frequencies in such a place, over that of counts: too weak, or structure.
_WEAK, _STRONG = (0.5, 0.65), (2.0, 1.4)
# By how much third moments may differ from those of counts: in standard errors, and beside.
_LESS, _MORE, _BESIDE = (2.5, 1.5), (4.5, 3.0), 0.25
_UNTOLD = 1.0, 0.5  # standard errors of the moment that tell nothing, and enough
_THIRD = np.sum(HIGH_PASS**3)  # moment of what a high pass leaves of counts, over their mean
_ALIKE = 1.04  # variance of a mean of n third moments of normal noise of variance 1, times n


def step_of_counts(image):
    """Return the intensity of one count, where an image is of whole numbers of them.

    Parameters
    ----------
    image : ndarray of float of shape (height, width)
        The image.

    Returns
    -------
    float
        The step, or 0.

    Examples
    --------
    >>> counts = np.random.default_rng(0).poisson(3.0, (64, 64))
    >>> step_of_counts(0.5 * counts), step_of_counts(counts + 0.1), step_of_counts(counts - 9)
    (0.5, 0.0, 0.0)
    """
    values, numbers = np.unique(sampled(image), return_counts=True)
    values = values[numbers > 1]  # once filled, bad pixels have some values of their own
    if len(values) < 2 or values[0] < 0:
        return 0.0
    steps = np.diff(values)  # rounded in files of float32, so that the least is too small
    step = float(np.ptp(values) / np.rint(steps / steps.min()).sum())
    far = np.abs(image / step - np.rint(image / step))
    return step if np.mean(far < _WHOLE) > _MOST else 0.0


def share_of_counts(image, step):
    """Return how sure it is that an image is of counts, no more strongly textured than they vary.

    Parameters
    ----------
    image : ndarray of float64 of shape (height, width)
        Whole numbers of steps, but for a few pixels.
    step : float
        The intensity of one count.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> electrons = np.random.default_rng(0).poisson(9.0, (128, 128)).astype(float)
    >>> spread = np.rint(30 * gaussian_filter(electrons, 0.65))
    >>> share_of_counts(electrons, 1.0), share_of_counts(spread, 1.0)
    (1.0, 0.0)
    """
    counts = image / step
    passed, mean = correlate(counts, HIGH_PASS, mode="mirror"), local_mean(counts, _PLACE)
    squares, counted = passed**2, mean > 0
    power = local_mean(squares, _PLACE)
    places = counted[_PLACES]
    if not places.any():
        return 0.0
    quiet = np.quantile(power[_PLACES][places] / mean[_PLACES][places], _QUIET)
    strength = np.maximum(power, mean, out=power)
    weights = np.divide(mean, strength**2 * strength, out=np.zeros_like(mean), where=counted)
    information = np.sum(weights * mean)
    expected, error = _THIRD * information, np.sqrt(_ALIKE / information) / _THIRD
    weights *= passed
    cubes = np.sum(weights * squares) / expected
    # Bright detail has more noise, which passes for lopsided. Three times its variance, less the
    # third moment, is twice that moment of counts, and nothing of detail.
    products = np.sum(weights * correlate(counts, HIGH_PASS**2, mode="mirror")) / expected
    more = (cubes - 1) / np.hypot(error, _BESIDE)
    less = ((3 * products - cubes) / 2 - 1) / np.hypot(error / 2, _BESIDE)
    told = graded(error / 2, _UNTOLD)
    share = told * graded(-more, _LESS) * graded(-less, _LESS) * graded(less, _MORE)
    return float(share * graded(quiet, _WEAK) * graded(quiet, _STRONG))
