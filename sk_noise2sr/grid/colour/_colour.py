"""The colour of noise: its two-dimensional power spectrum, read off one noisy image.

It has two parts. The smooth part is that of noise that neighbours share. Streaks are made by whole
lines that are brighter, darker or displaced: they lie at low frequencies along the lines, and run
over all frequencies across them. Both are measured where the instrument leaves no signal.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from .._graded import surely
from .._power import frequencies_along
from .._resampling import binned_shape, resample
from ._streaks import line_power
from ._waves import (
    LAGS,
    N_WAVES,
    POWER_LAW,
    WHOLE_BAND,
    evidence,
    log_power,
    mean_under,
    waves_at,
)

STREAKS = 0.1  # cycles a pixel, below which streaks are looked for
LEAST = 1e-6  # of the mean power: single precision knows no less
WHITE = 0.1  # power that varies by less is that of white noise
FAINT = 0.1  # of the mean power: a floor, so that nothing is divided by fainter noise
# In standard errors: what streaks have to exceed, and by how much to be half certain; what each
# correlation has to exceed by itself, and what one of them has to exceed for all to count.
_CHANCE, _CERTAIN, _DOUBTFUL, _COLOURED = 3.0, 5.0, 2.0, 4.0


@dataclass(frozen=True)
class Colour:
    """The power spectrum of noise, in the basis of a cosine transform.

    The logarithm of its smooth part is a sum of a few cosine waves: so the power is never negative,
    and the spectra of several instruments multiply.

    Parameters
    ----------
    waves : ndarray of shape (n_waves,)
        Amplitudes of the waves in the logarithm of the smooth part, one for each of ``LAGS``; if
        small, they are the correlations at these lags. Both diagonals count as one. The last is
        half the exponent of noise that falls as a power of the frequency.
    spread : ndarray of shape (n_waves, n_waves)
        The covariance of their errors.
    streaks : float, default=0.0
        Mean power of the streaks of lines at frequencies below 0.1 cycles a pixel along the line,
        in units of the smooth part there; negative where columns have them.
    streaks_error : float, default=inf
        Standard error of that.
    filled : float, default=1.0
        Share of all frequencies, the lowest ones, at which there is noise.
    """

    waves: np.ndarray
    spread: np.ndarray
    streaks: float = 0.0
    streaks_error: float = np.inf
    filled: float = 1.0

    @property
    def certainty(self) -> float:
        """How sure it is that there are streaks: 0 below three standard errors, 1 far above."""
        beyond = max(0.0, abs(self.streaks) / self.streaks_error - _CHANCE)
        return float(beyond**2 / (beyond**2 + _CERTAIN**2))

    @property
    def not_white(self) -> float:
        """How sure it is that the smooth part is not white: 0 below four standard errors, to 1."""
        return float(surely(evidence(self.waves, self.spread)[1:].max(), _COLOURED))

    @property
    def doubt(self) -> float:
        """Relative standard error of the smooth part at low frequencies; 0 for white noise."""
        (wave,) = waves_at([(STREAKS / 2, STREAKS / 2)])
        told = wave * self._certain
        told[0] = 0
        left_out = (wave * self.waves * (1 - self._certain))[1:]
        square = told @ self.spread @ told + self._certain[1:].max() * np.sum(left_out**2)
        return float(np.sqrt(square))

    @property
    def hidden(self) -> float:
        """Relative error of the smooth part at low frequencies, if noise is not white after all.

        In small images correlations hide in the noise. The less neighbours hint at one, the smaller
        is this error.
        """
        (wave,) = waves_at([(STREAKS / 2, STREAKS / 2)])
        wave[0] = 0
        hint = min(1.0, evidence(self.waves, self.spread)[LAGS.index((0, 1))] / _CHANCE**2)
        return float(np.sqrt(hint * (wave @ self.spread @ wave)))

    @property
    def share(self) -> float:
        """The share of the streaks in the noise at low frequencies, from 0 to 1."""
        return float(self.certainty * abs(self.streaks) / (1 + abs(self.streaks)))

    @property
    def variance(self) -> float:
        """The variance of the smooth part: its mean power."""
        return float(np.exp(log_power(self.waves, *WHOLE_BAND)).mean())

    @property
    def high_passed(self) -> float:
        """The power that passes a second difference along both axes, over that of white noise."""
        return self.power_under(np.array([1.0, -2.0, 1.0]))

    def correlation(self, rows: int, columns: int) -> tuple[float, float]:
        """Return the correlation at a lag, and its standard error."""
        places = 2 * np.pi * self.filled * WHOLE_BAND[0]
        along = [np.cos(lag * places) for lag in (rows, columns)]
        return mean_under(self.waves, self.spread, np.outer(*along), *WHOLE_BAND)

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
        frequencies = [
            frequencies_along(side)[:n] / self.filled
            for side, n in zip(shape, kept or shape, strict=True)
        ]
        told = self.waves * self._certain * (np.arange(N_WAVES) > 0)
        mean = self.filled**2 * np.exp(log_power(told, *WHOLE_BAND)).mean()
        there = np.logical_and.outer(*(each < 0.5 for each in frequencies))
        power = log_power(told, *frequencies)  # as large as the image: no more than needed
        np.exp(power, out=power)
        power /= mean
        power *= there
        return np.maximum(power, LEAST, out=power)

    def whitened_by(
        self, shape: tuple[int, ...], kept: tuple[int, ...] | None = None
    ) -> np.ndarray | None:
        """Return the deviations by which to divide coefficients, so that noise becomes white.

        Parameters
        ----------
        shape, kept
            As in :meth:`relative_power`.

        Returns
        -------
        ndarray of float32 of shape `kept` or None
            Deviations over that of a pixel, with a floor; None if the noise is white already.
        """
        power = self.relative_power(shape, kept)
        np.maximum(power, FAINT, out=power)
        return None if np.ptp(power) < WHITE else np.sqrt(power, dtype=np.float32)

    def sample(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """Draw noise of this colour.

        Parameters
        ----------
        shape : tuple of int
            Height and width.
        rng : numpy.random.Generator
            Where it is drawn from.

        Returns
        -------
        ndarray of shape `shape`
            Noise of mean 0 and, about, variance 1.
        """
        white, deviations = rng.normal(size=shape), self.whitened_by(shape)
        noise = white if deviations is None else resample(white, shape, deviations)
        return noise - noise.mean() if self.waves[POWER_LAW] else noise  # infinite at frequency 0

    def faded(self, share: float) -> Self:
        """Return a weaker colour.

        Parameters
        ----------
        share : float
            The exponent of the power: 0 makes it white, 1 leaves it.

        Returns
        -------
        Colour
            The colour, as certain as before.
        """
        return replace(self, waves=share * self.waves, spread=share**2 * self.spread)

    def whiter(self, share: float) -> Self:
        """Return a colour that is nearer to white, and less certain to be coloured.

        Parameters
        ----------
        share : float
            0 leaves it, 1 makes it white.

        Returns
        -------
        Colour
            The colour.
        """
        kept = np.append(1.0, np.full(N_WAVES - 1, 1 - share))
        return replace(self, waves=kept * self.waves)

    def power_under(self, kernel: np.ndarray) -> float:
        """Return the variance of a weighted sum of noise, over that of white noise as strong.

        Parameters
        ----------
        kernel : ndarray of shape (n,) or (n, m)
            The weights from row to row and from column to column alike, or those of all pixels.

        Returns
        -------
        float
            More than 1 for smooth noise under a smooth kernel.
        """
        kernel = np.outer(kernel, kernel) if kernel.ndim == 1 else kernel
        n = max(len(WHOLE_BAND[0]), *kernel.shape)
        seen = np.abs(np.fft.rfft2(kernel, (2 * n, 2 * n))[:, :n]) ** 2
        seen = seen[:n] + seen[-np.arange(n)]  # both diagonals count as one
        return float(np.average(self.relative_power((n, n)), weights=seen))

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
        there = [min(n, int(self.filled * side)) for side, n in zip(shape, kept, strict=True)]
        along = np.cos(np.pi * (np.arange(there[axis]) + 0.5) / kept[axis])
        kernel = np.broadcast_to(along[:, np.newaxis] if axis == 0 else along, there)
        # Between frequencies of the transform, white noise has a mean of 0 over any of them.
        band = [
            (np.arange(n) + 0.5) / (2 * side * self.filled)
            for side, n in zip(shape, there, strict=True)
        ]
        return mean_under(self.waves, self.spread, kernel, *band)

    def deviations(self, power: np.ndarray) -> np.ndarray | None:
        """Return the standard deviations of the coefficients, with streaks as far as certain.

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
        lines = line_power((power if self.streaks > 0 else power.T) / self.variance)
        lines = 1 + self.certainty * (lines - 1)
        noise *= lines if self.streaks > 0 else lines[:, np.newaxis]
        if self.share < WHITE and np.ptp(noise) < WHITE:
            return None
        return np.sqrt(noise, out=noise).astype(power.dtype, copy=False)

    @property
    def _certain(self):
        """How certainly each wave differs from 0: from 0, below two standard errors, to 1.

        Once the noise is certainly not white, all waves are believed.
        """
        alone = surely(evidence(self.waves, self.spread), _DOUBTFUL)
        return np.maximum(alone, self.not_white)
