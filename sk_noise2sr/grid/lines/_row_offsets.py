"""Offsets of scan lines, found in a noisy image.

A beam that flickers lifts whole rows, each by itself. In the spectrum that is a streak at frequency
0 along the rows, equally strong at all frequencies across them. Detail either has no power at high
frequencies, or shows beside the streak too: what exceeds both is offsets.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct, idct
from scipy.ndimage import uniform_filter1d

from ..._checks import float_type
from .._graded import graded
from .._power import BEYOND, MEDIAN_EFFICIENCY, frequencies_along, typical_power
from .._strips import strips
from ..colour._colour import FAINT
from ._alternation import Alternation

_BESIDE = 16  # number of lowest frequencies along the rows that show the noise without offsets
_NEAREST = 4  # of these, how many show the signal at frequency 0
_AROUND, _SMOOTH = 15, 3  # frequencies across the rows, of a median and of a mean
_FEWEST = 8  # frequencies that tell a level
_RARE = 4.0  # of the level: where structure begins, above the strongest by chance
_OF_THIRD_DIFFERENCES = 20  # variance of those of white noise
_AT_MOST = 1.6  # of a median that chance has made too small
_DOUBTFUL = 4.0  # of the level: a median of so few exceeds it hardly ever
# How offsets become certain, from 0 to 1: by their deviation, in that of the noise of a pixel, and
# by the excess of the streak, in standard errors.
_WEAK, _STRONG = 0.1, 0.2
_CHANCE, _CERTAIN = 4.0, 8.0


class RowOffsets(NamedTuple):
    """Offsets of the rows of an image.

    Parameters
    ----------
    offsets : ndarray of shape (height,)
        What to subtract, of mean 0, so that the streak becomes as strong as what lies beside it;
        without `even`.
    strength : float
        Standard deviation of the offsets, without what the noise explains; 0 where there are none.
    noise : float
        Standard deviation that the noise alone gives to the mean of a row.
    even : Alternation
        By how much every other row is too bright.
    """

    offsets: np.ndarray
    strength: float
    noise: float
    even: Alternation

    def subtract(self, image: np.ndarray) -> np.ndarray:
        """Return an image without them, of its floating type."""
        image = self.even.subtract(image)
        return image - self.offsets[:, np.newaxis].astype(float_type(image.dtype))


def find_row_offsets(image: np.ndarray) -> RowOffsets:
    """Find by how much each row is too bright or too dark as a whole.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image without lone outliers.

    Returns
    -------
    RowOffsets
        The offsets, without those at frequencies across the rows where the image has structure.
        Lattice planes along the rows, edges of layers, and differences below a tenth of the noise
        are no offsets.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(256, 256))
    >>> find_row_offsets(image).strength
    0.0
    >>> lifted = image + np.random.default_rng(1).normal(0, 0.5, size=(256, 1))
    >>> print(round(find_row_offsets(lifted).strength, 1))
    0.5
    """
    height, width = image.shape
    high = frequencies_along(height) > BEYOND
    even = Alternation.find(image)
    none = RowOffsets(np.zeros(height), 0.0, 0.0, even)
    if high.sum() < _FEWEST or width <= _FEWEST:
        return none
    image = even.subtract(image)
    rows = _along_rows(image)
    # The ends of planes, which a border cuts, would be seen at all frequencies.
    tapered = dct(_taper(height) * rows, axis=0, norm="ortho")
    noise = _noise(tapered[:, 1:] ** 2, high)
    waves = dct(rows, axis=0, norm="ortho")
    power = waves**2
    if noise <= np.finfo(float_type(image.dtype)).eps * power.max():
        return none
    streak = _streak(tapered[high, 0] ** 2, power[high, 0], rows[:, 0]) - noise
    none = none._replace(noise=float(np.sqrt(noise / width)))
    certain = _certainty(streak / noise, width, np.count_nonzero(high))
    if not certain:
        return none
    usual = noise + _signal(power, noise, streak)
    beyond = certain * (1 - np.sqrt(usual / (usual + streak))) * waves[:, 0]
    beyond[0] = 0
    offsets = idct(beyond, norm="ortho") / np.sqrt(width)
    strength = certain * np.sqrt(streak / width)
    return none._replace(offsets=offsets, strength=float(strength))


class LineOffsets(NamedTuple):
    """Offsets of the rows and of the columns of an image.

    Parameters
    ----------
    rows, columns : RowOffsets
        The offsets.
    """

    rows: RowOffsets
    columns: RowOffsets

    NOTABLE = 0.05  # times the noise of a pixel; less is levelled without a word

    @classmethod
    def find(cls, image: np.ndarray) -> Self:
        """Find both; see :func:`find_row_offsets`."""
        rows = find_row_offsets(image)
        return cls(rows, find_row_offsets(rows.even.subtract(image).T))

    def any(self) -> bool:
        """Whether there is one."""
        return self.strength("rows") > 0 or self.strength("columns") > 0

    def strength(self, axis: str) -> float:
        """Return how strong the offsets of lines are, in units of the noise of a pixel.

        Parameters
        ----------
        axis : {"rows", "columns"}
            Which lines.

        Returns
        -------
        float
            Their standard deviation; 0 where there are none.
        """
        found, across = (self.rows, self.columns) if axis == "rows" else (self.columns, self.rows)
        length = len(across.offsets)
        each = found.strength / (found.noise * np.sqrt(length)) if found.strength else 0.0
        return float(np.hypot(each, found.even.strength))

    def subtract(self, image: np.ndarray) -> np.ndarray:
        """Return an image without the offsets, of its floating type.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            The image.

        Returns
        -------
        ndarray of shape (height, width)
            The levelled image.
        """
        return self.columns.subtract(self.rows.subtract(image).T).T


def _along_rows(image):
    """Return the lowest frequencies of each row, in a cosine transform: (height, n)."""
    width = image.shape[1]
    waves = idct(np.eye(width, 1 + min(_BESIDE, width - 1)), axis=0, norm="ortho")
    parts = [image[rows].astype(np.float64) @ waves for rows in strips(image.shape)]
    return np.concatenate(parts)


def _taper(side):
    """Return weights that fall to 0 at both ends, of mean square 1: (side, 1)."""
    return np.sqrt(2) * np.sin(np.pi * (np.arange(side) + 0.5) / side)[:, np.newaxis]


def _noise(power, high):
    """Return the power of the noise beside the streak; what is far fainter is no noise."""
    across = frequencies_along(len(power)) > BEYOND / 2
    return max(typical_power(power[high]), FAINT * typical_power(power[across]))


def _streak(tapered, power, rows):
    """Return the power of the streak: a median over frequencies, or over rows if that is less.

    The first leaves out planes of a lattice, the second the edges of layers.
    """
    steps = np.diff(rows, 3)
    least = min(typical_power(tapered), typical_power(steps**2) / _OF_THIRD_DIFFERENCES)
    # A median of few rows is uncertain; a mean of all but the strongest is better.
    weak = power <= max(_strongest(least, len(rows)), power.min())
    return min(power[weak].mean(), _AT_MOST * least)


def _certainty(excess, width, n_seen):
    """Return how sure it is that a streak is one of offsets, from 0 to 1."""
    deviation = np.sqrt(max(excess, 0) / width)
    in_errors = excess / np.sqrt(2 * MEDIAN_EFFICIENCY / n_seen)
    return float(graded(deviation, (_WEAK, _STRONG)) * graded(in_errors, (_CHANCE, _CERTAIN)))


def _signal(power, noise, streak):
    """Return the power that structure has in the streak, at each frequency across the rows."""
    beside = uniform_filter1d(power[:, 1 : _NEAREST + 1].mean(axis=1), _SMOOTH) - noise
    own, level = power[:, 0], streak + noise
    padded = np.pad(own, _AROUND // 2, mode="symmetric")
    around = typical_power(sliding_window_view(padded, _AROUND), axis=1)
    far = own - _strongest(level, len(own))
    return np.maximum.reduce([beside, around - _DOUBTFUL * level, far, 0 * own])


def _strongest(level, n_values):
    """Return what hardly any of so many squares of noise of that power exceeds."""
    return (2 * np.log(n_values) + _RARE) * level
