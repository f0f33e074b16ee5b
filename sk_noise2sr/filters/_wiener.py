"""The Wiener filter: each frequency is kept as far as it is more than noise."""

import numpy as np
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter1d

from .._checks import float_type
from ..grid import frequencies

_SMOOTHED = 1.5  # rings


def wiener(image: np.ndarray, noise: float | np.ndarray) -> np.ndarray:
    """Denoise an image by the mean power of its spectrum in rings.

    No linear filter is better for texture that is alike everywhere, such as an amorphous film [1]_.
    It uses no repeated motif, and does not adapt to bright and dark places.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    noise : float or ndarray of shape (height, width)
        Variance of white noise, or its power at each frequency of an orthonormal cosine transform.

    Returns
    -------
    ndarray of the shape and floating type of `image`
        The denoised image.

    References
    ----------
    .. [1] N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary Time Series", 1949.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> rng = np.random.default_rng(0)
    >>> film = 5 * gaussian_filter(rng.normal(size=(128, 128)), 2)
    >>> noisy = film + rng.normal(size=film.shape)
    >>> print(f"{np.std(wiener(noisy, 1.0) - film):.1f}")
    0.3
    """
    mean = image.mean()
    spectrum = dctn(image - mean, norm="ortho", workers=1)
    rings = np.rint(2 * max(image.shape) * frequencies(image.shape)).astype(int)
    sizes = np.bincount(rings.ravel())
    power = np.bincount(rings.ravel(), np.square(spectrum, dtype=np.float64).ravel())
    power, sizes = (gaussian_filter1d(each.astype(float), _SMOOTHED) for each in (power, sizes))
    kept = np.maximum(1 - noise / np.maximum(power / sizes, np.finfo(float).tiny)[rings], 0)
    denoised = mean + idctn(spectrum * kept, norm="ortho", workers=1)
    return denoised.astype(float_type(image.dtype))
