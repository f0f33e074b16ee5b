"""Where the spectrum of a noisy image ends, how sure that is, and the factor that follows.

The power of the image, in units of that of the noise, is averaged over rings of one frequency. The
last ring with more than noise is where detail ends.
"""

import numpy as np
from scipy import ndimage

from .._graded import graded
from .._resampling import FADE_FROM, frequencies

_RING = 0.005  # cycles a pixel: width of a ring
_MARGIN = 1.7  # of the cut above the end of detail, beside the room for the sub-sampling
_STANDARD_ERRORS = 5  # by which a ring exceeds noise
# Faint rings at high frequencies may be detail, or noise that is not known well enough. So the end
# is looked for with thresholds that are these times higher; the results are averaged.
_LENIENCIES = (1.0, 1.25, 1.55, 1.95, 2.4)
# The power of scenes falls as f**-2 to f**-5, that of a microscope is steeper at its end. Between
# _SCENIC and _STEEP, factors are the smaller the less steep it is.
_FLAT, _SCENIC, _STEEP = 0.7, 4.3, 5.3
_FAINT = (7.0, 3.0)  # standard errors of the power above the end: doubtful, and certain
_STRIDE = 2  # of the sub-sampling, when noise that neighbours share is binned


def factors_of_end(
    power, frequency, stretch, stride, *, spots=None, share=0.0, doubt=0.0, hidden=0.0
):
    """Return the factors that keep all detail: smaller ones if the end of detail is doubtful.

    Parameters
    ----------
    power, frequency : ndarray
        Power of the cosine transform in units of that of the noise, and frequencies.
    stretch : ndarray of shape (2,)
        Factors of these frequencies along both axes.
    stride : int
        The stride of the sub-sampling.
    spots, share, doubt
        As in :func:`detail_cutoffs`; `share` is the whole share of streaks in the noise.
    hidden : float, default=0.0
        Relative error of the noise by correlations that do not show; see :attr:`Colour.hidden`.

    Returns
    -------
    factors : ndarray of shape (2,)
        The factors, at least 1.
    cutoff : float
        The frequency beyond which nothing was found.
    certainty : float
        How sure it is that there is nothing, from 0 to 1.
    """
    cutoffs = detail_cutoffs(power, frequency, spots=spots, share=share / 2, doubt=doubt)
    margin = _MARGIN ** (1 - share)
    unknown = max(_STANDARD_ERRORS * doubt, share / 2)
    largest = 0.5 * FADE_FROM ** (1 - share) / cutoffs[0]
    factors = [
        np.maximum(stretch * min(0.5 / (margin * stride * cutoff), largest), 1.0)
        for cutoff in cutoffs
    ]
    # Each threshold counts as far as its end is certain, so that none decides alone.
    each = {
        cutoff: float(graded(_steepness(power, frequency, cutoff), (_SCENIC, _STEEP)))
        for cutoff in set(cutoffs)
    }
    steep = [each[cutoff] for cutoff in cutoffs]
    none_beyond = _certainty_of_none(power, frequency, cutoffs[0], unknown, hidden)
    factors = np.exp(none_beyond * np.mean(np.log(factors).T * steep, axis=1))
    return factors, cutoffs[0], none_beyond * float(np.mean(steep))


def unseen_from(power, largest, **known):
    """Return the factor, up to the largest, by which an image can be binned without visible loss.

    Detail of scenes below the noise is lost. That is the price for less noise that neighbours
    share, which no sub-sampling hides.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Power of the cosine transform in units of that of the noise.
    largest : float
        The largest factor.
    **known
        As in :func:`detail_cutoffs`.

    Returns
    -------
    float
        The factor, at least 1.
    """
    frequency, each = frequencies(power.shape), []
    for cutoff in detail_cutoffs(power, frequency, **known):
        if cutoff == 0.5:
            each.append(np.log(largest))
            continue
        steepness = np.clip(_steepness(power, frequency, cutoff) / _SCENIC, _FLAT, 1)
        factor = np.clip(0.5 / (_MARGIN * _STRIDE * cutoff), 1, largest)
        each.append(steepness * np.log(factor))
    return float(np.exp(np.mean(each)))


def detail_cutoffs(power, frequency, *, spots=None, share=0.0, doubt=0.0):
    """Return the far side of the last ring that holds detail, in cycles a pixel.

    A ring holds detail if its mean exceeds the noise by more than chance, or if one of its
    coefficients is too strong for noise, alone and together with its neighbours: Bragg spots are
    narrow, and leak into these.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Power of the cosine transform, in units of that of the noise.
    frequency : ndarray of shape (height, width)
        Frequencies.
    spots : ndarray of shape (height, width) or None, default=None
        :func:`strength_of_spots` of the power; None if spots may be interference of the scan.
    share : float, default=0.0
        Detail weaker than that share of the noise cannot be told from streaks.
    doubt : float, default=0.0
        Standard error of the noise in whose units the power is.

    Returns
    -------
    list of float
        The frequency for each of the rising thresholds; 0.5 if no ring holds detail.
    """
    ring = (frequency / _RING).astype(int)
    counts = np.maximum(np.bincount(ring.ravel()), 1)
    means = np.bincount(ring.ravel(), power.ravel()) / counts
    by_chance, strongest = _highest_by_chance(counts) - 1, np.zeros(len(means))
    if spots is not None:
        np.maximum.at(strongest, ring[spots > 1], spots[spots > 1])
    cutoffs = []
    for leniency in _LENIENCIES:
        least = np.hypot(leniency * by_chance, _STANDARD_ERRORS * doubt)
        seen = means - 1 > np.maximum(least, leniency * share)
        cutoffs.append(_last(seen | (strongest > leniency)))
    return cutoffs


def _last(detail):
    last = np.flatnonzero(detail)
    return min(0.5, (last[-1] + 1) * _RING) if last.size else 0.5


def strength_of_spots(power):
    """Return the power of each coefficient, over what the strongest one has by chance.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Power of the cosine transform, in units of that of the noise.

    Returns
    -------
    ndarray of shape (height, width)
        More than 1 where it is not noise.
    """
    alone = power / (2 * np.log(power.size) + 8)
    around = 9 * ndimage.uniform_filter(power, 3, mode="nearest") / (2 * np.log(power.size) + 30)
    return np.minimum(alone, around)


def _highest_by_chance(counts):
    """Return the mean of that many squares that chance exceeds as rarely as five standard errors.

    Wilson and Hilferty: the third root of a mean of squares is as good as normal.
    """
    variance = 2 / (9 * counts)
    return (1 - variance + _STANDARD_ERRORS * np.sqrt(variance)) ** 3


def _certainty_of_none(power, frequency, cutoff, unknown, hidden):
    """Return how sure it is that the octave above a cutoff is empty, from 0 to 1.

    Faint and wide detail, as of scenes, shows in an octave, though in no ring.
    """
    excess, error = _excess(power, frequency, cutoff, 2 * cutoff)
    seen = (excess - unknown) / np.hypot(error, hidden)
    return float(graded(seen, _FAINT))


def _steepness(power, frequency, cutoff):
    """Return the slope of the signal about the cutoff: p of a power that goes as f**-p.

    Measured just below the cutoff, and from there to the octave above, where the signal is at
    most what the noise can hide; the larger of the two.
    """
    (inner, _), (outer, outer_error), (beyond, beyond_error) = (
        _excess(power, frequency, low * cutoff, high * cutoff)
        for low, high in ((0.5, 0.7), (0.7, 1.0), (1.0, 2.0))
    )
    outer = max(outer, outer_error)
    below = np.log2(max(inner, outer_error) / outer) / np.log2(0.85 / 0.6)
    above = np.log2(outer / np.hypot(max(beyond, 0.0), 2 * beyond_error)) / np.log2(1.5 / 0.85)
    return max(below, above)


def _excess(power, frequency, low, high):
    """Return by how much a band exceeds the noise, and the standard error of that."""
    band = power[(frequency > low) & (frequency <= high)]
    return (band.mean() - 1, np.sqrt(2 / band.size)) if band.size else (0.0, 1.0)
