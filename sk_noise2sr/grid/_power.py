"""The power of noise at the frequencies of a cosine transform, measured by medians."""

import numpy as np
from scipy.ndimage import correlate

from ._resampling import frequencies

BEYOND = 0.25  # cycles a pixel, above which nothing but noise is expected
NOISE_ONLY = 0.35  # above which there is nothing but noise, whatever the instrument
MEDIAN_EFFICIENCY = 2.7  # how many more values a median needs than a mean
NORMAL_MEDIAN = 0.6745  # of the absolute value of normal noise, in standard deviations
HIGH_PASS = np.outer([1, -2, 1], [1, -2, 1]) / 6
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1


def typical_power(power: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the mean power of noise, from a median, which Bragg spots do not change.

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
    values = np.ravel(power) if axis is None else np.moveaxis(power, axis, -1)
    return _median(values) / _MEDIAN_OF_CHI_SQUARE


def _median(values):
    """Return the median of the last axis; NumPy's takes longer, as it looks for NaN too."""
    size = values.shape[-1]
    middle = size // 2
    parts = np.partition(values, middle, axis=-1)
    upper = parts[..., middle]
    return upper if size % 2 else (parts[..., :middle].max(axis=-1) + upper) / 2


def high_pass(image: np.ndarray) -> np.ndarray:
    """Return an image without smooth structure; white noise keeps its variance.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Any image.

    Returns
    -------
    ndarray of the shape of `image`
        Its second differences along both axes.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> print(round(high_pass(noise + np.arange(128)).std(), 1))
    1.0
    """
    return correlate(image, HIGH_PASS, mode="mirror")


def frequencies_along(side):
    """Return the frequencies of a cosine transform along an axis, in cycles a pixel."""
    return np.arange(side) / (2 * side)


def in_band(frequency, low, high):
    """Return where frequencies are at least `low` and below `high`."""
    return (frequency >= low) & (frequency < high)


def power_in_units_of_noise(power):
    """Return the power of a cosine transform in units of that of the noise.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Squares of the cosine transform of a noisy image.

    Returns
    -------
    ndarray of shape (height, width) or None
        The power; None where no noise can be measured.
    """
    beyond = power[frequencies(power.shape) > NOISE_ONLY]
    noise = typical_power(beyond) if beyond.size > 100 else 0.0
    return power / noise if noise > np.finfo(power.dtype).eps * power.mean() else None
