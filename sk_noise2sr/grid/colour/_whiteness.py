"""Whether noise of known strength is white: then high frequencies show all of its variance."""

from collections.abc import Callable

import numpy as np

from ..._middle import middle_of
from .._graded import graded
from .._power import high_pass
from ..mask._bad_pixels import fill_outliers
from ._counts import share_of_counts, step_of_counts
from ._local_mean import local_mean

LOOKED_AT = 1024  # side of what is looked at
_BLOCK, _QUIET = 16, 0.2  # pixels of a place, and the share of places that are quieter
# Share of the variance that passes a high pass in such a place: 0.7 or more of white noise, less
# than 0.5 of pink noise.
_PASSED = 0.5, 0.7


def whiteness(
    image: np.ndarray, variance_at: Callable[[np.ndarray], np.ndarray] | None = None
) -> float:
    """Return how sure it is that noise is white, as its strength is known.

    Structure adds to high frequencies, so only quiet places are used.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A noisy image, of which at most 1024 x 1024 pixels are looked at.
    variance_at : callable or None, default=None
        Maps intensities to the variance of the noise, all of it. None knows it of counted
        electrons alone, which are whole numbers.

    Returns
    -------
    float
        From 0, where neighbours share noise or nothing is known, to 1.

    Examples
    --------
    >>> from scipy.ndimage import uniform_filter
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> whiteness(noise, np.ones_like), whiteness(uniform_filter(noise, 2), lambda x: x**0 / 4)
    (1.0, 0.0)
    >>> whiteness(np.random.default_rng(0).poisson(5.0, (128, 128))), whiteness(noise)
    (1.0, 0.0)
    """
    return counts_in(image)[0] if variance_at is None else _passed(_window(image), variance_at)


def counts_in(image: np.ndarray) -> tuple[float, float]:
    """Tell whether an image is of electrons, each counted in one pixel.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A noisy image, of which at most 1024 x 1024 pixels are looked at.

    Returns
    -------
    share : float
        How sure it is, from 0 to 1.
    step : float
        The intensity of one count; 0 where the image is not of whole numbers.

    Examples
    --------
    >>> counts_in(0.5 * np.random.default_rng(0).poisson(5.0, (128, 128)))
    (1.0, 0.5)
    """
    window = _window(image)
    step = step_of_counts(window)
    if not step:
        return 0.0, 0.0
    return share_of_counts(window, step), step


def _window(image):
    (window,) = fill_outliers(middle_of(image, LOOKED_AT).astype(np.float64)[np.newaxis])
    return window


def _passed(image, variance_at):
    passed = high_pass(image) ** 2
    passed, means = (
        local_mean(each, _BLOCK)[_BLOCK // 2 :: _BLOCK, _BLOCK // 2 :: _BLOCK]
        for each in (passed, image)
    )
    expected = variance_at(means)
    told = expected > 0
    if not told.any():
        return 0.0
    return float(graded(np.quantile(passed[told] / expected[told], _QUIET), _PASSED))
