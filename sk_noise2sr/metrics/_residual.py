"""A check of a result by its residual, without a clean image."""

import numpy as np
from numpy.typing import ArrayLike

from ..grid import fill_outliers
from ._image import _check_pair

_LAGS = ((0, 1), (1, 0), (1, 1), (1, -1))  # the other four of the eight are the same pairs


def residual_whiteness(noisy: ArrayLike, denoised: ArrayLike) -> float:
    """Return the largest correlation of neighbouring pixels in a residual; 0 is white.

    The residual is ``noisy - denoised``. If the noise is independent from pixel to pixel, so is
    the residual of a perfect result: its autocorrelation is 0 at every lag [1]_. Signal that was
    taken away shows as correlation, and so does noise that was smoothed but kept. Noise that was
    kept in part, without smoothing, does *not*: half of white noise is white. So compare the
    strength of the residual with that of the noise too.

    Parameters
    ----------
    noisy : array-like of shape (height, width) or (n, height, width)
        Noisy image or stack, with sides of at least 2 pixels. Lone pixels far outside the noise
        are replaced by the median of their neighbourhood first; pixels that are NaN are left out.
    denoised : array-like of the shape of `noisy`
        The result.

    Returns
    -------
    float
        Largest absolute autocorrelation at the eight neighbouring lags, between 0 and about 1,
        over all images of a stack together; NaN where the residual of each image is constant.
        Chance alone makes it about ``1.5 / sqrt(n_pixels)``, and rarely ``3 / sqrt(n_pixels)``.

    Raises
    ------
    ValueError
        If shapes differ, a side is a single pixel, or pixels that count are not finite.

    References
    ----------
    .. [1] A. Buades, B. Coll, J.-M. Morel, "A Review of Image Denoising Algorithms, with a New
       One", Multiscale Modeling and Simulation 4, 490-530, 2005: the residual, there called method
       noise, should look like noise.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.metrics import residual_whiteness
    >>> signal = np.sin(np.arange(128) / 4) * np.ones((128, 1))
    >>> noisy = signal + np.random.default_rng(0).normal(size=(128, 128))
    >>> print(round(residual_whiteness(noisy, signal), 2))
    0.01
    >>> print(round(residual_whiteness(noisy, np.zeros_like(noisy)), 2))  # the signal is lost
    0.34
    """
    noisy, denoised = np.asarray(noisy), np.asarray(denoised)
    unknown = np.isnan(noisy) if noisy.dtype.kind == "f" else np.zeros(noisy.shape, dtype=bool)
    if unknown.any() and noisy.shape == denoised.shape:
        level = np.mean(noisy, where=~unknown)
        noisy, denoised = (np.where(unknown, level, image) for image in (noisy, denoised))
    noisy, denoised = _check_pair(noisy, denoised)
    known = ~unknown.reshape(noisy.shape)
    height, width = noisy.shape[1:]
    if min(height, width) < 2:
        raise ValueError(
            f"Neighbouring pixels need sides of at least 2, got an image of {height} x {width}."
        )
    residual = fill_outliers(noisy) - denoised
    residual -= residual.mean(axis=(1, 2), keepdims=True, where=known)
    variance = _covariance(residual, known, 0, 0)
    if not variance > 0:
        return float("nan")
    return max(abs(_covariance(residual, known, *lag)) for lag in _LAGS) / variance


def _covariance(stack, known, down, right):
    """Return the mean product of pixels and their neighbours at a lag, as far as both are known."""
    height, width = stack.shape[1:]

    def pairs(images):
        first = images[:, : height - down, max(-right, 0) : width - max(right, 0)]
        return first, images[:, down:, max(right, 0) : width - max(-right, 0)]

    pixels, neighbours = pairs(stack)
    return float(np.mean(pixels * neighbours, where=np.logical_and(*pairs(known))))
