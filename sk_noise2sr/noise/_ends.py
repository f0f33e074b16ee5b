"""Where intensities end: values that detector or file could not go beyond, and steps of levels."""

import numpy as np
from scipy.ndimage import binary_dilation, label

_PILE = 20  # pixels
_FEWEST_LEVELS = 256  # with fewer, an image of counts has many zeros by nature
_NEAR = 4.0  # standard deviations of the noise
_NEAR_OF_RANGE = 0.3  # from the middle to the largest value, where noise is not known


def pile(counts):
    """Return how many pixels have the first value, if it is more frequent than the next.

    The noise of a detector makes values rarer the farther they lie out; one that cannot go
    farther piles them up.

    Examples
    --------
    >>> pile(np.array([90, 2, 5])), pile(np.array([3, 2, 5]))
    (90, 0)
    """
    if len(counts) < 3 or counts[0] < max(_PILE, counts[1] + 4 * np.sqrt(counts[1])):
        return 0
    return int(counts[0])


def saturated_regions(image, regions, noise):
    """Return how many pixels of regions of one value are saturated, and no bar or label.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        As it came.
    regions : ndarray of bool of that shape
        Regions of one value.
    noise : NoiseEstimate or None
        That of the rest, if it is known.

    Returns
    -------
    int
        Pixels at the largest value, in regions around which the image nearly reaches it.
    """
    finite = np.isfinite(image)
    largest = np.max(image, where=finite, initial=-np.inf)
    parts, n_parts = label(regions & (image == largest))
    if noise is None:
        near = largest - _NEAR_OF_RANGE * (largest - np.median(image[finite]))
    else:
        near = largest - _NEAR * np.sqrt(max(float(noise.variance_at(largest)), 0.0))
    total = 0
    for number in range(1, n_parts + 1):
        part = parts == number
        rim = image[binary_dilation(part) & ~regions & finite]
        if rim.size and np.mean(rim >= near) > 0.5:
            total += int(part.sum())
    return total


def ends_by_nature(values, dark_level):
    """Return whether the smallest value is that of no counts, below which no noise leads."""
    if values.size <= _FEWEST_LEVELS:
        return True
    if dark_level is None:
        return False
    level, error = dark_level
    return level + 2 * error > values[0]


def grey_step(values):
    """Return the smallest difference of two values, rounding errors aside."""
    steps = np.diff(values)
    if not steps.size:
        return np.inf
    return float(steps[steps > np.finfo(np.float32).eps * np.abs(values).max()].min(initial=np.inf))
