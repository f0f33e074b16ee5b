"""A noisy image, its result, and the variance of the noise between them."""

import numpy as np

from ..noise import NoiseEstimate, estimate_noise

_FLOOR = 0.01  # of the variance at the mean: where the result is 0, counts still vary


def check_pair(noisy, denoised):
    """Return both images in float64, or say what is wrong with them.

    Parameters
    ----------
    noisy, denoised : array-like of shape (height, width)
        The noisy image and the result; NaN marks pixels to leave out.

    Returns
    -------
    noisy, denoised : ndarray of float64 of shape (height, width)
        The images.
    valid : ndarray of bool of shape (height, width)
        Where both are finite.

    Raises
    ------
    ValueError
        If they are no images of one shape, or share no finite pixel.
    """
    noisy, denoised = (np.asarray(x, dtype=np.float64) for x in (noisy, denoised))
    if noisy.ndim != 2 or noisy.shape != denoised.shape:
        raise ValueError(
            f"Expected a noisy and a denoised image (height, width) of one shape, got "
            f"{noisy.shape} and {denoised.shape}. Give one frame at a time."
        )
    valid = np.isfinite(noisy) & np.isfinite(denoised)
    if not valid.any():
        raise ValueError("Expected finite pixels in both images, got none. Give unmasked images.")
    return noisy, denoised, valid


def noise_variance(noisy, denoised, valid, noise):
    """Return the variance of the noise in every pixel, read off the result.

    Parameters
    ----------
    noisy, denoised : ndarray of float64 of shape (height, width)
        The images.
    valid : ndarray of bool of shape (height, width)
        Pixels that count.
    noise : PoissonGaussian, NoiseEstimate or None
        The noise; None reads it off the noisy image.

    Returns
    -------
    variance : ndarray of float64 of shape (height, width)
        Variances, above 0.
    count : float
        What a single count adds to a pixel; 0 where noise does not depend on the signal.

    Raises
    ------
    ValueError
        If there is no noise.
    """
    if noise is None:
        noise = estimate_noise(np.where(valid, noisy, np.median(noisy[valid])))
    signal = np.where(valid, denoised, 0)
    if isinstance(noise, NoiseEstimate):
        variance = noise.variance_at(signal)
    else:
        variance = noise.variance(np.maximum(signal, 0))
    floor = _FLOOR * variance[valid].mean()
    if floor == 0:
        raise ValueError(
            f"Expected noise, got a = {noise.a:g} and b = {noise.b:g}: nothing can be compared "
            "with noise of strength 0. Give noise=PoissonGaussian(a, b)."
        )
    return np.maximum(variance, floor), noise.a
