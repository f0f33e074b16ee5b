"""Alternating lines: every other row too bright, as by two fields of a video or two channels.

No microscope shows planes two pixels apart, in phase over a whole image. So if even and odd lines
differ everywhere, the camera did it.
"""

from typing import NamedTuple, Self

import numpy as np
from scipy.ndimage import correlate1d

from ..._checks import float_type
from .._graded import graded

_FEWEST, _LOOKED_AT = 16, 512  # pixels of a side, and of each row
_CHANCE, _CERTAIN = 5.0, 8.0  # standard errors: what chance explains, and what is certain
_FAULT, _PICTURE = 1.0, 2.0  # of the noise of a pixel: what is as strong belongs to the picture
# Means over rows, in which alternation cancels. The wider one is for the intensity; in it planes
# four pixels apart cancel too, whose square has a period of two.
_BETWEEN, _AROUND = np.array([1, 2, 1]) / 4, np.array([1, 2, 2, 2, 1]) / 8
_OF_DIFFERENCES = 0.375  # variance of white noise minus its mean by _BETWEEN


class Alternation(NamedTuple):
    """By how much the even rows of an image are too bright, and the odd ones too dark.

    Parameters
    ----------
    offset : float
        At the mean intensity.
    slope : float
        More for each unit of intensity: half the difference of two gains; 0 without an offset.
    mean : float
        The mean intensity.
    strength : float
        The offset, in standard deviations of the noise of a pixel.
    """

    offset: float
    slope: float
    mean: float
    strength: float

    @classmethod
    def find(cls, image: np.ndarray) -> Self:
        """Find it in a noisy image.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            The image.

        Returns
        -------
        Alternation
            The certain part: 0 if chance explains it, or if it is stronger than the noise.

        Examples
        --------
        >>> noise = np.random.default_rng(0).normal(size=(128, 128))
        >>> noise[::2] += 0.4
        >>> print(round(Alternation.find(noise).offset, 1))
        0.2
        >>> Alternation.find(noise[::2]).offset
        0.0
        """
        mean = float(image.mean(dtype=np.float64))
        if len(image) < _FEWEST or image.shape[1] < _FEWEST:
            return cls(0.0, 0.0, mean, 0.0)
        image = image[:, :: -(-image.shape[1] // _LOOKED_AT)]
        around = _smoothed(image, _AROUND) - mean
        excess = (_signs(image) * (image - _smoothed(image, _BETWEEN)))[1:-1]
        offset = _mean_over_rows(excess)
        if not offset:
            return cls(0.0, 0.0, mean, 0.0)
        slope = _mean_over_rows(excess * around[1:-1], np.mean(around**2))
        noise = max(float(np.sqrt(excess.var() / _OF_DIFFERENCES)), np.finfo(float).tiny)
        strength = abs(offset) / noise
        weak = float(graded(strength, (_PICTURE, _FAULT)))
        return cls(weak * offset, weak * slope, mean, weak * strength)

    def any(self) -> bool:
        """Whether there is one."""
        return self.offset != 0

    def subtract(self, image: np.ndarray) -> np.ndarray:
        """Return an image without it, of its floating type; the image itself if there is none."""
        if not self.any():
            return image
        excess = self.offset + self.slope * (_smoothed(image, _AROUND) - self.mean)
        return (image - _signs(image) * excess).astype(float_type(image.dtype))


def _signs(image):
    return np.where(np.arange(len(image)) % 2, -1.0, 1.0)[:, np.newaxis]


def _smoothed(image, weights):
    return correlate1d(image.astype(np.float64), weights, axis=0, mode="mirror")


def _mean_over_rows(values, unit=1.0):
    """Return a mean as far as it is certain, by the spread of pairs of rows; structure cancels."""
    pairs = values[: len(values) // 2 * 2].mean(axis=1).reshape(-1, 2).mean(axis=1)
    mean, error = pairs.mean(), pairs.std() / np.sqrt(len(pairs))
    if not mean or not unit:
        return 0.0
    in_errors = abs(mean) / max(error, np.finfo(float).tiny)
    return float(graded(in_errors, (_CHANCE, _CERTAIN)) * mean / unit)
