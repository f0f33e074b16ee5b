"""Gaussian means around every pixel, without the pixel itself."""

import numpy as np
from scipy import ndimage


class Surroundings:
    """Gaussian means around every pixel, and their gradients, without a square in the middle.

    Sums with the square are the same for all squares, and are kept.

    Parameters
    ----------
    bands : ndarray of shape (n, rows, width)
        Images.
    """

    def __init__(self, bands):
        self.bands, self._whole = bands, {}

    def mean(self, width, reach):
        """Return the mean without a square of 2 * reach + 1 pixels."""
        profiles = 2 * [_profile(width, 0)]
        # All pixels far from the borders have the same weight: it is found once, and repeated.
        rows, columns = (_like_the_middle(side, len(profiles[0])) for side in self.bands.shape[1:])
        ones = np.ones((1, rows[-1] + 1, columns[-1] + 1), self.bands.dtype)
        weights = _sums(ones, profiles) - _sums(ones, profiles, reach)
        return self._without_square(width, profiles, reach) / weights[:, rows[:, None], columns]

    def gradient(self, width, reach, order):
        """Return a gradient, times `width`; `order` is (1, 0) or (0, 1)."""
        profiles = [_profile(width, n) for n in order]
        return self._without_square((width, *order), profiles, reach) * width

    def _without_square(self, key, profiles, reach):
        if key not in self._whole:
            self._whole[key] = _sums(self.bands, profiles)
        return self._whole[key] - _sums(self.bands, profiles, reach)


def _profile(width, order):
    """Return the weights of a Gaussian, or of its derivative, along one axis."""
    impulse = np.zeros(2 * int(4 * width) + 1)
    impulse[len(impulse) // 2] = 1
    return ndimage.gaussian_filter1d(impulse, width, order=order, mode="constant")


def _sums(images, profiles, reach=None):
    """Return weighted sums about every pixel; within a square, where its reach is named."""
    for axis, profile in enumerate(profiles, start=1):
        middle = len(profile) // 2
        seen = profile if reach is None else profile[middle - reach : middle + reach + 1]
        images = ndimage.convolve1d(images, seen, axis, mode="constant")
    return images


def _like_the_middle(side, length):
    """Return, for each place on a side, one like it on a side no longer than a kernel."""
    place = np.arange(side)
    return np.minimum(place, np.maximum(place - side + length, length // 2))
