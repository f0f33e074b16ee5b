"""Bad pixels: hot, dead, or hit by an X-ray. How they are found, and filled.

A bad pixel stands far out of the median of its surroundings, and ends abruptly on all sides: the
neighbours of an atom stand out too. Very many such pixels are not faults, but sparse counts.
"""

from math import isqrt

import numpy as np
from scipy import ndimage

from ._medians import neighbourhood_medians

_SAMPLED = 2**21  # about the number of pixels from which the spread of a large image is measured
_AT_A_TIME = 2**18  # pixels whose surroundings are looked at together
_EIGHT = np.ones((3, 3), dtype=bool)
_FIVE = np.ones((5, 5), dtype=bool)
_RING = np.argwhere(np.pad(np.zeros((3, 3), dtype=bool), 1, constant_values=True))
# A cluster of up to _FEW pixels is bad if its surroundings have less than _FAINT of its strength.
_FEW, _FAINT = 4, 0.2
_APART = 4.0  # times the deviation that three in a hundred exceed
_ABRUPT = 0.28  # the surroundings of a cluster have less than this share of its weakest pixel
_TOUCHING = 4  # clusters side by side
# A share of bad pixels above _MOST is sparse counts. So is one above _MANY if they are blurred: if
# the next pixel on some side has more than _TAIL of their strength. Pixels that are _STRONGER times
# as strong as the usual one are bad even among counts.
_MOST, _MANY, _TAIL, _STRONGER = 0.035, 1e-3, 0.02, 8.0
_SIGNIFICANT = 5.0  # standard errors
_WITHIN_REACH = 1e-3  # weight of good neighbours


def find_bad_pixels(
    image: np.ndarray,
    threshold: float = 12.0,
    max_size: int = 9,
    known: np.ndarray | None = None,
) -> np.ndarray:
    """Find pixels, alone or a few together, that stand far outside what surrounds them.

    Up to two pixels in a hundred may be bad. More than 3.5 are sparse counts, and so are more than
    one in a thousand that fade out on one side. A cluster ends abruptly on all sides; an atom does
    not. The brightest are found first, and left out of the medians that show the others.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image.
    threshold : float, default=12.0
        How far outside, in standard deviations of noise and structure.
    max_size : int, default=9
        Largest number of pixels of a cluster; anything thicker than a square of that many is
        structure. Up to four clusters may touch.
    known : ndarray of bool of shape (height, width) or None, default=None
        Pixels known to be no picture, filled: they are left out when the spread of noise and
        structure is measured, as in sparse counts a filling is finer than one count.

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
    spread = _spread(deviations if known is None else _away_from(known, deviations))
    suspects = deviations > threshold * spread if spread > 0 else np.zeros(image.shape, bool)
    if not suspects.any():
        return suspects
    bad = _search(image, suspects, threshold * spread, max_size)
    return bad & ~_counts(image, bad) if bad.mean() > _MANY else bad


def _counts(image, bad):
    """Return which bad pixels are sparse counts: if very many, or many that fade alike.

    Bad pixels end abruptly. The tail of a single count is lost in noise, the mean of many is not.
    """
    deviations = image - neighbourhood_medians(fill_pixels(image, bad))
    strength = np.abs(deviations[bad])
    if bad.mean() < _MOST and max(_tails(deviations, bad)) < _TAIL * strength.mean():
        return np.zeros_like(bad)
    return bad & (deviations < _STRONGER * np.median(strength))


def _tails(deviations, bad):
    """Return the mean deviation next to bad pixels on each of eight sides, where it is certain."""
    padded = np.pad(bad, 1)
    for row, column in np.argwhere(_EIGHT) - 1:
        beside = deviations[np.roll(padded, (row, column), (0, 1))[1:-1, 1:-1] & ~bad]
        sure = beside.size > 1 and beside.mean() > _SIGNIFICANT * beside.std() / beside.size**0.5
        yield beside.mean() if sure else 0.0


def _away_from(known, deviations):
    """Return the deviations of pixels that are away from known invalid ones."""
    away = ~ndimage.binary_dilation(known, _FIVE)
    return deviations[away] if away.any() else deviations


def _spread(deviations):
    """Return the standard deviation of noise and structure: two in a hundred may be bad."""
    sample = deviations.ravel()[:: deviations.size // _SAMPLED | 1]
    median, high, higher, highest = np.quantile(sample, (0.5, 0.95, 0.97, 0.98))
    if median > 0:
        return max(1.4826 * median, high / 1.96)
    if not sample.any():
        return 0.0
    # Most pixels are equal, as in sparse counts. A few more than two in a hundred may be bad by
    # chance: those stand apart.
    one, top = sample[sample > 0].min(), min(highest, _APART * higher)
    return max(one, float(np.sqrt(np.mean(sample[sample <= top] ** 2))))


def _search(image, suspects, least, max_size):
    """Return the bad pixels among suspects and what lies beside them, found round by round."""
    bad, strength, news = np.zeros_like(suspects), np.zeros_like(image), suspects
    while news.any():
        places = ndimage.binary_dilation(news, _FIVE) & ~bad
        strength[bad] = 0
        strength[places] = _strength(image, bad, places)
        news = _clusters(strength, least, max_size)
        bad |= news
    return bad


def _strength(image, bad, places):
    """Return how far pixels deviate from the good ones of the ring around their neighbours."""
    known = np.pad(np.where(bad, np.nan, image), 2, constant_values=np.nan)
    rows, columns = np.nonzero(places)
    strength = np.empty(len(rows), dtype=image.dtype)
    for first in range(0, len(rows), _AT_A_TIME):
        part = slice(first, first + _AT_A_TIME)
        ring = rows[part, np.newaxis] + _RING[:, 0], columns[part, np.newaxis] + _RING[:, 1]
        strength[part] = np.abs(image[rows[part], columns[part]] - _medians(known[ring]))
    return np.nan_to_num(strength, copy=False)


def _medians(values):
    """Return the median of each row, NaN left out: it comes last in order."""
    values = np.sort(values, axis=1)
    n = values.shape[1] - np.isnan(values).sum(axis=1, keepdims=True)
    middle = np.take_along_axis(values, np.hstack([np.maximum(n - 1, 0) // 2, n // 2 % 16]), axis=1)
    return middle.mean(axis=1)


def _clusters(strength, least, max_size):
    """Return the small clusters of strong pixels that nothing strong surrounds."""
    strong = strength > least / 3
    outstanding = strength > _ABRUPT * ndimage.maximum_filter(strength, 5)
    return _few(strong, strength, least, max_size) | _abrupt(
        strong & outstanding, strength, least, max_size
    )


def _few(strong, strength, least, max_size):
    """Return clusters of very few pixels that are far stronger than what surrounds them."""
    labels, sizes, _, peaks, around = _measured(strong, strength)
    chosen = (peaks > least) & (sizes <= min(max_size, _FEW)) & (around < _FAINT * peaks)
    return chosen[labels] & strong


def _abrupt(strong, strength, least, max_size):
    """Return clusters all of whose pixels are far stronger than what surrounds them."""
    labels, sizes, weakest, peaks, around = _measured(strong, strength)
    chosen = (peaks > least) & (sizes <= _TOUCHING * max_size) & (around < _ABRUPT * weakest)
    side = isqrt(max_size) + 1
    chosen[labels[ndimage.binary_erosion(strong, np.ones((side, side)))]] = False
    return chosen[labels] & strong


def _measured(strong, strength):
    """Return labels of components, and their sizes, least, greatest and surrounding strengths."""
    labels, n = ndimage.label(strong, structure=_EIGHT)
    members = labels[strong]
    beside = ndimage.maximum_filter(np.where(strong, 0, strength), 3)
    least, greatest, around = np.full(n + 1, np.inf), np.zeros(n + 1), np.zeros(n + 1)
    np.minimum.at(least, members, strength[strong])
    np.maximum.at(greatest, members, strength[strong])
    np.maximum.at(around, members, beside[strong])
    return labels, np.bincount(members, minlength=n + 1), least, greatest, around


def fill_outliers(images: np.ndarray) -> np.ndarray:
    """Replace bad pixels by the weighted mean of good neighbours.

    One hot pixel would ring over a whole binned image.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Images of a floating type.

    Returns
    -------
    ndarray of shape (n, height, width)
        The images; `images` itself where nothing was replaced.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(1, 32, 32))
    >>> image[0, 5, 5] = 1000
    >>> bool(fill_outliers(image).max() < 5)
    True
    """
    filled = images
    for number, image in enumerate(images):
        bad = find_bad_pixels(image)
        if bad.any():
            filled = images.copy() if filled is images else filled
            filled[number] = fill_pixels(image, bad)
    return filled


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
    while left.any() and width < max(image.shape):
        weight = ndimage.gaussian_filter(good, width, mode="mirror")
        mean = ndimage.gaussian_filter(np.where(bad, 0.0, image), width, mode="mirror")
        within_reach = left & (weight > _WITHIN_REACH)
        filled[within_reach] = mean[within_reach] / weight[within_reach]
        left, width = left & ~within_reach, 2 * width
    if left.any():
        filled[left] = image[~bad].mean()  # as a Gaussian wider than the image has it
    return filled
