"""A picture continued into regions where there is none: what is alike elsewhere tells how.

A smooth filling bends what a denoiser makes of the rim. Blocks that reach into a region find their
like where all is known, so that two rounds of the non-local filter carry textures on [1]. Blocks
count the less, the more of them was made up.

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

_MARGIN = 48  # pixels around a region that tell what is in it
_SMALLEST_SIDE = 32
_WIDE = 3.0  # pixels that carry a picture on at first
_COUNTED = 1e3  # counts, from which on they are as good as normal
_ROUNDS, _WORK = 2, 2**20  # rounds, and pixels in all of them, where one is not more
_REMEMBERED = 2**21  # pixels of the last fillings: ``transform`` asks for what ``fit`` had
_fillings: OrderedDict[bytes, np.ndarray] = OrderedDict()


def continue_picture(image: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Continue textures into regions, under noise of the strength that belongs to them.

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
    """Return what tells an image and its regions from all others."""
    digest = hashlib.blake2b(f"{image.dtype} {image.shape}".encode())
    for array in (image, regions):
        digest.update(np.ascontiguousarray(array))
    return digest.digest()


def _remember(key, filling):
    """Keep a filling, and forget the oldest ones that are too much."""
    _fillings[key] = filling
    while sum(each.size for each in list(_fillings.values())) > _REMEMBERED:
        _fillings.popitem(last=False)


def _parts(regions):
    """Return the slices that hold regions and what lies around them, none in another's."""
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
    """Return an image with fresh noise: counts where they are, else normal noise."""
    counts = np.maximum((clean - noise.offset) / noise.a, 0) if noise.a else np.inf
    if np.max(counts) > _COUNTED:
        return rng.normal(clean, np.sqrt(np.maximum(noise.variance_at(clean), 0)))
    return rng.normal(noise.offset + noise.a * rng.poisson(counts), noise.b)
