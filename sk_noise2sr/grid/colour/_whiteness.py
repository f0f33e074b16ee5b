"""Whether noise of known strength is white: then high frequencies show all of its variance."""

import numpy as np
from scipy.ndimage import uniform_filter

from .._graded import graded
from .._power import high_pass

_BLOCK, _QUIET = 16, 0.2  # pixels of a place, and the share of places that are quieter
# Share of the variance that passes a high pass in such a place: 0.7 or more of white noise, less
# than 0.5 of pink noise.
_PASSED = 0.5, 0.7


def whiteness(image, variance_at):
    """Return how far noise of known strength is white.

    Structure adds to high frequencies, so only quiet places are used.

    Parameters
    ----------
    image : ndarray of float64 of shape (height, width)
        The noisy image.
    variance_at : callable
        Maps intensities to the variance of the noise, all of it.

    Returns
    -------
    float
        From 0, where neighbours share noise, to 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> whiteness(noise, np.ones_like), whiteness(uniform_filter(noise, 2), lambda x: x**0 / 4)
    (1.0, 0.0)
    """
    passed = high_pass(image) ** 2
    passed, means = (
        uniform_filter(each, _BLOCK)[_BLOCK // 2 :: _BLOCK, _BLOCK // 2 :: _BLOCK]
        for each in (passed, image)
    )
    expected = np.maximum(variance_at(means), np.finfo(float).tiny)
    return float(graded(np.quantile(passed / expected, _QUIET), _PASSED))
