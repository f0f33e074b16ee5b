"""Streaks in the spectrum, which lines leave that are too bright, too dark or displaced."""

import numpy as np
from scipy import ndimage

from .._power import BEYOND, MEDIAN_EFFICIENCY, frequencies_along, typical_power

# Pairs: over how many lines medians are taken, and the error of a ratio of two such medians times
# the root of their length. Then standard errors that make no streak.
_LINES, _DOUBTFUL = ((5, 2.5), (1, 4.6)), 2.0


def line_power(whitened):
    """Return the power of the streaks of lines, one value for each frequency along the line.

    Parameters
    ----------
    whitened : ndarray of shape (height, width)
        Power of an image in units of the smooth part of its noise.

    Returns
    -------
    ndarray of shape (width,)
        Total power of the noise at high frequencies along columns, at least 1.
    """
    far = frequencies_along(len(whitened)) > BEYOND
    seen = typical_power(whitened[far], axis=0)
    # One frequency is known too badly to divide by it: its neighbours help.
    usual = ndimage.median_filter(seen, 5, mode="mirror")
    error = np.sqrt(2 * MEDIAN_EFFICIENCY / max(1, np.sum(far)))
    alone = seen > usual * (1 + 4 * error)
    return np.maximum(np.where(alone, seen, usual), 1.0)


def without_streaks(power):
    """Return the power without streaks.

    Displaced lines leave streaks at each frequency of a lattice. An instrument that sees alike in
    all directions leaves none, so what rows have more of than columns at high frequencies, and the
    other way round, is divided out.
    """
    for size, error in _LINES:
        lines, across = (_far_along(each, size) for each in (power, power.T))
        places = [np.linspace(0, 1, len(each), endpoint=False) for each in (lines, across)]
        columns = lines / np.interp(*places, across)
        rows = across / np.interp(*places[::-1], lines)
        power = power / _certainly_more(columns, error / np.sqrt(power.shape[0]))
        power = power / _certainly_more(rows, error / np.sqrt(power.shape[1]))[:, np.newaxis]
    return power


def _far_along(power, size):
    """Return the power of each column at high frequencies; a median over so many of them."""
    far = power[np.arange(len(power)) > 2 * BEYOND * len(power)]
    medians = typical_power(far, axis=0)
    return np.maximum(ndimage.median_filter(medians, size), np.finfo(power.dtype).tiny)


def _certainly_more(ratio, error):
    """Return a ratio as far as it certainly exceeds 1, and 1 elsewhere."""
    excess = np.maximum(ratio - 1, 0)
    return 1 + excess * (1 - (1 / np.maximum(excess / (_DOUBTFUL * error), 1)) ** 2)
