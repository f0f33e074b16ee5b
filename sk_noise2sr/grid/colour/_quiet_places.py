"""A test of the colour of noise in the quietest places of an image.

Noise is everywhere, detail is not: no place is quieter than the noise.
"""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import convolve
from scipy.stats import chi2

from .._power import in_band
from ._waves import log_power

_SIDE = 32  # pixels of a window
_FEWEST, _MOST = 49, 24  # windows, and windows along an axis
_QUIETEST = 0.1  # share of them
_RINGS = 0.07, 0.11, 0.15, 0.2, 0.25  # cycles a pixel
_FAR = 0.25, 0.5
_ALIKE = np.array([1 / 6, 2 / 3, 1, 2 / 3, 1 / 6]) ** 2  # power at neighbours, under the taper


def power_of_quiet_places(image, waves):
    """Return the power of the quietest places over that of noise, in the ring where it is least.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The noisy image.
    waves : ndarray of shape (n_waves,)
        The colour of the noise, as in :class:`Colour`.

    Returns
    -------
    float
        About 1 or more if noise has that colour; less if it has less power at low frequencies; 0 if
        the image has too few places.
    """
    if min(image.shape) < _SIDE:
        return 0.0
    along = np.fft.fftfreq(_SIDE)
    far = np.hypot(along[:, np.newaxis], along)
    power = _spectra(image) / np.exp(log_power(waves, np.abs(along), np.abs(along)))
    usual = np.median(power[:, in_band(far, *_FAR)], axis=1) / np.log(2)
    power, usual = power[usual > 0], usual[usual > 0]
    if len(power) < _FEWEST:
        return 0.0
    rings = (in_band(far, *ends) for ends in pairwise(_RINGS))
    return min(_quietest(power, ring, usual) for ring in rings)


def _spectra(image):
    """Return the power of windows all over an image: (n, side, side)."""
    starts = [_starts(side) for side in image.shape]
    windows = sliding_window_view(image, (_SIDE, _SIDE))[np.ix_(*starts)]
    windows = windows.reshape(-1, _SIDE, _SIDE)
    taper = np.hanning(_SIDE + 1)[:-1]
    windows = (windows - windows.mean(axis=(1, 2), keepdims=True)) * np.outer(taper, taper)
    return np.abs(np.fft.fft2(windows)) ** 2


def _starts(side):
    """Return the starts of windows that overlap by half, or lie farther apart along a long side."""
    n_windows = min(2 * side // _SIDE - 1, _MOST)
    return np.linspace(0, side - _SIDE, n_windows).astype(int)


def _quietest(power, ring, usual):
    """Return the power in a ring over the usual one, estimated from the quietest windows."""
    alike = convolve(ring.astype(float), np.outer(_ALIKE, _ALIKE), mode="wrap")[ring].mean()
    degrees = np.count_nonzero(ring) / alike
    seen = np.quantile(power[:, ring].mean(axis=1) / usual, _QUIETEST)
    return seen * degrees / chi2.ppf(_QUIETEST, degrees)
