"""Texture that passed for noise is taken off the noise.

Texture is weak in some places, and there it is weakest along one direction of the space of patches.
"""

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import minimum_filter, uniform_filter

from .._middle import middle_of
from ..grid import fill_outliers, graded, high_pass, texture_in

_LOOKED_AT = 512  # side of what is looked at
_PATCH = 5  # pixels of a side
_INNER, _OUTER = 9, 21  # pixels: texture about a patch is measured between these squares
_QUIETEST, _FEWEST = 0.25, 1000  # share of the patches that are looked at, and their number
_COUNTS = 20.0  # fewer are not normal noise
_CHANCE, _CERTAIN = 0.1, 0.3  # by how much less noise chance finds, and what is certain
_LEAST = 0.01  # of what passed for noise: less is left by an image without noise


def without_texture(noise, image, valid=None):
    """Return an estimate of noise without texture, as far as an image shows it.

    Parameters
    ----------
    noise : NoiseEstimate
        The estimate.
    image : ndarray of shape (height, width)
        The image.
    valid : ndarray of bool of shape (height, width) or None, default=None
        False where it was filled in; None if it nowhere was.

    Returns
    -------
    NoiseEstimate
        The same line, or a lower one.

    References
    ----------
    .. [1] S. Pyatykh, J. Hesser, L. Zheng, "Image Noise Level Estimation by Principal Component
       Analysis", IEEE TIP 22, 687-699, 2013: the least eigenvalue of the covariance of patches.
       The choice of patches is our own.
    """
    (image,) = fill_outliers(middle_of(image, _LOOKED_AT).astype(np.float64)[np.newaxis])
    certain = texture_in(noise.anscombe().transform(image))
    if not certain:
        return noise
    valid = None if valid is None else middle_of(valid, _LOOKED_AT)
    share = max(_share_of_noise(noise, image, valid), _LEAST)
    share **= certain * float(graded(1 - share, (_CHANCE, _CERTAIN)))
    return replace(
        noise,
        a=share * noise.a,
        b=float(np.sqrt(share)) * noise.b,
        a_std=share * noise.a_std,
        variance_std=share * noise.variance_std,
        variance=share * noise.variance,
    )


def _share_of_noise(noise, image, valid):
    """Return the least variance of quiet patches along any direction, over that of the noise."""
    variance = noise.variance_at(uniform_filter(image, _INNER))
    told = variance > max(_COUNTS * noise.a**2, noise.variance / _COUNTS)
    image = (image - noise.mean) / np.sqrt(np.where(told, variance, np.inf))
    if valid is not None:
        told &= minimum_filter(valid, _INNER)
    squares = high_pass(image) ** 2
    outer, inner = (side**2 * uniform_filter(squares, side) for side in (_OUTER, _INNER))
    inside = (slice(_PATCH // 2, -(_PATCH // 2)),) * 2
    told, around = (each[inside].ravel() for each in (told, outer - inner))
    if np.count_nonzero(told) * _QUIETEST < _FEWEST:
        return 1.0
    quiet = told & (around <= np.quantile(around[told], _QUIETEST))
    patches = sliding_window_view(image, (_PATCH, _PATCH)).reshape(-1, _PATCH**2)[quiet]
    return float(np.linalg.eigvalsh(np.cov(patches, rowvar=False))[0])
