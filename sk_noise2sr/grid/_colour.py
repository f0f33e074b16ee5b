"""The colour of noise: its two-dimensional power spectrum, read off one noisy image.

Noise of a scanned image is smooth in frequency where neighbours share it, and runs in streaks
where whole lines are brighter, darker or displaced: along the other axis, at low frequencies of
this one. Both are seen where the instrument leaves no signal.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn

from ._bad_pixels import fill_outliers
from ._resampling import binned_shape

# Lags (rows, columns) whose covariances make up the smooth part.
LAGS = ((0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0), (1, 1))
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
_MEDIAN_EFFICIENCY = 2.7  # how many more values a median needs than a mean, there
_BEYOND = 0.25  # cycles a pixel, where nothing but noise is expected
_STREAKS = 0.1  # streaks are looked for below
_CELLS = 16  # to an axis, from there to 0.5
_FEWEST_CELLS = 32
_PRIOR = 0.3  # of a correlation
_FEWEST = 12  # coefficients of a cell
_LEAST = 0.02  # of the white part: no spectrum is smaller
_REWEIGHTED = 3
_WINDOW = 2048  # side of what is looked at
_WHITE = 0.1  # power that changes by less is that of white noise
# In standard errors: what streaks have to exceed, and by how much to be half certain; and what
# correlations have to exceed.
_CHANCE, _CERTAIN, _DOUBTFUL = 3.0, 5.0, 2.0


@dataclass(frozen=True)
class Colour:
    """The power spectrum of noise, in the basis of a cosine transform.

    Parameters
    ----------
    covariances : ndarray of shape (n_lags,)
        Covariances of the smooth part at the lags of ``LAGS``. Both diagonals count as one.
    spread : ndarray of shape (n_lags, n_lags)
        The covariance of their errors.
    streaks : float, default=0.0
        Mean power of the streaks of lines at frequencies below 0.1 cycles a pixel along the line,
        in units of the smooth part there; negative where columns have them.
    streaks_error : float, default=inf
        Standard error of that.
    """

    covariances: np.ndarray
    spread: np.ndarray
    streaks: float = 0.0
    streaks_error: float = np.inf

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the covariances."""
        return np.sqrt(np.diag(self.spread))

    @property
    def certainty(self) -> float:
        """How sure it is that there are streaks: 0 below three standard errors, 1 far above."""
        beyond = max(0.0, abs(self.streaks) / self.streaks_error - _CHANCE)
        return float(beyond**2 / (beyond**2 + _CERTAIN**2))

    @property
    def doubt(self) -> float:
        """Relative standard error of the smooth part at low frequencies; 0 for white noise."""
        (wave,) = _wave([(_STREAKS / 2, _STREAKS / 2)])
        told = wave * self._certain
        told[0] = 0
        left_out = wave[1:] * (self.covariances - self._told * self.covariances[0])[1:]
        square = told @ self.spread @ told + self._certain[1:].max() * np.sum(left_out**2)
        return float(np.sqrt(square) / self.covariances[0])

    @property
    def hidden(self) -> float:
        """Relative error of the smooth part at low frequencies, were the noise not white.

        Less, the less neighbours hint at that: in small images, correlations hide in the noise.
        """
        (wave,) = _wave([(_STREAKS / 2, _STREAKS / 2)])
        wave[0] = 0
        hint = min(1.0, self._evidence[LAGS.index((0, 1))] / _CHANCE**2)
        return float(np.sqrt(hint * (wave @ self.spread @ wave)) / self.covariances[0])

    @property
    def share(self) -> float:
        """The share of the streaks in the noise at low frequencies, from 0 to 1."""
        return float(self.certainty * abs(self.streaks) / (1 + abs(self.streaks)))

    def correlation(self, rows: int, columns: int) -> tuple[float, float]:
        """Return the correlation at one of ``LAGS``, and its standard error."""
        lag, variance = LAGS.index((rows, columns)), self.covariances[0]
        return float(self.covariances[lag] / variance), float(self.errors[lag] / variance)

    def relative_power(
        self, shape: tuple[int, ...], kept: tuple[int, ...] | None = None
    ) -> np.ndarray:
        """Return the smooth part of the power of a cosine transform, in units of its mean.

        Each correlation counts as far as it is certain: white noise stays white.

        Parameters
        ----------
        shape : tuple of int
            Height and width of the image.
        kept : tuple of int or None, default=None
            How many of the lowest frequencies along each axis; None is all.

        Returns
        -------
        ndarray of shape `kept`
            The power: the variance of each coefficient over that of a pixel.
        """
        rows, columns = (
            _waves(_axis(side)[:n]) for side, n in zip(shape, kept or shape, strict=True)
        )
        weights = np.zeros((rows.shape[1], columns.shape[1]))
        weights[tuple(np.transpose(LAGS))] = self._told
        return np.maximum(rows @ weights @ columns.T, _LEAST)

    def correlation_of_neighbours(
        self, shape: tuple[int, ...], factors: tuple[float, float], axis: int
    ) -> tuple[float, float]:
        """Return the correlation of noise at neighbours of a binned image, and its standard error.

        Parameters
        ----------
        shape : tuple of int
            Height and width of the image.
        factors : pair of float
            Factors of the binning: it leaves the lowest frequencies.
        axis : {0, 1}
            0 for neighbours in a column, 1 in a row.

        Returns
        -------
        value, error : float
            The correlation of the smooth part, white noise being 0.
        """
        kept = binned_shape(shape, factors)
        # Between the frequencies of the transform, where the waves of white noise add up to 0.
        waves = [
            _waves((np.arange(n) + 0.5) / (2 * side)) for side, n in zip(shape, kept, strict=True)
        ]
        means = [each.mean(axis=0) for each in waves]
        along = np.cos(np.pi * (np.arange(kept[axis]) + 0.5) / kept[axis])[:, np.newaxis]
        shifted = list(means)
        shifted[axis] = (waves[axis] * along).mean(axis=0)
        variance, covariance = (
            np.array([rows[down] * columns[right] for down, right in LAGS])
            for rows, columns in (means, shifted)
        )
        value = covariance @ self.covariances / (variance @ self.covariances)
        leverage = (covariance - value * variance) / (variance @ self.covariances)
        return float(value), float(np.sqrt(leverage @ self.spread @ leverage))

    def deviations(self, power: np.ndarray) -> np.ndarray | None:
        """Return the standard deviations of the coefficients, streaks and all, as far as certain.

        Parameters
        ----------
        power : ndarray of shape (height, width)
            Power of the image in units of the smooth part: over :meth:`relative_power`.

        Returns
        -------
        ndarray of shape (height, width) or None
            Deviations in units of that of a pixel; None where the noise is as good as white.
        """
        noise = self.relative_power(power.shape)
        lines = line_power((power if self.streaks > 0 else power.T) / self.covariances[0])
        lines = 1 + self.certainty * (lines - 1)
        noise *= lines if self.streaks > 0 else lines[:, np.newaxis]
        if self.share < _WHITE and np.ptp(noise) < _WHITE:
            return None
        return np.sqrt(noise, out=noise).astype(power.dtype, copy=False)

    @property
    def _told(self):
        """Correlations as far as they are told from 0; diagonals from the product of the axes.

        What spreads along both axes, as a camera does, spreads to the diagonals too.
        """
        told = self.covariances / self.covariances[0] * self._certain
        right, down, diagonal = map(LAGS.index, ((0, 1), (1, 0), (1, 1)))
        told[diagonal] += (1 - self._certain[diagonal]) * told[right] * told[down]
        return told

    @property
    def _certain(self):
        """How far each covariance is told from 0: from 0, below two standard errors, to 1."""
        return 1 - _DOUBTFUL**2 / np.maximum(self._evidence, _DOUBTFUL**2)

    @property
    def _evidence(self):
        """Squares of how far each covariance is from 0, in standard errors.

        Neighbours along rows and along columns count together where that is more certain. Most
        that happens to noise makes neighbours alike: that they differ has to be twice as sure.
        """
        squares = (np.maximum(self.covariances, -self.covariances / 2) / self.errors) ** 2
        both = [LAGS.index((0, 1)), LAGS.index((1, 0))]
        variance = self.spread[np.ix_(both, both)].sum()
        together = max(0.0, self.covariances[both].sum()) ** 2 / variance
        squares[both] = np.maximum(squares[both], together)
        return squares


def colour_of(power):
    """Read the colour of noise off the power of an image.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Squares of the cosine transform of a noisy image.

    Returns
    -------
    Colour or None
        The colour; None where the image is too small to tell, or has no noise.

    Examples
    --------
    >>> from scipy.fft import dctn
    >>> noise = np.random.default_rng(0).normal(size=(256, 256))
    >>> noise = noise + 0.5 * np.roll(noise, 1, axis=1)
    >>> value, error = colour_of(dctn(noise, norm="ortho") ** 2).correlation(0, 1)
    >>> print(f"{value:.2f} +- {error:.2f}")
    0.40 +- 0.03
    """
    frequencies, medians, counts = _cell_medians(power)
    usual = np.median(medians) if len(medians) >= _FEWEST_CELLS else 0.0
    if usual <= np.finfo(power.dtype).eps * power.mean():
        return None
    smooth, spread = _fit(_wave(frequencies), medians / usual, counts)
    streaks = [_streaks(power / usual, smooth, spread, axis) for axis in (0, 1)]
    (lines, lines_error), (columns, columns_error) = streaks
    return Colour(
        usual * smooth,
        usual**2 * spread,
        float(lines - columns),
        float(np.hypot(lines_error, columns_error)),
    )


def colour_of_image(image: np.ndarray) -> Colour | None:
    """Read the colour of noise off an image; see :func:`colour_of`.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A noisy image, of which at most 2048 x 2048 pixels are looked at.

    Returns
    -------
    Colour or None
        The colour.
    """
    middle = tuple(slice(max(0, side - _WINDOW) // 2, None) for side in image.shape)
    window = image[middle][np.newaxis, :_WINDOW, :_WINDOW].astype(np.float64)
    window = fill_outliers(window)[0][0]
    return colour_of(dctn(window - window.mean(), norm="ortho", workers=1) ** 2)


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
    seen = _typical(whitened[_axis(len(whitened)) > _BEYOND], axis=0)
    # One frequency is known too badly to divide by it: its neighbours help.
    padded = np.pad(seen, 2, mode="reflect") if len(seen) > 2 else seen
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    error = np.sqrt(2 * _MEDIAN_EFFICIENCY / max(1, np.sum(_axis(len(whitened)) > _BEYOND)))
    alone = seen > usual * (1 + 4 * error)
    return np.maximum(np.where(alone, seen, usual), 1.0)


def _axis(side):
    """Return the frequencies of a cosine transform along an axis, in cycles a pixel."""
    return np.arange(side) / (2 * side)


def _waves(frequencies):
    """Return what covariances at lags from 0 add to the spectrum: (n, n_lags)."""
    n_lags = 1 + max(map(max, LAGS))
    waves = 2 * np.cos(2 * np.pi * np.outer(frequencies, np.arange(n_lags)))
    waves[:, 0] = 1
    return waves


def _wave(frequencies):
    """Return what the covariances of ``LAGS`` add at pairs of frequencies: (n, n_lags)."""
    rows, columns = map(_waves, np.transpose(frequencies))
    return np.stack([rows[:, down] * columns[:, right] for down, right in LAGS], axis=1)


def _typical(power, axis=None):
    """Return the mean power, from a median: Bragg spots do no harm."""
    return np.median(power, axis=axis) / _MEDIAN_OF_CHI_SQUARE


def _cell_medians(power):
    """Return the centres, typical powers and sizes of cells of noise in the plane."""
    found = []
    edges = np.linspace(_STREAKS, 0.5, _CELLS + 1)
    rows, columns = (np.searchsorted(_axis(side), edges) for side in power.shape)
    for i, j in np.ndindex(_CELLS, _CELLS):
        cell = power[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
        if np.hypot(edges[i], edges[j]) >= _BEYOND and cell.size >= _FEWEST:
            centre = (edges[i : i + 2].mean(), edges[j : j + 2].mean())
            found.append((*centre, _typical(cell), cell.size))
    found = np.array(found).reshape(-1, 4)
    return found[:, :2], found[:, 2], found[:, 3]


def _fit(design, values, counts):
    """Return covariances in units of the power, and the covariance of their errors.

    Errors of powers are proportional to them. A prior of :data:`_PRIOR` for each correlation
    holds back what the frequencies seen do not tell.
    """
    prior = np.diag([0.0, *[_PRIOR**-2] * (len(LAGS) - 1)])
    expected, relative = np.ones(len(values)), np.sqrt(2 * _MEDIAN_EFFICIENCY / counts)
    for _ in range(_REWEIGHTED):
        weighted = design / (expected * relative)[:, np.newaxis]
        spread = np.linalg.inv(weighted.T @ weighted + prior)
        covariances = spread @ weighted.T @ (values / (expected * relative))
        expected = np.maximum(design @ covariances, _LEAST)
    # Where waves do not describe the spectrum, the errors grow with the misfit.
    misfit = (values - design @ covariances) / (expected * relative)
    return covariances, max(1.0, np.mean(misfit**2)) * spread


def _streaks(power, smooth, spread, axis):
    """Return how much more power lines have than the smooth part, and its standard error.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        The power.
    smooth, spread : ndarray
        The smooth part, and the covariance of its errors.
    axis : int
        The axis along which streaks run: 0 for those of rows.
    """
    seen = [np.flatnonzero(_axis(side) > _BEYOND) for side in power.shape]
    seen[1 - axis] = np.flatnonzero(_axis(power.shape[1 - axis]) < _STREAKS)
    if min(map(len, seen)) < 2:
        return 0.0, np.inf
    levels = _typical(power[np.ix_(*seen)], axis=axis)
    centre = [_axis(side)[index].mean() for side, index in zip(power.shape, seen, strict=True)]
    (wave,) = _wave([centre])
    usual = max(wave @ smooth, _LEAST)
    error = np.sqrt(2 * _MEDIAN_EFFICIENCY / np.prod([len(index) for index in seen]))
    return levels.mean() / usual - 1, np.hypot(error, np.sqrt(wave @ spread @ wave) / usual)
