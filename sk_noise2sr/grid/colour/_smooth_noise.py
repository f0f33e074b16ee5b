"""How strong smooth noise is, measured in the residual: noisy minus denoised."""

import numpy as np
from scipy.fft import dctn

from .._power import typical_power
from .._resampling import frequencies
from ._colour import Colour

_BAND, _FEWEST = 0.24, 200  # where a Gaussian of width 1 has a tenth of its power; frequencies


def seen_share(difference: np.ndarray, colour: Colour, width: float) -> float:
    """Return the share of the variance of smooth noise that an estimate of it contains.

    An estimate from a high pass misses most of the smooth noise. The residual contains it, at the
    frequencies of detail; a median over these ignores a lattice that the result may have lost. The
    smoother the noise, the more the residual counts, and the less the high pass.

    Parameters
    ----------
    difference : ndarray of shape (height, width)
        Noisy minus denoised, in estimated standard deviations.
    colour : Colour
        The colour of the noise.
    width : float
        The width of detail, in pixels.

    Returns
    -------
    float
        The share; 1 or more if noise is not smooth.
    """
    seen = colour.high_passed
    if seen >= 1:
        return seen
    frequency = frequencies(difference.shape)
    few = min(_FEWEST, frequency.size - 1)
    told = frequency <= max(_BAND / width, np.partition(frequency, few, axis=None)[few])
    spectrum = dctn(difference, norm="ortho", workers=1)[told]
    power = colour.relative_power(difference.shape)[told]
    strength = max(typical_power(spectrum**2 / power), 1.0)
    return seen**seen / strength ** (1 - seen)
