"""Pixels that never serve as a training target."""

import torch

from .._generators import hash_grid

_SALT = 0x48454C44


def held_out_pixels(seed: int, height: int, width: int, fraction: float) -> torch.Tensor:
    """Mark a random set of pixels, a function of the seed and the pixel alone.

    Parameters
    ----------
    seed : int
        The seed.
    height, width : int
        Size of the image.
    fraction : float
        Expected share of marked pixels, in [0, 1).

    Returns
    -------
    Tensor of bool of shape (height, width)
        True where a pixel is held out.

    Examples
    --------
    >>> held_out = held_out_pixels(0, 100, 100, 0.02)
    >>> 150 < int(held_out.sum()) < 250
    True
    """
    return hash_grid(seed, range(height), range(width), _SALT) < int(fraction * 2**32)
