"""Odd places, which a network draws like their look-alikes: found in the image, and put back."""

from typing import Any

import numpy as np

from .._blas import sequential_blas
from ..filters import show_odd
from ..grid import map_strips
from ._noise import normal_share
from ._stabilized import intensities, leaves_nothing, stabilize
from ._white import filter_white

_SHOWN = 0.85  # of what is odd: the rest is hardly worth another pass
_FAR = 8  # deviations of stabilised noise: what is farther off counts as this


def with_odd_places(
    refining: Any,
    image: np.ndarray,
    result: np.ndarray,
    guided: float,
    valid: np.ndarray | None = None,
) -> np.ndarray:
    """Return a result plus what it lacks at single places that differ from their look-alikes.

    A vacancy is too small to count in the shares of a result: where those of the network are large,
    it is drawn like all other columns.

    Parameters
    ----------
    refining : CollaborativeFilter
        The filter.
    image : ndarray of shape (height, width)
        The noisy image.
    result : ndarray of shape (height, width)
        What was made of it.
    guided : float
        Share in it of a filter with a guide, which shows odd places by itself. Where it is large,
        the time is saved.
    valid : ndarray of bool of shape (height, width) or None, default=None
        False where the image was filled in; None if it nowhere was.

    Returns
    -------
    ndarray of shape (height, width)
        The result with odd places, as far as the filter is believed, and as counts are many.
    """
    if guided >= _SHOWN:
        return result
    stabilized = stabilize(image, refining.anscombe)
    if not refining.weight or leaves_nothing(stabilized):
        return result
    grid, anscombe = refining.grid, refining.anscombe
    # The mean of few stabilised counts is less than the stabilised mean, which would seem odd.
    expected = map_strips(anscombe.expected, result, stabilized.dtype)
    uneven = refining._unevenness(image, valid)
    far = _FAR if uneven is None else _FAR * uneven
    stabilized = np.clip(stabilized, expected - far, expected + far)
    noisy, shown = grid.prepare(stabilized), grid.prepare(expected)
    sigma = refining._sigma(image, stabilized, uneven)
    valid = None if valid is None else grid.valid_share(valid)
    known = image.shape, grid.binning, refining.colour, valid
    with sequential_blas:  # the result must not depend on the number of cores
        odd = filter_white(noisy, sigma, shown, *known, filter_guided=show_odd)
    after, before = (intensities(each, image, grid, anscombe) for each in (odd, shown))
    # Limits of chance hold for normal noise.
    believed = refining.weight * normal_share(image, anscombe, grid.binning)
    missing = believed * (after - before)
    return result + missing.astype(result.dtype)
