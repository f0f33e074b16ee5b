"""Regions that are no picture: filled before a denoiser sees them, and put back after it."""

import warnings

import numpy as np

from ..grid import fill_regions, find_constant_regions


def without_regions(stack):
    """Fill the constant regions of images from which a denoiser learns, and say so.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Noisy images.

    Returns
    -------
    ndarray of shape (n, height, width)
        The images; the same array where nothing was found.
    """
    found = [find_constant_regions(image) for image in stack]
    n_found = sum(int(regions.sum()) for regions in found)
    if not n_found:
        return stack
    warnings.warn(
        f"{n_found} of {stack.size} pixels lie in regions of exactly one value, such as a scale "
        "bar or padding: they are left out and come back unchanged. Add a little noise to them if "
        "they are part of the picture.",
        UserWarning,
        stacklevel=4,
    )
    dtype = np.result_type(stack.dtype, np.float32)
    return np.stack(
        [
            fill_regions(image, regions) if regions.any() else image.astype(dtype)
            for image, regions in zip(stack, found, strict=True)
        ]
    )


def around_regions(denoise, image):
    """Denoise an image but for its constant regions, which stay as they are.

    Parameters
    ----------
    denoise : callable
        Maps an image to one of the same shape, or to a result and its spread, stacked.
    image : ndarray of shape (height, width)
        Noisy image.

    Returns
    -------
    ndarray of shape (height, width) or (2, height, width)
        The result; the spread in regions is 0.
    """
    regions = find_constant_regions(image)
    if not regions.any():
        return denoise(image)
    result = denoise(fill_regions(image, regions))
    if result.ndim == 2:
        result[regions] = image[regions]
    else:
        result[0][regions], result[1][regions] = image[regions], 0
    return result
