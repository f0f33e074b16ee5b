"""Give back what makes a place differ from its look-alikes, where a filter has removed it.

Averages over look-alikes weaken a single odd place, such as a vacancy. Here each place is tested:
if the noisy image differs from what look-alikes have in common by more than noise explains, and the
result does not show that, the missing part is added to the result.
"""

import math

import numpy as np
from scipy.ndimage import maximum_filter
from scipy.special import expit, gammainccinv, ndtr

from ..grid import (
    detail_width,
    gaussian_kernel,
    largest_by_chance,
    relief,
    sums_under,
    values_at,
)

_WIDER = 1.2  # width of a spot, in that of the detail
# Chances that noise alone exceeds a limit: at one column (empty or too high; standing off its
# place), and anywhere else in one image (an atom between columns).
_AT_A_COLUMN, _MOVED, _ELSEWHERE = 0.002, 0.0005, 0.03
_FLAT = 1.0  # standard errors: height of a peak above its surroundings that is half a column
_UNEXPLAINED = 1.0  # standard errors that the result lacks, of which half is given back
_NEAR, _FAR = 3, 8  # widths: inner and outer radius of the surroundings of a place
_MOST = 3.5  # standard errors: larger scores in the surroundings count as this
_MARGIN = 0.5  # of the variance, by which surroundings may exceed that of noise
_SHADES = 8  # of brightness, each with its own strength of noise
_FARTHEST = 4  # standard deviations: larger residuals count as this
_LAGS = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 1), (1, -1))  # of pixels that may share their noise
_DOUBTFUL = 2.0  # standard errors of a correlation that chance explains
_ASSUMED = 16  # number of columns, added to those seen, that differ by noise alone
_SLIGHT = 0.05  # certainty below which no column is moved


def give_back(noisy, denoised, usual, rare=False):
    """Add what a result lacks at places that differ from their look-alikes.

    The sum of a difference under a Gaussian spot, over its standard deviation, is a z-score. If
    that of ``noisy - usual`` says that a place is odd, and that of ``noisy - denoised`` says that
    the result does not show all of it, the spot that fits the latter best is added. Both decisions
    are graded. A column off its place is moved in the same way, by the slopes of a spot.

    Parameters
    ----------
    noisy, denoised : ndarray of float32 of shape (height, width)
        The image and the result, in units of the noise.
    usual : ndarray of float32 of shape (height, width)
        What the look-alikes of each place have in common.
    rare : bool, default=False
        Whether a column counts as odd only above the limit of any other place.

    Returns
    -------
    ndarray of float32 of shape (height, width)
        The result, with the missing parts added.

    Notes
    -----
    The peaks of ``usual``, found to a part of a pixel, are columns. There a z-score is odd above
    3.1, which noise exceeds with a chance of 0.002, so that most defects of four standard errors
    are shown. Anywhere else the chance is 0.03 in the whole image, and the limit higher; low peaks
    lie between.

    The noise may be stronger than told, or not white. So z-scores are divided by the spread that
    the residual gives them (its strength at each brightness, its correlation as far as certain),
    and by their own spread around each place and over all columns, as radars do that keep a
    constant rate of false alarms. Where everything differs from its look-alikes, as on edges,
    nothing is odd.

    Examples
    --------
    >>> import numpy as np
    >>> noisy = np.random.default_rng(0).normal(size=(64, 64))
    >>> y, x = np.mgrid[:64, :64]
    >>> spot = 4 * np.exp(-((y - 20) ** 2 + (x - 40) ** 2) / 4)
    >>> flat = np.zeros((64, 64))
    >>> shown = give_back(noisy + spot, flat, flat)
    >>> print(f"{np.sum(shown * spot) / np.sum(spot**2):.1f}", abs(shown[:, :30]).max() < 0.1)
    1.1 True
    """
    spot = _Spot(_WIDER * detail_width(denoised), noisy.shape)
    departs, hidden = spot.z(noisy - usual), spot.z(noisy - denoised)
    spread = np.maximum(_spread(noisy - denoised, usual, spot), _spread_around(departs, spot))
    columns, sure = _columns(usual, spot)
    if rare:
        sure = np.zeros_like(sure)
    places, odd, limits = _places(columns, sure, departs / spread, spot)
    departs, hidden = (values_at(places, each) for each in (departs, hidden))
    missing = np.where(departs * hidden > 0, hidden, 0)
    certain = expit((odd**2 - limits**2) / 2)
    shown = spot.add(denoised, places, certain * expit(missing**2 - _UNEXPLAINED**2) * missing)
    return _move(noisy, shown, usual, columns, sure, spot)


def _move(noisy, shown, usual, columns, sure, spot):
    """Move columns that stand off their place to where the noisy image has them.

    A spot is moved a little by adding its slopes. The sum of the squares of both z-scores is a
    chi-square of two degrees of freedom.
    """
    slopes = [_Spot(spot.width, usual.shape, order) for order in ((1, 0), (0, 1))]
    departs, hidden = np.empty((2, 2, columns.shape[1]))
    for number, slope in enumerate(slopes):
        z = slope.z(noisy - usual)
        spread = np.maximum(_spread(noisy - shown, usual, slope), _spread_around(z, spot))
        departs[number] = values_at(columns, z / spread)
        hidden[number] = values_at(columns, slope.z(noisy - shown))
    odd = np.hypot(*departs)
    odd /= _spread_of_columns(odd, len(slopes))
    agree = np.maximum(np.sum(departs * hidden, axis=0), 0) / np.maximum(odd**2, 1)
    limits = _limits(sure, usual.shape, spot, _MOVED, len(slopes))
    certain = expit((odd**2 - limits**2) / 2) * np.minimum(agree, 1)
    worth = certain > _SLIGHT
    for slope, z in zip(slopes, (certain * hidden)[:, worth], strict=True):
        shown = slope.add(shown, columns[:, worth], z)
    return shown


class _Spot:
    """A Gaussian, or a slope of it, that moves over an image of noise of standard deviation 1."""

    def __init__(self, width, shape, order=(0, 0)):
        self.width, self._order = width, order
        reach = len(gaussian_kernel(width)) // 2
        self._kernels = [self._profile(np.arange(-reach, reach + 1), n) for n in order]
        # The slope of a single pixel has no energy.
        energy = self._sums(np.ones(shape, np.float32), 2)
        self._energy = np.maximum(energy, np.finfo(np.float32).tiny)

    def _profile(self, distances, order):
        return (distances / self.width) ** order * np.exp(-(distances**2) / (2 * self.width**2))

    def _sums(self, image, power=1):
        down, across = (kernel**power for kernel in self._kernels)
        return sums_under(down, image, across)

    def z(self, residual):
        """Return the z-score of a spot at each pixel."""
        return self._sums(residual) / np.sqrt(self._energy)

    def variance(self, strength, residual):
        """Return the variance of z-scores, for a variance of pixels and their correlation."""
        overlaps = [np.correlate(x, x, "full") / np.sum(x**2) for x in self._kernels]
        middle = len(self._kernels[0]) - 1
        shared = 1 + 2 * sum(
            _correlation(residual, *lag)
            * math.prod(overlap[middle + n] for overlap, n in zip(overlaps, lag, strict=True))
            for lag in _LAGS
        )
        return max(shared, 0) * self._sums(strength, 2) / self._energy

    def add(self, image, places, z):
        """Return an image with the spots that have these z-scores at these places."""
        image, reach = image.copy(), len(self._kernels[0]) // 2
        heights = z / np.sqrt(values_at(places, self._energy))
        for place, height in zip(places.T, heights, strict=True):
            first = np.maximum(np.rint(place).astype(int) - reach, 0)
            part = tuple(slice(start, start + 2 * reach + 1) for start in first)
            distances = [np.arange(image.shape[i])[part[i]] - place[i] for i in (0, 1)]
            profiles = map(self._profile, distances, self._order)
            image[part] += height * np.outer(*profiles)
        return image

    def is_peak(self, image):
        """Return whether a pixel is the largest of all that one spot covers."""
        return image == maximum_filter(image, 2 * round(2 * self.width) + 1)

    def around(self, places, shape):
        """Return the pixels that are closer to a place than a width."""
        near = np.zeros(shape, bool)
        near[tuple(np.rint(places).astype(int))] = True
        return maximum_filter(near, 2 * round(self.width) + 1)

    def mean_around(self, image, prior):
        """Return means in a smooth ring about each pixel; `prior` counts like one spot."""
        far, near = (gaussian_kernel(factor * self.width) for factor in (_FAR, _NEAR))
        sums, sizes = (
            sums_under(far, each) - sums_under(near, each) for each in (image, np.ones_like(image))
        )
        area = 2 * np.pi * self.width**2
        return (sums + area * prior) / (sizes + area)


def _columns(usual, spot):
    """Return the peaks of `usual`, (2, n), and how sure it is that each is a column."""
    bright = spot.z(usual - np.median(usual))
    columns = _peaks(bright, spot)
    height = (relief(columns, bright, spot.width) / _FLAT) ** 4
    return columns, height / (1 + height)


def _limits(sure, shape, spot, chance, n_scores=1):
    """Return what the length of `n_scores` z-scores exceeds by chance, the lower the surer."""
    anywhere = largest_by_chance(np.ones(shape, bool), spot.width, _ELSEWHERE)
    anywhere, at_a_column = _length_beyond([2 * ndtr(-anywhere), chance], n_scores)
    return anywhere - sure * max(0, anywhere - at_a_column)


def _length_beyond(chance, n_scores):
    """Return what the length of `n_scores` z-scores of noise exceeds with a chance."""
    return np.sqrt(2 * gammainccinv(n_scores / 2, chance))


def _places(columns, sure, odd, spot):
    """Return places that may be odd, (2, n), their z-scores, and the limits of noise there."""
    n_columns = columns.shape[1]
    beside = spot.is_peak(np.abs(odd)) & ~spot.around(columns, odd.shape)
    places = np.concatenate([columns, np.nonzero(beside)], axis=1)
    sure = np.pad(sure, (0, places.shape[1] - n_columns))
    limits = _limits(sure, odd.shape, spot, _AT_A_COLUMN)
    odd = values_at(places, odd)
    odd[:n_columns] /= _spread_of_columns(odd[:n_columns])
    worth = np.abs(odd) > limits / 2
    return places[:, worth], odd[worth], limits[worth]


def _spread_of_columns(odd, n_scores=1):
    """Return the spread of the z-scores of columns, in that of noise, at least 1.

    `odd` is a z-score, or the length of a vector of `n_scores` of them.
    """
    assumed = _length_beyond((np.arange(_ASSUMED) + 0.5) / _ASSUMED, n_scores)
    typical = _length_beyond(0.5, n_scores)
    return max(1.0, np.median([*np.abs(odd), *assumed]) / typical)


def _peaks(image, spot):
    """Return rows and columns of peaks, (2, n): tops of parabolas through three pixels."""
    found = np.nonzero(spot.is_peak(image) & (image > image.min()))
    padded, top = np.pad(image, 1, mode="edge"), image[found]
    shifts = []
    for axis in (0, 1):
        before, after = (
            padded[tuple(x + 1 + step * (axis == i) for i, x in enumerate(found))]
            for step in (-1, 1)
        )
        bend = np.maximum(2 * top - before - after, np.finfo(image.dtype).tiny)
        shifts.append(np.clip((after - before) / (2 * bend), -0.5, 0.5))
    last = np.subtract(image.shape, 1)[:, np.newaxis]
    return np.clip(np.add(found, shifts), 0, last)


def _spread(residual, usual, spot):
    """Return the deviation of z-scores of noise alone at each pixel, at least 1."""
    squares, strength = np.minimum(residual**2, _FARTHEST**2).ravel(), np.empty_like(residual)
    by_brightness = np.argsort(usual, axis=None)
    for shade in np.array_split(by_brightness, min(_SHADES, residual.size)):
        strength.flat[shade] = squares[shade].mean()
    return np.sqrt(np.maximum(spot.variance(strength, residual), 1))


def _correlation(noise, rows, columns):
    """Return the correlation of noise at a lag as far as it is certain, 0 for white noise."""
    noise = np.clip(noise, -_FARTHEST, _FARTHEST)
    height, width = noise.shape
    first = noise[rows:, max(0, columns) : width + min(0, columns)]
    second = noise[: max(0, height - rows), max(0, -columns) : width - max(0, columns)]
    power = np.sum(noise**2, dtype=np.float64)
    value = np.sum(first * second, dtype=np.float64) / power if power else 0.0
    in_errors = abs(value) * math.sqrt(noise.size)
    return value * (1 - (_DOUBTFUL / max(in_errors, _DOUBTFUL)) ** 2)


def _spread_around(z, spot):
    """Return the spread of the z-scores around each pixel, its own left out; 1 for noise."""
    mean = spot.mean_around(np.minimum(z**2, _MOST**2), prior=1)
    return np.sqrt(np.maximum(mean - _MARGIN, 1))
