"""Offsets of scan lines, found in a noisy image."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

_NORMAL_MEDIAN = 0.6745
_CLIP = 4.0  # standard deviations
_RIDGE = 0.02  # least share of an offset that its neighbours have to leave visible, squared


class RowOffsets(NamedTuple):
    """Offsets of the rows of an image.

    Parameters
    ----------
    offsets : ndarray of shape (height,)
        What to subtract, of mean 0; shrunk towards 0 by what the noise explains.
    strength : float
        Standard deviation of the offsets, without what the noise explains.
    noise : float
        Standard deviation that the noise alone gives to the mean of a row.
    """

    offsets: np.ndarray
    strength: float
    noise: float


def find_row_offsets(image: np.ndarray, window: int = 7) -> RowOffsets:
    """Find the offset of each row from the prediction of its neighbours.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image without lone outliers.
    window : int, default=7
        Number of rows, odd, at least 5, over which the image follows a cubic.

    Returns
    -------
    RowOffsets
        The offsets. Those that change slowly, over more than the window, are taken for signal.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 256))
    >>> find_row_offsets(image).strength < 0.03
    True
    >>> image[20] += 1
    >>> print(round(find_row_offsets(image).offsets[20], 1))
    0.5
    """
    height, width = image.shape
    window = min(window, 2 * ((height - 1) // 2) - 1)
    if window < 5:
        return RowOffsets(np.zeros(height), 0.0, 0.0)
    kernel = _surprise(window)
    norm = np.sqrt(np.sum(kernel**2))
    surprise = ndimage.correlate1d(image.astype(np.float64), kernel, axis=0, mode="mirror")
    spread = max(np.median(np.abs(surprise)) / _NORMAL_MEDIAN, surprise.std() / 2)
    surprise = np.clip(surprise, -_CLIP * spread, _CLIP * spread)
    rows = surprise.mean(axis=1)
    inner = rows[window // 2 : -(window // 2)]
    total = float(np.mean(inner**2)) / norm**2
    noise = float(surprise.var(axis=1).mean()) / (norm**2 * width)
    share = max(0.0, 1 - noise / total) if total > 0 else 0.0
    offsets = share * _undo(rows, kernel) if share else np.zeros(height)
    return RowOffsets(offsets, float(np.sqrt(max(total - noise, 0))), float(np.sqrt(noise)))


def _surprise(window):
    """Return a row minus its prediction: the value at 0 of a cubic through the other rows."""
    reach = window // 2
    rows = np.delete(np.arange(-reach, reach + 1), reach)
    weights = np.linalg.pinv(np.vander(rows, 4))[-1]
    return np.insert(-weights, reach, 1.0)


def _undo(rows, kernel):
    """Return offsets that explain what is seen of them through the kernel; the unseen are 0."""
    n, reach = len(rows), len(kernel) // 2
    positions = np.arange(n)
    around = np.abs(positions[:, np.newaxis] + np.arange(-reach, reach + 1))  # mirrored
    around = np.where(around < n, around, 2 * (n - 1) - around)
    where = (np.repeat(positions, len(kernel)), around.ravel())
    seen = sparse.csc_array(sparse.coo_array((np.tile(kernel, n), where), shape=(n, n)))
    normal = sparse.csc_array(seen.T @ seen + _RIDGE * sparse.eye_array(n))
    offsets = spsolve(normal, seen.T @ rows)
    return offsets - offsets.mean()
