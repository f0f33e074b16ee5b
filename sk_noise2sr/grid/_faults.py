"""Faults of a detector or a scan, found in a noisy image: bad pixels, and offsets of rows."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

_RING = np.pad(np.zeros((3, 3), dtype=bool), 1, constant_values=True)
_EIGHT = np.ones((3, 3), dtype=bool)
_STEEP = 0.2  # what surrounds a bad pixel deviates by less than this share of it
_NORMAL_MEDIAN = 0.6745
_CLIP = 4.0  # standard deviations
_RIDGE = 0.02  # least share of an offset that its neighbours have to leave visible, squared


def find_bad_pixels(image, threshold=12.0, max_size=4):
    """Find pixels, alone or a few together, that stand far outside what surrounds them.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    threshold : float, default=12.0
        How far outside, in standard deviations of noise and structure.
    max_size : int, default=4
        Largest number of bad pixels side by side; what is larger is taken for structure.

    Returns
    -------
    ndarray of bool of shape (height, width)
        True at bad pixels.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> image[5, 5:7] += 100
    >>> np.argwhere(find_bad_pixels(image)).tolist()
    [[5, 5], [5, 6]]
    """
    image = image.astype(np.float64)
    deviations = image - ndimage.median_filter(image, footprint=_RING, mode="mirror")
    strength = np.abs(deviations)
    # The second measure stands where structure is strong, the third where most pixels are equal.
    spread = max(np.median(strength) / _NORMAL_MEDIAN, np.quantile(strength, 0.998) / 3.09)
    if spread == 0:
        spread = np.median(strength[strength > 0]) if strength.any() else 1.0
    bad = np.zeros(image.shape, dtype=bool)
    for sign in (1, -1):
        labels, n = ndimage.label(sign * deviations > threshold / 3 * spread, structure=_EIGHT)
        if n == 0:
            continue
        numbers = np.arange(n + 1)
        sizes = np.bincount(labels.ravel())
        peaks = ndimage.maximum(strength, labels, numbers)
        rings = np.where(labels == 0, ndimage.grey_dilation(labels, size=3, mode="nearest"), 0)
        around = ndimage.maximum(strength, rings, numbers)
        chosen = (peaks > threshold * spread) & (sizes <= max_size) & (around < _STEEP * peaks)
        bad |= np.where(numbers == 0, False, chosen)[labels]
    return bad


def fill_pixels(image, bad):
    """Put the weighted mean of good neighbours in the place of bad pixels.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    bad : ndarray of bool of shape (height, width)
        The pixels to fill, not all.

    Returns
    -------
    ndarray of float64 of shape (height, width)
        The image; a Gaussian of one pixel, or a wider one where no good pixel is close, weighs
        the neighbours.

    Examples
    --------
    >>> image = np.ones((5, 5))
    >>> image[2, 2] = 9
    >>> float(fill_pixels(image, image > 1)[2, 2])
    1.0
    """
    image, width = image.astype(np.float64), 1.0
    good = (~bad).astype(np.float64)
    filled = np.where(bad, 0.0, image)
    left = bad
    while left.any():
        weight = ndimage.gaussian_filter(good, width, mode="mirror")
        mean = ndimage.gaussian_filter(np.where(bad, 0.0, image), width, mode="mirror")
        within_reach = left & (weight > 1e-3)
        filled[within_reach] = mean[within_reach] / weight[within_reach]
        left, width = left & ~within_reach, 2 * width
    return filled


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


def find_row_offsets(image, window=7):
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
