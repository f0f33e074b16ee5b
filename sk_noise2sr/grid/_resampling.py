"""Fourier binning: a smaller image, if the microscope sampled more finely than its resolution.

The orthonormal cosine transform (DCT-II, which mirrors the image at its borders) is cropped to 1/k
of each side. White noise stays white, its variance falls by k**2, and an image without detail above
the cut loses nothing. Zeros in place of the cut coefficients bring a result back to full size.
"""

import numpy as np
from scipy.fft import dctn, idctn

FADE_FROM = 0.6


def bin_images(images: np.ndarray, factor: float | tuple[float, float]) -> np.ndarray:
    """Shrink images by a factor, without aliasing and without correlating white noise.

    Parameters
    ----------
    images : ndarray of shape (height, width) or (n, height, width)
        Images of a floating type.
    factor : float or pair of float
        At least 1, one for both axes or one each for rows and columns; sides are rounded up.
        1 returns the images themselves.

    Returns
    -------
    ndarray of shape (..., ceil(height / factor), ceil(width / factor))
        Binned images, of the same mean.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(5.0, 1.0, (64, 64))
    >>> binned = bin_images(noise, 4)
    >>> binned.shape, bool(np.isclose(binned.mean(), noise.mean()))
    ((16, 16), True)
    """
    if np.max(factor) == 1:
        return images
    if images.ndim == 3:
        return np.stack([bin_images(image, factor) for image in images])
    return resample(images, binned_shape(images.shape, factor))


def unbin_image(
    image: np.ndarray,
    shape: tuple[int, ...],
    taper: bool = False,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Bring a binned image back to full size.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A binned image.
    shape : tuple of int
        Full height and width.
    taper : bool, default=False
        Whether frequencies between 0.6 of the cut and the cut fade out: a factor that was read off
        the image left a margin there, without detail.
    weights : ndarray of shape (height, width) or None, default=None
        Factors of the frequencies of the binned image.

    Returns
    -------
    ndarray of shape `shape`
        The image, with nothing above the cut.
    """
    if image.shape == tuple(shape):
        return image if weights is None else resample(image, shape, weights)
    weights = 1 if weights is None else weights
    return resample(image, shape, weights * _fade(image.shape) if taper else weights)


def _fade(shape):
    """Return weights for a cosine transform: 1 up to 0.6 of the cut, 0 from the cut on."""
    rows, columns = (np.arange(side, dtype=np.float32) / np.float32(side) for side in shape)
    weights = np.hypot(rows[:, None], columns)
    weights -= FADE_FROM
    weights *= np.pi / (1 - FADE_FROM)
    np.cos(weights.clip(0, np.pi, out=weights), out=weights)
    weights += 1
    weights /= 2
    return weights


def binned_shape(shape: tuple[int, ...], factor: float | tuple[float, float]) -> tuple[int, ...]:
    """Return the height and width of a binned image.

    Parameters
    ----------
    shape : tuple of int
        Full height and width.
    factor : float or pair of float
        The factor, or those of rows and columns.

    Returns
    -------
    tuple of int
        Sides divided by the factor and rounded up.

    Examples
    --------
    >>> binned_shape((832, 895), 4)
    (208, 224)
    """
    factors = np.broadcast_to(factor, 2)
    return tuple(int(np.ceil(side / one)) for side, one in zip(shape, factors, strict=True))


def frequencies(shape: tuple[int, ...], factors: tuple[float, float] = (1, 1)) -> np.ndarray:
    """Return the frequencies of a cosine transform, in cycles a pixel.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    factors : pair of float, default=(1, 1)
        Factors of the frequencies along columns and along rows.

    Returns
    -------
    ndarray of shape `shape`
        Absolute frequencies.
    """
    rows, columns = (
        np.arange(side) * (factor / (2 * side)) for side, factor in zip(shape, factors, strict=True)
    )
    return np.sqrt(rows[:, None] ** 2 + columns**2)  # hypot takes five times as long


def resample(
    image: np.ndarray, shape: tuple[int, ...], weights: np.ndarray | float = 1.0
) -> np.ndarray:
    """Crop the cosine transform of an image, or fill it up with zeros, and weigh it.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    shape : tuple of int
        Height and width of the result.
    weights : float or ndarray, default=1.0
        One for each frequency that both images have.

    Returns
    -------
    ndarray of shape `shape`
        The resized image.
    """
    spectrum = dctn(image, norm="ortho", workers=1)
    kept = tuple(slice(min(pair)) for pair in zip(image.shape, shape, strict=True))
    resized = np.zeros(shape, dtype=spectrum.dtype)
    resized[kept] = spectrum[kept] * weights
    scale = np.sqrt(np.prod(shape) / np.prod(image.shape))
    resized = idctn(resized, norm="ortho", overwrite_x=True, workers=1)
    resized *= scale.astype(image.dtype)
    return resized
