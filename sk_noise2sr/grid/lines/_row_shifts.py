"""Sideways shifts of scan lines, found together with a denoised image.

Each row is compared with an image that all rows make together. What two halves of a row agree on is
a shift; what they do not is noise.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.fft import dctn, idctn, irfft, next_fast_len, rfft, rfftfreq

from .._graded import surely
from .._power import power_in_units_of_noise
from ..colour._streaks import line_power

_ROUNDS = 8
_SMALLEST_SIDE = 32
_BLOCK = 16  # columns: the two halves of a row are made of every other block
_AROUND = 5  # coefficients along an axis whose mean power is that of the signal and the noise
_NOISE = 3.0  # times its mean power, which noise hardly exceeds
_FLAT = 0.05  # of the usual power of slopes: added to that of each row
_MOST = 0.9  # share of a row in the denoised image
_DOUBTFUL = 2.0  # standard errors of the agreement of halves that chance explains
_TELLING = 0.7  # times the shifts: with a smaller error, moving rows back pays
_BORDER = 16  # pixels beyond the ends of a row


class RowShifts(NamedTuple):
    """Sideways shifts of the rows of an image, and how sure they are.

    Parameters
    ----------
    shifts : ndarray of shape (height,)
        By how many pixels to the right a row shows what the rows about it show; of mean 0, and
        shrunk towards 0 by what the noise explains.
    strength : float
        Standard deviation of the shifts, without what the noise explains, in pixels.
    error : float
        Standard deviation that noise gives to what is measured of a shift, in pixels.
    agreement : float
        Correlation of the shifts of two halves of each row, before any is moved; without shifts it
        is 0, with a standard error of one over the root of the number of rows.
    """

    shifts: np.ndarray
    strength: float
    error: float
    agreement: float

    @property
    def worth_moving(self):
        """Whether the shifts are known well enough that moving the rows back pays.

        If the error is as large as the shifts, images gain nothing by it, or lose.
        """
        return bool(self.error < _TELLING * self.strength)


def find_row_shifts(image: np.ndarray, rounds: int = _ROUNDS) -> RowShifts:
    """Find by how much each row is shifted against the image that all rows make together.

    In turns, the rows are moved back, the image is denoised by a Wiener filter, and each row
    is compared with that, whatever its brightness. The prior of the shifts is a normal
    distribution. Its variance is the covariance of the shifts of two halves of each row, in which
    noise has no part. Without shifts it is next to 0, and so are the shifts that are found.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image without lone outliers.
    rounds : int, default=8
        How often the rows are moved, at least 1; the agreement is known after the first time.

    Returns
    -------
    RowShifts
        The shifts; 0 for sides below 32 pixels.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_stem
    >>> straight = make_stem(dose=2e4, random_state=0)[1]
    >>> bool(find_row_shifts(straight).strength < 0.1)
    True
    >>> jittered = make_stem(dose=2e4, scan_jitter=0.015, random_state=0)[1]  # of a pixel
    >>> bool(0.5 < find_row_shifts(jittered).strength < 1.1)
    True
    """
    height, width = image.shape
    found, agreement = RowShifts(np.zeros(height), 0.0, np.inf, 0.0), None
    spread = image.std()
    if min(height, width) < _SMALLEST_SIDE or not spread > 0:
        return found
    image = (image - image.mean()) / spread
    for _ in range(rounds):
        aligned = shift_rows(image, -found.shifts)
        denoised = _wiener(aligned)
        told = denoised and _compare(aligned, *denoised, found.shifts)
        if not told:
            break
        if agreement is None:  # later on, the halves have moved along together
            agreement = told.agreement
        found = told.shrunk(agreement)
    return found


class _Told(NamedTuple):
    """Shifts measured in two halves of each row and in the whole, and the weights of rows."""

    one: np.ndarray
    other: np.ndarray
    whole: np.ndarray
    weights: np.ndarray
    common: float  # covariance of the halves for other reasons than shifts

    def mean(self, values):
        return float(np.average(values, weights=self.weights))

    @property
    def agreement(self):
        """The correlation of the halves."""
        squares = self.mean(self.one**2) * self.mean(self.other**2)
        return self.mean(self.one * self.other) / max(squares**0.5, np.finfo(float).tiny)

    def shrunk(self, agreement):
        """Return the most probable shifts; the agreement says how sure it is that there are any."""
        sure = float(surely(agreement * abs(agreement) * len(self.whole), _DOUBTFUL))
        variance = max(self.mean(self.one * self.other) - self.common, 0.0) * sure
        error = self.mean((self.one - self.other) ** 2) / 4
        errors = error * self.weights.mean() / self.weights
        shifts = self.whole * (variance / np.maximum(variance + errors, np.finfo(float).tiny))
        return RowShifts(shifts, variance**0.5, error**0.5, agreement)


def shift_rows(image: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Shift each row to the right by parts of a pixel.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    shifts : ndarray of shape (height,)
        Shifts in pixels.

    Returns
    -------
    ndarray of shape (height, width)
        The shifted rows, continued as in a mirror. White noise stays white.
    """
    width = image.shape[1]
    wide = _BORDER + int(np.ceil(np.max(np.abs(shifts), initial=0)))
    after = next_fast_len(width + 2 * wide, real=True) - width - wide
    padded = np.pad(image, ((0, 0), (wide, after)), mode="reflect")
    phases = np.exp(-2j * np.pi * np.outer(shifts, rfftfreq(padded.shape[1])))
    moved = irfft(rfft(padded, axis=1, workers=1) * phases, padded.shape[1], axis=1, workers=1)
    return moved[:, wide : wide + width]


def _wiener(image):
    """Return the image denoised, and the share of the power kept at each frequency along rows.

    Power that displaced rows spread over all frequencies across them counts as noise. None if no
    noise can be measured.
    """
    spectrum = dctn(image, norm="ortho", workers=1)
    power = power_in_units_of_noise(spectrum**2)
    if power is None:
        return None
    noise = _NOISE * line_power(power)
    gain = 1 - noise / np.maximum(ndimage.uniform_filter(power, _AROUND, mode="reflect"), noise)
    return idctn(spectrum * gain, norm="ortho", workers=1), gain.mean(axis=0)


def _compare(aligned, denoised, kept, before):
    """Return the measured shifts of rows, of which `before` are undone; None without slopes."""
    slope = np.gradient(denoised, axis=1)
    strength = np.sum(dctn(slope, axes=1, norm="ortho", workers=1) ** 2, axis=0)
    if not strength.sum() > 0:
        return None
    # A row has its share in the denoised image, which has moved along by as much.
    own = min(float(kept @ strength / strength.sum()), _MOST)
    half = np.arange(aligned.shape[1]) // _BLOCK % 2 == 0
    weights = np.sum(_level(slope) ** 2, axis=1)
    weights = weights + _FLAT * weights.mean()
    parts = [
        before + _measured(aligned[:, part], denoised[:, part], slope[:, part]) / (1 - own)
        for part in (half, ~half, slice(None))
    ]
    parts = [part - np.average(part, weights=weights) for part in parts]
    return _Told(*parts, weights, own**2 * np.average(before**2, weights=weights))


def _measured(aligned, denoised, slope):
    """Return the shifts of rows to the right, by least squares, whatever their brightness."""
    slope = _level(slope)
    power = np.sum(slope**2, axis=1)
    power = np.maximum(power + _FLAT * power.mean(), np.finfo(float).tiny)
    return np.sum(slope * (denoised - aligned), axis=1) / power


def _level(rows):
    return rows - rows.mean(axis=1, keepdims=True)
