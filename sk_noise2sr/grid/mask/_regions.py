"""Regions that are no picture: scale bars, labels, padding, letterboxes, apertures.

Noise never gives one value to a whole block of pixels. Where counts are few, many pixels are 0, but
single counts lie among them. So large connected areas of exactly one value are no picture.
"""

from functools import reduce

import numpy as np
from scipy import ndimage

from .._power import NORMAL_MEDIAN
from ._bad_pixels import fill_pixels

_BY_CHANCE = 1e-3  # expected number of blocks of one value that noise makes in an image
_SMALLEST, _LARGEST = 4, 16  # sides of such a block
_MOST_VALUES = 256
_SOLID = 0.97  # share of a region that such blocks cover
_SPECK, _FEW_SPECKS = 30, 1  # most pixels of a count and its afterglow; most such in a region
_FADED = 0.05  # a step that is smaller than that share of the step at the other side is a fading
_STRAIGHT = 2  # pixels by which a straight or round border bends from row to row, in the median
_FEWEST_WRITTEN = 4  # pixels of a stroke of a label
_WIDTH = 3.0  # pixels: width of the Gaussian that fills regions


def find_constant_regions(image: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Find connected pixels of exactly one value that noise cannot have made.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    known : ndarray of bool of shape (height, width) or None, default=None
        Pixels known to be no picture. Pixels that they cut off from others are not a region by
        that alone.

    Returns
    -------
    ndarray of bool of shape (height, width)
        True in regions. Beside a region whose value is the least or the greatest of the image,
        strokes of a label of that value count too. An image of nothing else has none.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> image[50:54, 10:40] = 9.0
    >>> int(find_constant_regions(image).sum())
    120
    """
    image = image.astype(np.float32, copy=False) if image.dtype == np.float16 else image
    found = np.zeros(image.shape, dtype=bool)
    if min(image.shape) < _SMALLEST:
        return found
    blocks = _constant_blocks(image)
    if not blocks.any() or _reached(blocks).all():
        return found
    ends = image.min(), image.max()
    for value in np.unique(image[blocks])[:_MOST_VALUES]:
        if not fades(image, value):
            found |= _solid(image, value, value in ends, known)
    return found & (not found.all())


def _reached(blocks):
    """Return True in all pixels of the smallest blocks."""
    return ndimage.binary_dilation(blocks, np.ones((_SMALLEST, _SMALLEST)))


def _constant_blocks(image):
    """Return where all pixels of the smallest block are equal; mirrored at borders.

    Maximum and minimum filters would find the same. Comparisons are faster, as most images have no
    such block, which the first comparison shows.
    """
    before = _SMALLEST // 2
    image = np.pad(image, (before, _SMALLEST - 1 - before), mode="symmetric")
    along = _runs_of_equal(image)
    if not along.any():
        return along[: 1 - _SMALLEST]
    down = _runs_of_equal(image.T).T[:, : 1 - _SMALLEST]
    return down & reduce(np.logical_and, (along[n : n + len(down)] for n in range(_SMALLEST)))


def _runs_of_equal(image):
    """Return True where a pixel and those after it in its row, of the smallest block, are equal."""
    equal = image[:, 1:] == image[:, :-1]
    width = equal.shape[1] - _SMALLEST + 2
    return reduce(np.logical_and, (equal[:, n : n + width] for n in range(_SMALLEST - 1)))


def _solid(image, value, extreme, known):
    """Return the components of pixels of one value that are regions."""
    equal = image == value
    labels, n = ndimage.label(equal if known is None else equal | known)
    labels[~equal] = 0
    sizes = np.bincount(labels.ravel(), minlength=n + 1)
    sizes[0] = 0
    side = _block_side(equal.size, (sizes.sum() - sizes.max() + 1) / equal.size)
    if side is None:
        return np.zeros(equal.shape, dtype=bool)
    # Padded, for blocks at the border of the image to count.
    opened = ndimage.binary_opening(np.pad(equal, side, mode="edge"), np.ones((side, side)))
    opened = opened[side:-side, side:-side]
    covered = ndimage.sum_labels(opened, labels, np.arange(n + 1))
    regions = (covered >= side**2) & (covered >= _SOLID * sizes)
    regions &= _n_specks(image, equal, labels, n) <= _FEW_SPECKS
    if extreme and regions[1:].any():
        regions |= sizes >= _FEWEST_WRITTEN
    regions[0] = False
    return regions[labels]


def _block_side(n_pixels, share):
    """Return the side of a block that noise hardly fills with one value; None if too large."""
    for side in range(_SMALLEST, _LARGEST + 1):
        if n_pixels * share ** (side**2 - 1) < _BY_CHANCE:
            return side
    return None


def fades(image, value):
    """Return whether pixels fade to a value on one side and leave it abruptly on the other.

    Afterglow does that.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    value : float
        A value of many pixels.

    Returns
    -------
    bool
        False for scale bars and the like, which end abruptly on both sides.

    Examples
    --------
    >>> decay = np.append(np.exp(-np.arange(12.0)), np.zeros(20))
    >>> fades(np.tile(decay, (4, 3)), 0.0)
    True
    """
    return _fades_along_rows(image, value) or _fades_along_rows(image.T, value)


def _fades_along_rows(image, value):
    equal = image == value
    starts, ends = ~equal[:, :-1] & equal[:, 1:], equal[:, :-1] & ~equal[:, 1:]
    if not (starts.any() and ends.any()):
        return _ragged(starts | ends)
    before = np.median(np.abs(image[:, :-1][starts].astype(float) - value))
    after = np.median(np.abs(image[:, 1:][ends].astype(float) - value))
    return bool(min(before, after) < _FADED * max(before, after))


def _ragged(ends):
    """Return whether runs from a border end raggedly, at the first count of each row."""
    columns = np.nonzero(ends)[1]
    return bool(len(columns) > 2 and np.median(np.abs(np.diff(columns, 2))) > _STRAIGHT)


def _n_specks(image, equal, labels, n):
    """Return the number of counts in each component: small holes of more than one value."""
    holes, n_holes = ndimage.label(~equal, structure=np.ones((3, 3)))
    numbers = np.arange(n_holes + 1)
    sizes = np.bincount(holes.ravel(), minlength=n_holes + 1)
    varied = ndimage.maximum(image, holes, numbers) > ndimage.minimum(image, holes, numbers)
    specks = (sizes <= _SPECK) & (varied | (sizes < _FEWEST_WRITTEN))
    specks[0] = False
    around = ndimage.maximum(ndimage.maximum_filter(labels, 3), holes, numbers)
    return np.bincount(around[specks].astype(int), minlength=n + 1)


def fill_regions(image: np.ndarray, regions: np.ndarray) -> np.ndarray:
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
        The image. The noise is fresh, and the same in each call.
    """
    dtype = np.result_type(image.dtype, np.float32)
    filled = fill_pixels(image, regions, width=_WIDTH)
    rough = np.abs(ndimage.laplace(filled))[~ndimage.binary_dilation(regions)]
    deviation = np.median(rough) / (NORMAL_MEDIAN * np.sqrt(20)) if rough.size else 0.0
    noise = np.random.default_rng(0).normal(0.0, deviation, int(regions.sum()))
    filled[regions] += noise
    return filled.astype(dtype)
