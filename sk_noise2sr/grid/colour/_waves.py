"""Cosine waves whose sum is the logarithm of the power of noise; see :class:`Colour`."""

import numpy as np

# Lags (rows, columns) of the waves. The fourth along an axis stands for all higher ones, in the
# ratio that interpolation by half a pixel gives them: with it, power can fall to 0 at 0.5 cycles.
LAGS = ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (2, 0), (3, 0), (4, 0), (1, 1))
N_LAGS = 1 + max(map(max, LAGS))
POWER_LAW = len(LAGS)  # the last of all: noise that falls as a power of the frequency
N_WAVES = POWER_LAW + 1
WHOLE_BAND = (np.arange(64) + 0.5) / 128, (np.arange(64) + 0.5) / 128  # to take means over
_ZERO = 1e-3  # of an amplitude


def log_power(waves, rows, columns):
    """Return the sum of waves of given amplitudes.

    Parameters
    ----------
    waves : ndarray of shape (N_WAVES,)
        The amplitudes.
    rows, columns : ndarray of shape (height,) and (width,)
        Frequencies along either axis, in cycles a pixel.

    Returns
    -------
    ndarray of shape (height, width)
        The logarithm of the power.
    """
    amplitudes = np.zeros((N_LAGS, N_LAGS))
    amplitudes[tuple(np.transpose(LAGS))] = waves[:POWER_LAW]
    power = waves_along(rows) @ amplitudes @ waves_along(columns).T
    if waves[POWER_LAW]:  # as large as the image: no more such arrays than needed
        power += waves[POWER_LAW] * power_law(np.asarray(rows)[:, np.newaxis], np.asarray(columns))
    return power


def waves_at(frequencies):
    """Return the waves at pairs of frequencies: (n, N_WAVES)."""
    rows, columns = map(waves_along, np.transpose(frequencies))
    smooth = [rows[:, down] * columns[:, right] for down, right in LAGS]
    return np.stack([*smooth, power_law(*np.transpose(frequencies))], axis=1)


def mean_under(waves, spread, kernel, rows, columns):
    """Return the mean of a kernel under the power of waves, and its standard error."""
    power = np.exp(log_power(waves, rows, columns))
    power /= power.sum()
    value = float(np.sum(power * kernel))
    pull = power * (kernel - value)
    smooth = waves_along(rows).T @ pull @ waves_along(columns)
    law = np.sum(pull * power_law(rows[:, np.newaxis], columns))
    slopes = np.append(smooth[tuple(np.transpose(LAGS))], law)
    return value, float(np.sqrt(slopes @ spread @ slopes))


def waves_along(frequencies):
    """Return the waves of lags from 0 along an axis: (n, N_LAGS)."""
    lags, frequencies = np.arange(N_LAGS), np.asarray(frequencies)
    waves = 2 * np.cos(2 * np.pi * np.outer(frequencies, lags))
    waves[:, 0] = 1
    interpolated = np.log(np.maximum(2 * np.cos(np.pi * frequencies), _ZERO)) * 2
    amplitudes = -((-1.0) ** lags[1:-1]) / lags[1:-1]
    waves[:, -1] = interpolated - waves[:, 1:-1] @ amplitudes
    return waves


def power_law(rows, columns):
    """Return the logarithm of 1 / f**2, 0 at half a cycle a pixel, up to the lowest frequency."""
    squares = 4 * (rows**2 + columns**2)
    constant = squares == 0
    if constant.any():
        squares[constant] = squares[~constant].min(initial=1.0)
    return -np.log(squares)


def evidence(waves, spread):
    """Return the square of how far each wave is from 0, in standard errors.

    Neighbours along rows and along columns count together where that is more certain. Nearly all
    that happens to noise makes neighbours alike, so a negative correlation has to be twice as sure.
    """
    squares = np.maximum(waves, -waves / 2) ** 2 / np.diag(spread)
    both = [LAGS.index((0, 1)), LAGS.index((1, 0))]
    variance = spread[np.ix_(both, both)].sum()
    together = max(0.0, waves[both].sum()) ** 2 / variance
    squares[both] = np.maximum(squares[both], together)
    return squares
