"""Frames of unlike gain, offset or dose, brought to common intensities and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ._strips import map_strips, moments

_ALIKE = 1.5  # ratio of deviations, up to which frames are alike
_NEAR = 0.5  # deviations between means


@dataclass(frozen=True)
class Levels:
    """A common mean and deviation, to which every frame is brought by a gain and an offset.

    Parameters
    ----------
    mean, deviation : float
        Those of all frames afterwards.
    """

    mean: float
    deviation: float

    @classmethod
    def fit(cls, stack: np.ndarray) -> Self | None:
        """Find common intensities where frames are unlike.

        Parameters
        ----------
        stack : ndarray of shape (n, height, width)
            Frames, free of bad pixels, none of them constant.

        Returns
        -------
        Levels or None
            None if frames are alike, as those of one detector at one dose, or fewer than two.

        Examples
        --------
        >>> frames = np.random.default_rng(0).normal(5.0, 1.0, (3, 32, 32))
        >>> Levels.fit(frames) is None
        True
        >>> round(Levels.fit(frames + np.array([0, 100, 200])[:, None, None]).mean)
        105
        """
        if len(stack) < 2:
            return None
        means, deviations = np.transpose(list(map(moments, stack)))
        levels = cls(float(np.median(means)), float(np.median(deviations)))
        far = np.abs(means - levels.mean).max() > _NEAR * levels.deviation
        return levels if far or deviations.max() > _ALIKE * deviations.min() else None

    def map_of(self, image: np.ndarray) -> tuple[float, float]:
        """Return the gain and the offset that bring an image to the common intensities.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            A frame; a constant one is only moved.

        Returns
        -------
        gain, offset : float
            The common intensities are ``gain * image + offset``.
        """
        mean, deviation = moments(image)
        gain = self.deviation / deviation if deviation > 0 else 1.0
        return gain, self.mean - gain * mean

    def bring(self, stack: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
        """Bring frames to common intensities.

        Parameters
        ----------
        stack : ndarray of shape (n, height, width)
            Frames.
        others : ndarray of the shape of `stack` or None, default=None
            Images to which the maps of the frames are applied instead, such as targets.

        Returns
        -------
        ndarray of float32 or float64 of the shape of `stack`
            The frames.
        """
        others = stack if others is None else others
        dtype = np.result_type(others.dtype, np.float32)
        brought = np.empty(others.shape, dtype)
        for number, (image, other) in enumerate(zip(stack, others, strict=True)):
            brought[number] = scaled(other, *self.map_of(image))
        return brought


def scaled(image: np.ndarray, gain: float, offset: float) -> np.ndarray:
    """Return ``gain * image + offset``, computed in double precision.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        An image.
    gain, offset : float
        The map.

    Returns
    -------
    ndarray of float32 or float64 of shape (height, width)
        The image.

    Examples
    --------
    >>> scaled(np.array([[1, 2]], dtype="uint8"), 2.0, 1.0)
    array([[3., 5.]], dtype=float32)
    """

    def change(rows):
        return np.multiply(rows, gain, dtype=np.float64) + offset

    return map_strips(change, image, np.result_type(image.dtype, np.float32))
