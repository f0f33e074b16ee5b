"""Regions that are no picture: scale bars, labels, padding, letterboxes, apertures.

Noise never gives the same value to a whole block of pixels: connected pixels of exactly one value
were put there.
"""

import numpy as np
from scipy import ndimage

from ._bad_pixels import fill_pixels

_BY_CHANCE = 1e-3  # expected number of blocks in a picture
_SMALLEST, _LARGEST = 4, 16  # sides of a block that tells
_SOLID = 0.9  # share of a region that such blocks cover; holes of single counts leave less
_FEWEST_WRITTEN = 4  # pixels of a stroke of a label
_WIDTH = 3.0  # pixels that carry a picture on
_NORMAL_MEDIAN = 0.6745


def find_constant_regions(image):
    """Find connected pixels of exactly one value, where noise cannot have made them.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.

    Returns
    -------
    ndarray of bool of shape (height, width)
        True in regions. Beside a region whose value is the least or the greatest of the image,
        strokes of a label of that value count too. A constant image has none.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> image[50:54, 10:40] = 9.0
    >>> int(find_constant_regions(image).sum())
    120
    """
    image = image.astype(np.float32, copy=False) if image.dtype == np.float16 else image
    none = np.zeros(image.shape, dtype=bool)
    side = _block_side(image)
    if side is None or min(image.shape) < side:
        return none
    blocks = ndimage.maximum_filter(image, side) == ndimage.minimum_filter(image, side)
    if not blocks.any() or blocks.all():
        return none
    values = np.unique(image[blocks])
    for value in values[: _LARGEST**2]:
        none |= _solid(image == value, side, value in (image.min(), image.max()))
    return none


def _block_side(image):
    """Return the side of a block that noise does not make equal by chance; None if none tells."""
    equal = np.mean(image[:, 1:] == image[:, :-1]) if image.shape[1] > 1 else 1.0
    for side in range(_SMALLEST, _LARGEST + 1):
        if image.size * equal ** (side**2 - 1) < _BY_CHANCE:
            return side
    return None


def _solid(equal, side, extreme):
    """Return the components of pixels of one value that are regions."""
    labels, n = ndimage.label(equal)
    # Padded, for blocks at the border of the image to count.
    opened = ndimage.binary_opening(np.pad(equal, side, mode="edge"), np.ones((side, side)))
    opened = opened[side:-side, side:-side]
    numbers = np.arange(n + 1)
    sizes = np.bincount(labels.ravel(), minlength=n + 1)
    covered = ndimage.sum_labels(opened, labels, numbers)
    regions = (covered >= side**2) & (covered >= _SOLID * sizes)
    if extreme and regions[1:].any():
        regions |= sizes >= _FEWEST_WRITTEN
    regions[0] = False
    return regions[labels]


def fill_regions(image, regions):
    """Continue a picture smoothly into regions, under noise of the strength around them.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    regions : ndarray of bool of shape (height, width)
        What to fill, not all.

    Returns
    -------
    ndarray of float32 or float64 of shape (height, width)
        The image. Fresh noise, the same in each call, copies no pixel.
    """
    dtype = np.result_type(image.dtype, np.float32)
    filled = fill_pixels(image, regions, width=_WIDTH)
    rough = np.abs(ndimage.laplace(filled))[~ndimage.binary_dilation(regions)]
    deviation = np.median(rough) / (_NORMAL_MEDIAN * np.sqrt(20)) if rough.size else 0.0
    noise = np.random.default_rng(0).normal(0.0, deviation, int(regions.sum()))
    filled[regions] += noise
    return filled.astype(dtype)
