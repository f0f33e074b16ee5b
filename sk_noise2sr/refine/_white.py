"""Whiten the noise of an image of the grid, filter the image, and undo the whitening."""

import math

import numpy as np
from scipy.fft import dctn, idctn

from ..filters import bm3d
from ..grid import FAINT, frequencies, typical_power

_BEYOND, _FEWEST = 0.3, 100  # cycles a pixel of the grid, and frequencies


def filter_white(noisy, sigma, guide, shape, binning, colour, valid, filter_guided):
    """Whiten the noise of an image, and filter it, with a guide or without.

    Parameters
    ----------
    noisy : ndarray of shape (binned height, binned width)
        The image, stabilised and binned.
    sigma : float or ndarray of shape (binned height, binned width)
        Standard deviation of its noise, measured by a high pass.
    guide : ndarray of shape (binned height, binned width) or None
        The first estimate; None makes one by a threshold.
    shape : pair of int
        Height and width before binning.
    binning : float
        Factor of the binning.
    colour : Colour or None
        The colour of the noise before binning; None for white noise.
    valid : ndarray of shape (binned height, binned width) or None
        Valid share of each pixel; None if all are valid.
    filter_guided : callable
        What filters with a guide.

    Returns
    -------
    ndarray of shape (binned height, binned width)
        The filtered image, with the whitening undone.
    """
    # On a binned image blocks can be looked for far away, where crystals repeat.
    profile = "crystal" if binning > 1 else "auto"
    deviations = None if colour is None else colour.whitened_by(shape, noisy.shape)
    if deviations is not None:
        sigma = sigma / math.sqrt(colour.high_passed)
        sigma = _sigma_of_white(sigma, noisy, deviations, binning, valid)
        noisy, guide = (_weigh(each, 1 / deviations) for each in (noisy, guide))
    if guide is None:
        filtered = bm3d(noisy, sigma, profile=profile, valid=valid)
    else:
        filtered = filter_guided(noisy, sigma, guide, profile=profile, valid=valid)
    return filtered if deviations is None else _weigh(filtered, deviations)


def _sigma_of_white(sigma, noisy, deviations, binning, valid):
    """Return the deviation of whitened noise.

    A high pass measures that of smooth noise badly, as hardly any of it passes. A binned image has
    frequencies without detail, which are better: they count the more, the larger the binning.
    """
    seen = _deviation_beyond(noisy, deviations, math.sqrt(FAINT))
    if seen is None:
        return sigma
    if valid is not None:
        seen /= math.sqrt(valid.mean())
    mean = math.sqrt(np.mean(np.square(sigma)))
    room = 1 - 1 / binning**2
    return sigma * (seen / mean) ** room


def _deviation_beyond(image, deviations, faintest):
    """Return the standard deviation of whitened noise, at frequencies without detail.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A binned image.
    deviations : ndarray of shape (height, width)
        Those of the coefficients of its noise, which whiten it.
    faintest : float
        Coefficients whose deviation is no larger are left out.

    Returns
    -------
    float or None
        The deviation; None if there are too few such coefficients.
    """
    told = (frequencies(image.shape) > _BEYOND) & (deviations > faintest)
    if np.count_nonzero(told) < _FEWEST:
        return None
    spectrum = dctn(image, norm="ortho", workers=1) / deviations
    return math.sqrt(typical_power(spectrum[told] ** 2))


def _weigh(image, weights):
    """Weigh the cosine transform of an image."""
    if image is None:
        return None
    spectrum = dctn(image, norm="ortho", workers=1) * weights
    return idctn(spectrum, norm="ortho", workers=1).astype(image.dtype)
