"""Check the arguments of a filter, bring them to units of the noise, and its result back."""

import numpy as np

from .._checks import float_type, without_mask
from .._limits import LARGEST
from ..grid import map_strips, root_mean_square

_HIGH_NOISE = 0.5  # of the standard deviation of the image


def denoise(image, sigma, guide, profile, valid, profiles, filter_image):
    """Check and scale the arguments of a filter, call it, and undo the scaling.

    Parameters
    ----------
    image, sigma, guide, profile, valid
        See :func:`~sk_noise2sr.filters.bm3d`.
    profiles : dict
        The settings of each profile.
    filter_image : callable
        Maps five arguments to the denoised image: an image and a guide or None, both in units of
        the noise; the settings of the profile; the deviation of the noise at each pixel, over its
        mean, or None; how far each pixel is valid, or None.

    Returns
    -------
    ndarray of shape (height, width)
        The denoised image.

    Raises
    ------
    ValueError
        If the image, sigma, the guide or `valid` is not of the right shape or type.
    """
    valid = _check_valid(valid, np.shape(image))
    image = _check_image(image)
    sigma, uneven = _mean_and_factors(sigma, image.shape)
    if guide is not None:
        guide = _check_guide(guide, image.shape)
    dtype = float_type(image.dtype)
    image = image.astype(dtype, copy=False)
    if sigma <= np.finfo(np.float32).eps * (float(image.max()) - float(image.min())):
        return image.copy()
    if profile == "auto":
        deviation = root_mean_square(image, image.mean(dtype=np.float64))
        profile = "high_noise" if sigma > _HIGH_NOISE * deviation else "normal"
    offset = float(np.median(image))
    noisy = _in_units_of_noise(image, offset, sigma)
    if guide is not None:
        guide = _in_units_of_noise(guide, offset, sigma)
        if not np.isfinite(guide).all():
            raise ValueError("Expected a guide in the unit of the image, got one that is far off.")
    denoised = filter_image(noisy, guide, profiles[profile], uneven, valid)
    return map_strips(lambda rows: rows * np.float64(sigma) + offset, denoised, dtype)


def _check_image(image):
    image = without_mask(image)
    if image.ndim != 2 or image.size == 0 or image.dtype.kind not in "buif":
        raise ValueError(
            f"Expected an image (height, width) of real numbers, got an array of shape "
            f"{image.shape} and type {image.dtype}. Give one grey image at a time."
        )
    if not np.isfinite(image).all():
        raise ValueError(
            "Expected an image of finite numbers, got NaN or infinity. Fill these pixels first, "
            "for instance with the median of their neighbours."
        )
    if image.size and (largest := float(np.abs(image).max())) > LARGEST:
        raise ValueError(
            f"Expected intensities of at most {LARGEST:g}, whose squares are numbers, got "
            f"{largest:.3g}. Divide image and sigma by a constant."
        )
    return image


def _check_guide(guide, shape):
    guide = _check_image(guide)
    if guide.shape != shape:
        raise ValueError(f"Expected a guide of the shape of the image, {shape}, got {guide.shape}.")
    return guide


def _check_valid(valid, shape):
    """Return how far each pixel is valid, or None for all; raise if `valid` is something else."""
    if valid is None:
        return None
    valid = np.asarray(valid)
    if valid.shape != shape:
        raise ValueError(f"Expected valid of the shape of the image, {shape}, got {valid.shape}.")
    if valid.dtype.kind not in "buif" or not np.all((valid >= 0) & (valid <= 1)):
        raise ValueError(
            "Expected valid to be numbers from 0 to 1, got others. Give 0, or False, where a "
            "pixel is no picture, and 1 elsewhere."
        )
    return valid.astype(np.float32)


def _mean_and_factors(sigma, shape):
    """Return the mean deviation of the noise, and that of each pixel over it, or None."""
    if np.ndim(sigma) == 0:
        return sigma, None
    sigma = np.asarray(sigma)
    numbers = sigma.shape == shape and sigma.dtype.kind in "uif"
    if not (numbers and np.all((sigma >= 0) & np.isfinite(sigma))):
        raise ValueError(
            "Expected sigma to be a number, or finite numbers of at least 0 of the shape of the "
            f"image, {shape}, got an array of shape {sigma.shape} and type {sigma.dtype}. Give the "
            "standard deviation of the noise of each pixel."
        )
    mean = root_mean_square(sigma)
    return mean, (sigma / mean).astype(np.float32) if mean else None


def _in_units_of_noise(image, offset, sigma):
    def scale(rows):
        return np.subtract(rows, offset, dtype=np.float64) / sigma

    return map_strips(scale, image, np.float32)
