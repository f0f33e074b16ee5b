"""Uneven noise: stronger in some places than the intensity explains.

Causes are an average of aligned frames, of which fewer overlap at the borders; a correction of the
illumination, which amplifies noise too; a frame put together from exposures of different length.
Noise is measured in windows, at the finest frequencies, and compared with what is expected there.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dctn
from scipy.ndimage import affine_transform, median_filter

from ._graded import graded
from ._power import typical_power
from ._resampling import frequencies
from ._strips import mean_of, moments
from .colour._colour import Colour

_WINDOW, _STEP = 16, 8  # pixels; windows of an image of so many pixels lie side by side
_LARGE = 2**20
_AROUND = 5  # windows along each axis, over which chance is smoothed
_FINEST, _FINE = 0.42, 0.28  # cycles a pixel: from there on, noise is measured and compared
# Logarithms of the variance over what is expected: what chance explains, and what is certain.
_CHANCE, _CERTAIN = 0.2, 0.5
_FEW = 0.1  # what chance adds at one count a pixel; more, the fewer there are
# Logarithms of the power at fine frequencies over that at the finest: alike for white noise, and
# larger for detail.
_WHITE, _DETAIL = 0.12, 0.3
_NOTHING = 0.1  # unevenness that makes no difference in a result
_HARDLY = 0.01  # power of the finest noise over that of all, at which it counts by half
# Share of the noise in the variance of the image. Under weak noise, fine detail looks like noise;
# to remove it would be worse than to leave some noise.
_WEAK, _STRONG = 0.02, 0.1
_LEAST, _MOST = 0.3, 30.0  # of the variance, over what is expected
_QUIET = 0.25  # of all places
_FAINT = 0.01  # of the mean variance: less is hardly expected anywhere


def find_uneven_noise(
    image: np.ndarray,
    variance_at: Callable[[np.ndarray], np.ndarray],
    gain: float = 0.0,
    colour: Colour | None = None,
    valid: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return by what factor noise is stronger than its model says, from place to place.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    variance_at : callable
        Maps clean intensities to the variance of noise that passes a high pass.
    gain : float, default=0.0
        Intensity of one count: few counts are uneven by chance. 0 is for normal noise.
    colour : Colour or None, default=None
        The colour of the noise; None for white noise.
    valid : ndarray of bool of shape (height, width) or None, default=None
        False where the image was filled in; None if it nowhere was.

    Returns
    -------
    ndarray of float32 of shape (height, width) or None
        Factors of the standard deviation, which change slowly; None if chance, or detail as fine
        as the pixels, explains what is seen.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> noise[:, 64:] *= 2
    >>> factors = find_uneven_noise(noise, np.ones_like)
    >>> print(factors[:, :32].mean().round(1), factors[:, 96:].mean().round(1))
    1.0 2.0
    """
    step = _WINDOW if image.size >= _LARGE else _STEP
    if min(image.shape) < _AROUND * step + _WINDOW:
        return None
    variance = moments(image)[1] ** 2
    if not variance:
        return None
    *powers, variances = _powers(image, variance_at, step)
    finest, fine = (
        np.log(np.maximum(median_filter(each, _AROUND, mode="nearest"), _LEAST / _MOST))
        for each in powers
    )
    levels, detail = finest, fine - finest
    if colour is not None:  # how much of smooth noise is seen, quiet places show, not the model
        levels = levels - colour.not_white * np.quantile(levels, _QUIET)
        detail = detail - colour.not_white * np.median(detail)
    strong = graded(mean_of(variance_at, image) / variance, (_WEAK, _STRONG))
    few = _FEW * np.sqrt(gain**2 / variances)
    certain = strong * _seen(colour) * graded(np.abs(levels) - few, (_CHANCE, _CERTAIN))
    certain *= np.where(levels > 0, 1 - graded(detail, (_WHITE, _DETAIL)), 1)
    if valid is not None:
        certain *= _windows(valid, step).all(axis=(2, 3))
    levels = np.clip(certain * levels, np.log(_LEAST), np.log(_MOST))
    if np.abs(levels).max() < _NOTHING:
        return None
    return np.exp(_at_pixels(levels, image.shape, step) / 2)


def _seen(colour):
    """Return how well the finest noise can be measured beside the rest, from 0 to 1."""
    if colour is None:
        return 1.0
    power = colour.relative_power((_WINDOW, _WINDOW))[_bands()[0]].mean()
    return power / (power + _HARDLY)


def _windows(image, step):
    return sliding_window_view(image, (_WINDOW, _WINDOW))[::step, ::step]


def _powers(image, variance_at, step):
    """Return the power of windows at the finest frequencies and at fine ones, over the variance.

    The third is that variance.
    """
    least = _FAINT * mean_of(variance_at, image)
    finest, fine = _bands()
    found = []
    for row in _windows(image, step):
        power = dctn(row.astype(np.float64), axes=(1, 2), norm="ortho", workers=1) ** 2
        variance = np.maximum(variance_at(row.mean(axis=(1, 2))), least)
        bands = [typical_power(power[:, band], axis=1) / variance for band in (finest, fine)]
        found.append([*bands, variance])
    return np.stack(found, axis=1)


def _bands():
    far = frequencies((_WINDOW, _WINDOW))
    return far > _FINEST, (far > _FINE) & (far <= _FINEST)


def _at_pixels(levels, shape, step):
    """Interpolate values at the centres of windows linearly; beyond the last, they go on."""
    return affine_transform(
        levels.astype(np.float32),
        np.full(2, 1 / step),
        offset=(1 - _WINDOW) / (2 * step),
        output_shape=shape,
        order=1,
        mode="nearest",
    )
