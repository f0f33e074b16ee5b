"""The power of noise at the frequencies of a cosine transform, from medians."""

import numpy as np

BEYOND = 0.25  # cycles a pixel, where nothing but noise is expected
MEDIAN_EFFICIENCY = 2.7  # how many more values a median needs than a mean
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1


def typical_power(power: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the mean power of noise, from a median: Bragg spots do no harm.

    Parameters
    ----------
    power : ndarray
        Squares of normal noise.
    axis : int or None, default=None
        Along which to take it; None is over all.

    Returns
    -------
    ndarray
        The mean.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=10_000)
    >>> noise[:50] = 100
    >>> print(f"{typical_power(noise**2):.1f}")
    1.0
    """
    median = _median(power) if axis is None else np.median(power, axis=axis)
    return median / _MEDIAN_OF_CHI_SQUARE


def _median(values):
    """Return the median; NumPy's takes four times as long, as it looks for NaN too."""
    middle = values.size // 2
    parts = np.partition(values, middle, axis=None)
    upper = parts[middle]
    return upper if values.size % 2 else (parts[:middle].max() + upper) / 2


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
    seen = typical_power(whitened[frequencies_along(len(whitened)) > BEYOND], axis=0)
    # One frequency is known too badly to divide by it: its neighbours help.
    padded = np.pad(seen, 2, mode="reflect") if len(seen) > 2 else seen
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    error = np.sqrt(
        2 * MEDIAN_EFFICIENCY / max(1, np.sum(frequencies_along(len(whitened)) > BEYOND))
    )
    alone = seen > usual * (1 + 4 * error)
    return np.maximum(np.where(alone, seen, usual), 1.0)


def frequencies_along(side):
    """Return the frequencies of a cosine transform along an axis, in cycles a pixel."""
    return np.arange(side) / (2 * side)
