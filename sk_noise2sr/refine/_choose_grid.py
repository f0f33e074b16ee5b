"""How far images are binned before similar blocks are looked for.

As far as detail allows; and if noise hides an image, farther, until blocks can be told apart.
"""

import math
import warnings
from dataclasses import replace
from functools import partial

import numpy as np

from ..grid import WorkingGrid, mean_of, moments

# Variance of the picture over that of the noise, below which similar blocks are not recognised; the
# least that is measured of it; the largest and the smallest factor by which is binned for that.
_DROWNED, _UNTOLD, _FARTHEST, _ROOM = 0.1, 0.005, 4.0, 1.1
_SMALLEST_SIDE = 48  # pixels of the grid that are left, at least
_MUCH = 0.25  # of the variance of an image: that much smooth noise may be texture


def choose_grid(frames, stabilized, anscombe, colour, binning, at_least, alone, white):
    """Choose the grid on which blocks of images are looked for.

    Parameters
    ----------
    frames, stabilized : ndarray of shape (n, height, width)
        Noisy images, and the same with stabilised noise.
    anscombe : Anscombe
        Has stabilised it.
    colour : Colour or None
        The colour of the stabilised noise; None for white noise.
    binning, at_least, alone
        As in :meth:`CollaborativeFilter.fit`.
    white : float
        How sure it is that the noise is white, from 0 to 1.

    Returns
    -------
    grid : WorkingGrid
        The grid.
    drowned : float
        By what factor it is coarser than detail would ask for, because noise hides the images.
    """
    known = {"stride": 1, "standardize": True, "uniform": True, "white": white}
    fit = partial(WorkingGrid.fit, stabilized, **known)
    grid = fit(binning=binning)
    if binning != "auto":
        return grid, 1.0
    if colour is not None:
        _warn_of_texture(colour, stabilized[0])
        at_least = np.power(at_least, colour.not_white)
        if np.any(at_least > grid.factors):
            grid = replace(fit(binning=np.maximum(grid.factors, at_least)), taper=True)
    drowned = _until_seen(frames, anscombe) / grid.binning if alone else 1.0
    if drowned < _ROOM:
        return grid, 1.0
    return fit(binning=drowned * grid.binning), drowned


def _warn_of_texture(colour, stabilized):
    """Warn if smooth noise makes so much of an image that it may be texture."""
    share = colour.not_white * colour.variance / moments(stabilized)[1] ** 2
    if share > _MUCH:
        warnings.warn(
            f"{min(share, 1):.0%} of the variance of this image passes for noise that neighbours "
            "share, and is removed. Texture as fine as the pixels looks like it: if the noise is "
            "independent from pixel to pixel, as of counted electrons, tell Noise2SR or VSTBM3D, "
            "noise=(a, b) for a variance of a * clean + b**2.",
            UserWarning,
            stacklevel=6,
        )


def _until_seen(frames, anscombe):
    """Return the factor of the binning from which on images stand out of their noise."""
    noise = np.mean([mean_of(anscombe.variance, frame) for frame in frames])
    seen = max(np.mean([moments(frame)[1] ** 2 for frame in frames]) / noise - 1, _UNTOLD)
    largest = min(_FARTHEST, min(frames.shape[1:]) / _SMALLEST_SIDE)
    return min(math.sqrt(_DROWNED / seen), largest)
