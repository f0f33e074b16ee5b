"""Texture as fine as the pixels, which looks like smooth noise.

Both make neighbours alike, up to the highest frequencies. Three things tell them apart: fine noise
is equally strong everywhere, while texture is strong here and weak some pixels away; texture grows
stronger towards lower frequencies than smooth noise does; and fine noise has a normal distribution.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dctn, idctn, irfft2, rfft2

from .._graded import graded
from .._power import BEYOND, in_band, typical_power
from .._resampling import frequencies

_BAND = 0.3, 0.42  # cycles a pixel, where noise is normal
_SEEN = 0.01, 0.05  # power there, over that of all noise: less is left of what was smoothed
_LOWER = (0.12, 0.16), (0.16, 0.2)
_WINDOW = 48  # pixels of a place
_SPOT = 40.0  # times the typical power: a spot of a lattice, left out
_NEAR, _FAR = (4, 8), (16, 24)  # pixels between energies that are alike in texture, and are not
# How much more power there is at lower frequencies, to be enough; how clustered energies are, times
# that share of enough. Where there is no more power: how clustered, or how far from normal.
_ENOUGH, _GOES_ON, _CLUSTERED, _PEAKED = 0.5, (0.1, 0.18), (0.28, 0.38), (1.4, 2.4)


def share_of_texture(image: np.ndarray, power: np.ndarray, noise: np.ndarray) -> float:
    """Return how much of what looks like smooth noise is texture.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The noisy image.
    power : ndarray of shape (height, width)
        Power of its cosine transform.
    noise : ndarray of shape (height, width)
        That of smooth noise.

    Returns
    -------
    float
        0 for noise, 1 for texture.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> noise = gaussian_filter(np.random.default_rng(0).normal(size=(128, 128)), 0.5)
    >>> share_of_texture(noise, dctn(noise, norm="ortho") ** 2, np.ones((128, 128)))
    0.0
    """
    far, power = frequencies(power.shape), power / noise
    levels = [typical_power(power[in_band(far, *ends)]) for ends in ((BEYOND, np.inf), *_LOWER)]
    beyond, *lower = np.maximum(levels, np.finfo(float).tiny)
    seen = float(graded(noise[in_band(far, *_BAND)].mean(), _SEEN))
    if not seen:
        return 0.0
    more = max(np.exp(np.mean(np.log(lower))) / beyond - 1, 0)
    clusters, kurtosis = _clusters_and_kurtosis(image)
    goes_on = graded(clusters * min(more / _ENOUGH, 1), _GOES_ON)
    return seen * float(max(goes_on, graded(clusters, _CLUSTERED), graded(kurtosis, _PEAKED)))


def _clusters_and_kurtosis(image):
    """Return how much more alike energies of the finest detail are near by than farther away.

    It is the correlation of energies, without that of normal noise of the same spectrum. The second
    is the excess kurtosis. Both are medians over places, as a few strong ones are no texture.
    """
    spectrum = dctn(image, norm="ortho", workers=1)
    power, band = spectrum**2, in_band(frequencies(image.shape), *_BAND)
    spectrum *= band & (power < _SPOT * typical_power(power[band]))
    detail = idctn(spectrum, norm="ortho", workers=1)
    shape = [min(_WINDOW, side) for side in image.shape]
    places = sliding_window_view(detail, shape)[:: shape[0], :: shape[1]].reshape(-1, *shape)
    energy = np.maximum(np.mean(places**2, axis=(1, 2), keepdims=True), np.finfo(float).tiny)
    places = places / np.sqrt(energy)
    pairs = np.maximum(np.rint(_products(np.ones(shape))), 1)
    alike = _products(places**2) / pairs - 2 * (_products(places) / pairs) ** 2
    lags = np.hypot(*np.ix_(*(np.fft.fftfreq(2 * side, 0.5 / side) for side in shape)))
    near, far = (pairs * in_band(lags, *ends) for ends in (_NEAR, _FAR))
    clusters = np.tensordot(alike, near / near.sum() - far / far.sum())
    return np.median(clusters), np.median(np.mean(places**4, axis=(1, 2))) - 3


def _products(places):
    """Return the sums of products of values, at each lag."""
    padded = [2 * side for side in places.shape[-2:]]
    return irfft2(np.abs(rfft2(places, padded)) ** 2, padded)
