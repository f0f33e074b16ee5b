"""Whether binning would remove only noise: a test for rare detail.

Sharp features and lattices of small particles do not show in the spectrum of a whole image. They
are looked for in what binning would remove: as groups of extreme pixels, and as spots in the
spectra of small windows.
"""

import numpy as np
from scipy import ndimage
from scipy.fft import fftfreq, idctn, rfft2, rfftfreq

from .._resampling import FADE_FROM, frequencies
from .._strips import sampled
from ..colour._colour import STREAKS

_SCALES = 2  # features are looked for at scales of 1 and 2 pixels
_BRIGHTNESSES, _GROUP = 16, 1024  # groups of brightness at most, and pixels in each
_GAUSS = 0.772  # from the value that 10 % exceed to that which 2 % exceed, in standard deviations
# Signs of fewer counts than one a pixel, whose distribution cannot be extrapolated.
_SPARSE, _LOPSIDED = 2.0, 2.2
_SMALLEST_SIDE = 16
_WINDOW, _LEAK = 64, 2  # pixels; frequencies over which a spot of a window spreads
_DIM = 0.1  # of the mean power: the least that a window counts as having
_AROUND = np.array([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]])


def chance_of_loss(image, spectrum, factors, stride, faint=None, streaks=0.0):
    """Return the chance that noise alone would show what binning and sub-sampling remove.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The noisy image.
    spectrum : ndarray of shape (height, width)
        Its cosine transform.
    factors : pair of float
        Factors of the binning.
    stride : int
        The stride.
    faint : ndarray of bool of shape (height, width) or None, default=None
        Frequencies that the noise of the image lacks.
    streaks : float, default=0.0
        How sure it is that rows leave streaks, from 0 to 1; negative for those of columns.

    Returns
    -------
    float
        At most the share of images without features that show something as extreme; at most 1.
    """
    # At its mirrored borders an image has a kink, which is not detail.
    margins = np.minimum(2 * (stride * np.array(factors)).astype(int), np.array(image.shape) // 4)
    inner = tuple(slice(margin, -margin or None) for margin in margins)
    beyond = frequencies(image.shape, factors) > min(0.5 / stride, 0.5 * FADE_FROM)
    fine = idctn(spectrum * beyond, norm="ortho", overwrite_x=True, workers=1)
    fine, coarse = fine[inner], (image - fine)[inner]
    spots = _chance_of_spots(fine, factors, stride, faint, streaks)
    return min(spots, _chance_of_features(fine, coarse))


def _chance_of_features(fine, coarse):
    """Return the chance of the highest value and its neighbours under noise alone.

    A feature spans more than a pixel, an extreme of the noise does not. So a pixel and the mean of
    its neighbours have to be too high (or too low) at once. How rare that is under noise is
    extrapolated from the values that 10, 2 and 0.4 % of the pixels exceed: logarithmically concave
    tails, such as Gauss's and Poisson's, fall at least that fast. Values are in units of their
    usual size at the same brightness.
    """
    chance = 1.0
    for scale in range(_SCALES):
        if scale:
            fine, coarse = _halved(fine), _halved(coarse)
        if min(fine.shape) < _SMALLEST_SIDE:
            break
        values = _normalized(fine, coarse)
        around = ndimage.correlate(values, _AROUND.astype(values.dtype), mode="mirror")
        around[values == 0] = 0
        for sign in (1, -1):
            surprise = _surprise(sign * values, sign * around)
            # The sum of two such independent values is above s in (1 + s) exp(-s) of all cases.
            chance = min(chance, fine.size * (1 + surprise) * float(np.exp(-surprise)))
    return chance


def _chance_of_spots(fine, factors, stride, faint, streaks):
    """Return the chance of the strongest spot in the spectra of windows under noise alone.

    The spectrum of white noise is flat in each window, even if its strength changes there: its
    power has an exponential distribution, with the mean of that window. Streaks have one of their
    own: where lines are displaced farther than elsewhere, they are stronger.
    """
    side = min(_WINDOW, *fine.shape)
    shade = np.hanning(side + 2)[1:-1].astype(fine.dtype)
    rows, columns = fftfreq(side), rfftfreq(side)[1:-1]  # the others have real coefficients
    edge = min(0.5 / stride, 0.5 * FADE_FROM) + 2 * max(factors) / side
    beyond = np.hypot(rows[:, None] * factors[0], columns * factors[1]) > edge
    if faint is not None:
        beyond &= ~_seen_in_windows(faint, rows, columns)
    tops, lefts = (_starts(length, side) for length in fine.shape)
    n_coefficients = len(tops) * len(lefts) * np.count_nonzero(beyond)
    if not n_coefficients:
        return 1.0
    peaks, usual = [], []
    for top in tops:
        strip = fine[top : top + side]
        windows = np.stack([strip[:, left : left + side] for left in lefts])
        power = np.abs(rfft2(windows * np.outer(shade, shade), workers=1)[:, :, 1:-1]) ** 2
        seen = power[:, beyond]
        usual.append(np.median(seen, axis=1) / np.log(2))
        peaks.append(seen.max(axis=1))
        rare = np.flatnonzero(peaks[-1] > usual[-1] * np.log(n_coefficients)) if streaks else ()
        for place in rare:
            each = power[place], beyond, columns
            if streaks < 0:
                each = power[place].T, beyond.T, rows
            peaks[-1][place] = _peak_beside_streaks(*each, usual[-1][place], abs(streaks))
    peaks, usual = np.concatenate(peaks), np.concatenate(usual)
    # Where next to nothing is counted, what leaks in from brighter places is not noise.
    usual = np.maximum(usual, max(_DIM * usual.mean(), 1e-30))
    return float(n_coefficients * np.exp(-(peaks / usual).max()))


def _peak_beside_streaks(power, beyond, along, usual, certainty):
    """Return the highest power of a window; streaks count as far as they exceed their median."""
    for place in np.unique(np.abs(along[np.abs(along) < STREAKS])):
        streak = np.abs(along) == place
        seen = power[:, streak][beyond[:, streak]]
        if seen.size:
            level = np.median(seen) / np.log(2) / max(usual, 1e-30)
            power[:, streak] /= max(level, 1.0) ** certainty
    return power[beyond].max()


def _seen_in_windows(faint, rows, columns):
    """Return where faint frequencies of an image leak to in the spectra of windows."""
    at = [
        np.minimum(np.rint(2 * side * np.abs(frequencies)).astype(int), side - 1)
        for side, frequencies in zip(faint.shape, (rows, columns), strict=True)
    ]
    return ndimage.maximum_filter(faint[np.ix_(*at)], 2 * _LEAK + 1, mode=("wrap", "nearest"))


def _starts(length, side):
    """Return the starts of windows that overlap by half."""
    return range(0, length - side + 1, max(1, side // 2))


def _normalized(fine, coarse):
    """Return values in units of their usual size at their brightness; 0 where counts are sparse."""
    n_groups = int(np.clip(fine.size / _GROUP, 1, _BRIGHTNESSES))
    edges = np.quantile(sampled(coarse), np.linspace(0, 1, n_groups + 1)[1:-1])
    group = np.zeros(coarse.shape, dtype=np.uint8)
    for edge in edges.tolist():  # far quicker than searchsorted, as the edges are few
        group += coarse > edge
    some, its_group = sampled(fine), sampled(group)
    weights = np.zeros(n_groups, dtype=fine.dtype)
    for number in range(n_groups):
        values = some[its_group == number]
        if values.size:
            low, less, median, more, high = np.quantile(values, (0.05, 0.16, 0.5, 0.84, 0.95))
            usual = (more - less) / 2
            sparse = max(values.std() / _SPARSE, abs(median)) >= usual
            if not sparse and high - median < _LOPSIDED * (median - low):
                weights[number] = 1 / usual
    return fine * weights[group]


def _surprise(values, around):
    """Return minus the logarithm of the chance of the rarest pair, at least."""
    counted = values != 0
    if not counted.any():
        return 0.0
    every = counted.all()
    (high, slope), (high_around, slope_around) = (
        _tail(sampled(each if every else each[counted])) for each in (values, around)
    )
    both = (values > high) & (around > high_around)
    pairs = slope * (values[both] - high) + slope_around * (around[both] - high_around)
    return 2 * np.log(10) + float(pairs.max()) if pairs.size else 0.0


def _tail(values):
    """Return the value that 10 % exceed, and the slope of the logarithm of that share."""
    shares = (0.16, 0.84, 0.9, 0.98, 0.996)
    less, more, high, higher, highest = map(float, np.quantile(values, shares))
    # No tail is shorter than Gauss's; that of counts may look shorter, as it falls in steps.
    step = max(higher - high, highest - higher, _GAUSS * (more - less) / 2, 1e-30)
    return high, np.log(5) / step


def _halved(image):
    """Return the means of cells of 2 x 2 pixels."""
    height, width = (side - side % 2 for side in image.shape)
    rows = image[:height:2] + image[1:height:2]
    return (rows[:, :width:2] + rows[:, 1:width:2]) / 4
