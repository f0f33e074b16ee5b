"""Dead rows and columns: long runs of exactly one value, at most three pixels wide."""

import numpy as np

_SHORTEST = 8  # pixels of a run that is looked at
_BESIDE = 4  # lines, from the fourth on, that show how often neighbours are equal there
_BY_CHANCE = 1e-3  # expected number of runs in a picture


def find_dead_lines(image):
    """Find runs of one value along rows and columns, where noise cannot have made them.

    How often noise makes neighbours equal is seen beside each run, on both sides: where counts
    are few, they often are.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Noisy image, of finite numbers.

    Returns
    -------
    ndarray of bool of shape (height, width)
        True on dead lines, whole ones or parts.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> image[:40, 7] = 0.0
    >>> rows, columns = np.nonzero(find_dead_lines(image))
    >>> len(rows), set(columns.tolist())
    (40, {7})
    """
    image = image.astype(np.float32, copy=False) if image.dtype == np.float16 else image
    return _dead_columns(image) | _dead_columns(image.T).T


def _dead_columns(image):
    dead = np.zeros(image.shape, dtype=bool)
    height, width = image.shape
    if height < _SHORTEST or width < 4 * _BESIDE:
        return dead
    equal = image[1:] == image[:-1]
    columns, tops, bottoms = _runs(equal)
    if not len(columns):
        return dead
    steps = bottoms - tops
    # A value that makes a share of the pixels makes neighbours equal at the square of it, or more.
    share = np.sqrt(np.maximum(equal.mean(), _rate_beside(equal, columns, tops, bottoms)))
    certain = np.log(image.size) + steps * np.log(share) < np.log(_BY_CHANCE)
    found = (each[certain] for each in (columns, tops, bottoms))
    for column, top, bottom in zip(*found, strict=True):
        dead[top : bottom + 1, column] = True
    return dead


def _rate_beside(equal, columns, tops, bottoms):
    """Return how often neighbours are equal beside runs, on the side where they more often are."""
    width = equal.shape[1]
    total = np.cumsum(np.pad(equal, ((1, 0), (0, 0))), axis=0, dtype=np.int32)
    rates = []
    for side in (-1, 1):
        counts = 0
        for beside in columns + side * np.arange(_BESIDE, 2 * _BESIDE)[:, np.newaxis]:
            # At the border of the image, both looks go to the one side that there is.
            there = np.where((beside < 0) | (beside >= width), 2 * columns - beside, beside)
            counts = counts + total[bottoms, there] - total[tops, there]
        rates.append((counts + 1) / (_BESIDE * (bottoms - tops) + 2))
    return np.maximum(*rates)


def _runs(equal):
    """Return the columns and the first and last rows of runs of at least the shortest length."""
    padded = np.zeros((len(equal) + 2, equal.shape[1]), dtype=np.int8)
    padded[1:-1] = equal
    change = np.diff(padded, axis=0).T
    columns, tops = np.nonzero(change == 1)
    _, bottoms = np.nonzero(change == -1)
    long = bottoms - tops >= _SHORTEST - 1
    return columns[long], tops[long], bottoms[long]
