"""Metrics that compare an image with a clean reference, by the paper's conventions."""

from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from .._checks import without_mask
from .._limits import LARGEST
from .._units import warn_of_units

WINDOW = 7  # side of the window of SSIM, as published


def psnr(reference: ArrayLike, image: ArrayLike, *, data_range: float | None = None) -> float:
    """Return the peak signal-to-noise ratio in decibel; greater is better.

    ``10 log10(data_range**2 / mse)``, in float64, on the whole image, without clipping; a
    stack has the mean over its images.

    Parameters
    ----------
    reference : array-like of shape (height, width) or (n, height, width)
        Clean image or stack.
    image : array-like of the shape of `reference`
        The image to judge.
    data_range : float, default=None
        Range of values, above 0. None takes the maximum minus the minimum of the reference,
        for each image of a stack its own [1]_.

    Returns
    -------
    float
        The ratio in dB; infinite for equal images.

    Raises
    ------
    ValueError
        If shapes differ, pixels are not finite, or the range of values is not above 0.

    References
    ----------
    .. [1] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron
       Microscopy", IEEE TCI 10, 1462-1475, 2024, and its published code.

    Examples
    --------
    >>> from sk_noise2sr.metrics import psnr
    >>> round(psnr([[0.0, 1.0]], [[0.1, 1.1]]), 6)
    20.0
    """
    reference, image = _check_pair(reference, image)
    warn_of_units(reference, image)
    with np.errstate(divide="ignore"):  # equal images
        return _mean_over_images(peak_signal_noise_ratio, reference, image, data_range)


def ssim(reference: ArrayLike, image: ArrayLike, *, data_range: float | None = None) -> float:
    """Return the structural similarity, up to 1; greater is better.

    Means, variances and covariance are compared in windows of 7 x 7 pixels of equal weight,
    in float64 [1]_. The published tables were made in this way [2]_; the 11 x 11 Gaussian
    window of the original definition gives other figures. A stack has the mean over its
    images.

    Parameters
    ----------
    reference : array-like of shape (height, width) or (n, height, width)
        Clean image or stack, with sides of at least 7 pixels.
    image : array-like of the shape of `reference`
        The image to judge.
    data_range : float, default=None
        Range of values, above 0. None takes the maximum minus the minimum of the reference,
        for each image of a stack its own.

    Returns
    -------
    float
        The similarity; 1 for equal images.

    Raises
    ------
    ValueError
        If shapes differ, a side is shorter than the window, pixels are not finite, or the
        range of values is not above 0.

    References
    ----------
    .. [1] Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural
       Similarity", IEEE TIP 13, 600-612, 2004, equation 13.
    .. [2] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron
       Microscopy", IEEE TCI 10, 1462-1475, 2024, and its published code.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.metrics import ssim
    >>> ramp = np.arange(64.0).reshape(8, 8)
    >>> round(ssim(ramp, ramp), 6)
    1.0
    """
    reference, image = _check_pair(reference, image)
    height, width = reference.shape[1:]
    if min(height, width) < WINDOW:
        raise ValueError(
            f"SSIM needs sides of at least {WINDOW} pixels, got an image of {height} x {width}. "
            "Use psnr or rmse."
        )
    warn_of_units(reference, image)
    similarity = partial(structural_similarity, win_size=WINDOW)
    return _mean_over_images(similarity, reference, image, data_range)


def rmse(reference: ArrayLike, image: ArrayLike) -> float:
    """Return the root of the mean squared error, in units of the image; smaller is better.

    Parameters
    ----------
    reference : array-like of shape (height, width) or (n, height, width)
        Clean image or stack.
    image : array-like of the shape of `reference`
        The image to judge.

    Returns
    -------
    float
        The error over all pixels of all images, in float64.

    Raises
    ------
    ValueError
        If shapes differ or pixels are not finite.

    Examples
    --------
    >>> from sk_noise2sr.metrics import rmse
    >>> rmse([[0.0, 0.0]], [[3.0, -3.0]])
    3.0
    """
    return float(np.sqrt(mean_squared_error(*_check_pair(reference, image))))


def _mean_over_images(metric, reference, image, data_range):
    scores = []
    for clean, judged in zip(reference, image, strict=True):
        span = _check_range(clean, data_range)
        # Fourth powers of very large or small numbers are none; a power of two changes no bit.
        unit = 2.0 ** np.floor(np.log2(span))
        scores.append(metric(clean / unit, judged / unit, data_range=span / unit))
    return float(np.mean(scores))


def _check_pair(reference, image):
    """Return both as stacks (n, height, width) of float64."""
    reference, image = (without_mask(values).astype(np.float64) for values in (reference, image))
    if reference.shape != image.shape:
        raise ValueError(
            f"Expected two images of one shape, got a reference of shape {reference.shape} and "
            f"an image of shape {image.shape}. Crop or resample one of them."
        )
    if reference.ndim not in (2, 3) or reference.size == 0:
        raise ValueError(
            "Expected an image (height, width) or a stack (n, height, width) with at least one "
            f"pixel, got shape {reference.shape}."
        )
    for name, values in (("reference", reference), ("image", image)):
        if not np.isfinite(values).all():
            raise ValueError(
                f"Expected finite numbers, got NaN or infinity in the {name}. Crop or fill "
                "these pixels in both."
            )
        if np.abs(values).max() > LARGEST:
            raise ValueError(
                f"Expected intensities of at most {LARGEST:g}, whose squares are numbers, got "
                f"{np.abs(values).max():.3g} in the {name}. Divide both by a constant."
            )
    stack = (-1, *reference.shape[-2:])
    return reference.reshape(stack), image.reshape(stack)


def _check_range(reference, data_range):
    if data_range is None:
        data_range = np.ptp(reference)
        if data_range == 0:
            raise ValueError(
                "The reference is constant, so its range of values is 0. Give data_range."
            )
    if not 0 < data_range < np.inf:
        raise ValueError(f"Expected a finite data_range above 0, got {data_range!r}.")
    return data_range
