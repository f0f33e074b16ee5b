"""How far noise that neighbours of the grid share is made white before a network sees it.

A network learns the noise that neighbours share, and draws it: whitening prevents that. But the
whitened noise is stronger in each kept pixel of a cell, and hides weak detail. So noise is whitened
the sooner, the stronger the detail is.
"""

from typing import Any

import numpy as np
from scipy.fft import dctn
from scipy.ndimage import uniform_filter

from ..._middle import middle_of
from .._graded import graded
from .._power import typical_power
from ._colour import Colour
from ._read_colour import LOOKED_AT

# Correlations of neighbours at which whitening begins, and at which it is full: for weak and for
# strong detail.
_WEAK, _STRONG = (0.15, 0.3), (0.05, 0.1)
_STRENGTHS = 12.0, 20.0  # mean power of weak and of strong detail, in units of that of noise
_AROUND, _SEEN = 5, 2.0  # coefficients a side; power that noise alone hardly has in their mean


def colour_to_whiten(colour: Colour, image: np.ndarray, grid: Any) -> Colour | None:
    """Return the colour by which noise on a grid is whitened.

    Parameters
    ----------
    colour : Colour
        The colour of the noise of the image.
    image : ndarray of shape (height, width)
        The noisy image.
    grid : WorkingGrid
        The grid, which whitens nothing yet.

    Returns
    -------
    Colour or None
        The colour, weakened as far as neighbours share little; None if they share hardly anything.
    """
    shared = max(
        colour.correlation_of_neighbours(image.shape, grid.factors, axis)[0] for axis in (0, 1)
    )
    share = float(graded(shared, _WEAK))
    most = colour.not_white * float(graded(shared, _STRONG))
    if most > share:
        strength = max(strength_of_detail(colour, image, grid), 1.0)
        share += (most - share) * float(graded(np.log(strength), np.log(_STRENGTHS)))
    return colour.faded(share) if share else None


def strength_of_detail(colour: Colour, image: np.ndarray, grid: Any) -> float:
    """Return the mean power of the detail that shows, in units of that of the noise.

    Parameters
    ----------
    colour, image, grid
        As in :func:`colour_to_whiten`; at most 1024 x 1024 pixels are looked at.

    Returns
    -------
    float
        The strength, at least 0; 0 where no detail shows.

    Examples
    --------
    >>> from sk_noise2sr.grid import UNBINNED, colour_of_image
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> waves = np.sin(np.arange(128) / 2) + np.zeros((128, 1))
    >>> print(f"{strength_of_detail(colour_of_image(noise), noise + waves, UNBINNED):.0f}")
    53
    """
    window = middle_of(image, LOOKED_AT)
    binned = grid.prepare(window)
    power = dctn(binned - binned.mean(dtype=np.float64), norm="ortho", workers=1) ** 2
    power /= colour.relative_power(window.shape, power.shape)
    power /= max(typical_power(power), np.finfo(float).tiny)
    around = uniform_filter(power, _AROUND)
    seen = around[around > _SEEN]
    return float(seen.mean()) - 1 if seen.size else 0.0
