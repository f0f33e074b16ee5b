"""Texture as fine as the pixels, which looks like smooth noise.

Both make neighbours alike, up to the highest frequencies. Two things tell them apart: fine noise
has a normal distribution, while texture is strong in some places and weak in others; and texture
grows stronger towards lower frequencies than smooth noise does.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dctn, idctn

from .._graded import graded
from .._power import BEYOND, in_band, typical_power
from .._resampling import frequencies

_BAND = 0.3, 0.42  # cycles a pixel, where noise is normal
_SEEN = 0.01, 0.05  # power there, over that of all noise: less is left of what was smoothed
_LOWER = (0.12, 0.16), (0.16, 0.2)
_WINDOW = 48  # pixels of a place
_SPOT = 40.0  # times the typical power: a spot of a lattice, left out
# Excess kurtosis times how much more power there is at lower frequencies, and excess kurtosis.
_GOES_ON, _IN_PLACES = (0.4, 0.9), (1.4, 2.4)


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
    kurtosis = max(_kurtosis(image), 0)
    return seen * float(max(graded(kurtosis * more, _GOES_ON), graded(kurtosis, _IN_PLACES)))


def _kurtosis(image):
    """Return the excess kurtosis of the finest detail: the median over places."""
    spectrum = dctn(image, norm="ortho", workers=1)
    power, band = spectrum**2, in_band(frequencies(image.shape), *_BAND)
    spectrum *= band & (power < _SPOT * typical_power(power[band]))
    squares = idctn(spectrum, norm="ortho", workers=1) ** 2
    shape = [min(_WINDOW, side) for side in image.shape]
    places = sliding_window_view(squares, shape)[:: shape[0], :: shape[1]]
    power = np.maximum(places.mean(axis=(2, 3)), np.finfo(float).tiny)
    return np.median(np.mean(places**2, axis=(2, 3)) / power**2) - 3
