"""Bad pixels: hot, dead, or hit by an X-ray. The one finder, and what is put in their place."""

import numpy as np
from scipy import ndimage

from ._medians import neighbourhood_medians

_SAMPLED = 2**21  # pixels, about, that tell the spread of a large image
_AT_A_TIME = 2**18  # pixels whose surroundings are looked at together
_EIGHT = np.ones((3, 3), dtype=bool)
_FIVE = np.ones((5, 5), dtype=bool)
_RING = np.argwhere(np.pad(np.zeros((3, 3), dtype=bool), 1, constant_values=True)) - 2
_STEEP = 0.2  # what surrounds a bad pixel deviates by less than this share of it


def find_bad_pixels(image: np.ndarray, threshold: float = 12.0, max_size: int = 4) -> np.ndarray:
    """Find pixels, alone or a few together, that stand far outside what surrounds them.

    Up to two pixels in a hundred may be bad. A pixel that is as bright as an atom is wide is none:
    its neighbours stand out too.

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
    image = image.astype(np.result_type(image.dtype, np.float32), copy=False)
    deviations = neighbourhood_medians(image)
    np.subtract(image, deviations, out=deviations)
    np.abs(deviations, out=deviations)
    spread = _spread(deviations)
    suspects = deviations > threshold * spread if spread > 0 else np.zeros(image.shape, bool)
    if not suspects.any():
        return suspects
    strength = _strength(image, ndimage.binary_dilation(suspects, _FIVE))
    return _clusters(strength, spread, threshold, max_size)


def _spread(deviations):
    """Return the standard deviation of noise and structure: two in a hundred may be bad."""
    sample = deviations.ravel()[:: deviations.size // _SAMPLED | 1]
    median, high, highest = np.quantile(sample, (0.5, 0.95, 0.98))
    if median > 0:
        return max(1.4826 * median, high / 1.96)
    if not sample.any():
        return 0.0
    # Most pixels are equal, as in sparse counts, which come one by one.
    one = sample[sample > 0].min()
    return max(one, float(np.sqrt(np.mean(sample[sample <= highest] ** 2))))


def _strength(image, places):
    """Return how far pixels deviate from the ring of 16 around their neighbours; 0 elsewhere."""
    strength = np.zeros_like(image)
    rows, columns = np.nonzero(places)
    for first in range(0, len(rows), _AT_A_TIME):
        part = rows[first : first + _AT_A_TIME], columns[first : first + _AT_A_TIME]
        ring = tuple(
            _mirrored(positions[:, np.newaxis] + _RING[:, axis], image.shape[axis])
            for axis, positions in enumerate(part)
        )
        strength[part] = np.abs(image[part] - np.median(image[ring], axis=1))
    return strength


def _mirrored(positions, side):
    """Return positions outside, mirrored at the middle of the border pixels."""
    last = side - 1
    return np.clip(last - np.abs(last - np.abs(positions)), 0, last)


def _clusters(strength, spread, threshold, max_size):
    """Return the small clusters of strong pixels that nothing strong surrounds."""
    labels, n = ndimage.label(strength > threshold / 3 * spread, structure=_EIGHT)
    numbers = np.arange(n + 1)
    sizes = np.bincount(labels.ravel(), minlength=n + 1)
    peaks = ndimage.maximum(strength, labels, numbers)
    rings = np.where(labels == 0, ndimage.grey_dilation(labels, size=3, mode="nearest"), 0)
    around = ndimage.maximum(strength, rings, numbers)
    chosen = (peaks > threshold * spread) & (sizes <= max_size) & (around < _STEEP * peaks)
    chosen[0] = False
    return chosen[labels]


def fill_outliers(images: np.ndarray) -> tuple[np.ndarray, int]:
    """Replace bad pixels by the weighted mean of good neighbours.

    One hot pixel would ring over a whole binned image.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Images of a floating type.

    Returns
    -------
    filled : ndarray of shape (n, height, width)
        The images, copied only where something was replaced.
    n_outliers : int
        Number of pixels replaced.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(1, 32, 32))
    >>> image[0, 5, 5] = 1000
    >>> fill_outliers(image)[1]
    1
    """
    filled, n_outliers = images, 0
    for number, image in enumerate(images):
        bad = find_bad_pixels(image)
        if bad.any():
            filled = images.copy() if filled is images else filled
            filled[number] = fill_pixels(image, bad)
            n_outliers += int(bad.sum())
    return filled, n_outliers


def fill_pixels(image: np.ndarray, bad: np.ndarray, width: float = 1.0) -> np.ndarray:
    """Put the weighted mean of good neighbours in the place of bad pixels.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    bad : ndarray of bool of shape (height, width)
        The pixels to fill; if all are, there is nothing to fill them with, and they stay.
    width : float, default=1.0
        Standard deviation of the Gaussian that weighs good neighbours, in pixels.

    Returns
    -------
    ndarray of float64 of shape (height, width)
        The image. Where no good pixel is close the Gaussian is as wide as it takes.

    Examples
    --------
    >>> image = np.ones((5, 5))
    >>> image[2, 2] = 9
    >>> float(fill_pixels(image, image > 1)[2, 2])
    1.0
    """
    image = image.astype(np.float64)
    if bad.all():
        return image
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
