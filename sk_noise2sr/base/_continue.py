"""Invalid regions filled with textures that are found elsewhere in the image.

A smooth filling would disturb the result at the rim of a region. Blocks that reach into the region
are filtered together with similar blocks elsewhere, so that two rounds of block matching continue
textures [1]. The more of a block was filled, the less it counts.

[1] O. G. Guleryuz, "Nonlinear Approximation Based Image Recovery Using Adaptive Sparse
    Reconstructions and Iterated Denoising", IEEE TIP 15, 539-571, 2006: rounds of denoising.
"""

import hashlib
from collections import OrderedDict

import numpy as np
from scipy import ndimage

from ..grid import fill_pixels
from ..noise import estimate_noise
from ..refine import CollaborativeFilter

_MARGIN = 48  # pixels around a region that are used to fill it
_SMALLEST_SIDE = 32
_WIDE = 3.0  # pixels: width of the Gaussian of the first, smooth filling
_COUNTED = 1e3  # counts, from which on they are as good as normal
_ROUNDS, _WORK = 2, 2**20  # rounds; one, if two would filter more than that many pixels
_REMEMBERED = 2**21  # pixels of the last fillings: ``transform`` asks for what ``fit`` had
_fillings: OrderedDict[bytes, np.ndarray] = OrderedDict()


def continue_picture(image: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Continue textures into regions, and add noise as strong as elsewhere.

    Parameters
    ----------
    image : ndarray of floating type of shape (height, width)
        Noisy image, filled smoothly in regions.
    regions : ndarray of bool of shape (height, width)
        What to fill, not all.

    Returns
    -------
    ndarray of the shape of `image`
        The image; `image` itself where no noise can be measured, or sides are below 32 pixels.
    """
    try:
        noise = estimate_noise(image, valid=~regions)
    except ValueError:
        return image
    key = _digest(image, regions)
    filling = _fillings.get(key)
    filled = image.copy()
    if filling is not None:
        filled[regions] = filling
        return filled
    for part in _parts(regions):
        if min(regions[part].shape) >= _SMALLEST_SIDE:
            filled[part] = _in_rounds(filled[part], regions[part], noise)
    _remember(key, filled[regions])
    return filled


def _digest(image, regions):
    """Return a hash of an image and its regions."""
    digest = hashlib.blake2b(f"{image.dtype} {image.shape}".encode())
    for array in (image, regions):
        digest.update(np.ascontiguousarray(array))
    return digest.digest()


def _remember(key, filling):
    """Keep a filling, and forget the oldest ones if they take too much memory."""
    _fillings[key] = filling
    while sum(each.size for each in list(_fillings.values())) > _REMEMBERED:
        _fillings.popitem(last=False)


def _parts(regions):
    """Return the slices around regions, with their margins; regions close together share one."""
    near = ndimage.maximum_filter(regions, 2 * _MARGIN + 1)
    return ndimage.find_objects(ndimage.label(near)[0])


def _in_rounds(image, regions, noise):
    rng = np.random.default_rng(0)
    filled = np.where(regions, _noisy(fill_pixels(image, regions, _WIDE), noise, rng), image)
    for _ in range(int(np.clip(_WORK // image.size, 1, _ROUNDS))):
        try:
            clean = CollaborativeFilter.fit(filled[np.newaxis], noise.anscombe(), "auto")
            clean = clean.denoise(filled, valid=~regions)
        except ValueError:  # nothing but one intensity
            return filled
        filled = np.where(regions, _noisy(clean, noise, rng), image)
    return filled


def _noisy(clean, noise, rng):
    """Return an image with fresh noise: counts if they are few, else normal noise."""
    counts = np.maximum((clean - noise.offset) / noise.a, 0) if noise.a else np.inf
    if np.max(counts) > _COUNTED:
        return rng.normal(clean, np.sqrt(np.maximum(noise.variance_at(clean), 0)))
    return rng.normal(noise.offset + noise.a * rng.poisson(counts), noise.b)
