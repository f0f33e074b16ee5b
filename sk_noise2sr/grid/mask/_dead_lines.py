"""Dead rows and columns: long runs of exactly one value, at most three pixels wide."""

import math

import numpy as np

from ._regions import fades

_SHORTEST, _SHARE = 8, 0.25  # pixels of a run that is looked at, and share of the side
_BESIDE = np.arange(4, 16)  # distances of lines that show how often noise makes neighbours equal
_WIDEST = 3  # lines that are dead side by side
_RARE = np.log(1e-3)  # logarithm of the expected number of such runs in an image


def find_dead_lines(image: np.ndarray) -> np.ndarray:
    """Find runs of one value along rows and columns that noise cannot have made.

    Where counts are few, noise often makes neighbours equal. How often is measured beside each run,
    on both sides.

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
    if height < _SHORTEST or width < 2 * _BESIDE[-1]:
        return dead
    equal = image[1:] == image[:-1]
    if not _with_runs(equal).any():
        return dead
    together, across = equal, image[:, 1:] == image[:, :-1]
    for n_lines in range(1, _WIDEST + 1):
        for column, top, bottom in _certain_runs(equal, together, n_lines):
            dead[top : bottom + 1, column : column + n_lines] = True
        # Next, lines that are dead together with the one beside them.
        together = together[:, :-1] & equal[:, n_lines:] & across[1:, n_lines - 1 :]
    values = np.unique(image[dead])
    faded = [value for value in values if fades(image, value)]
    return dead & ~np.isin(image, faded)


def _certain_runs(equal, together, n_lines):
    """Return columns, tops and bottoms of runs, `n_lines` wide, that noise cannot have made."""
    columns, tops, bottoms = _runs(together)
    if not len(columns):
        return zip(columns, tops, bottoms, strict=True)
    steps = bottoms - tops
    places = np.where(steps == len(equal), equal.shape[1], equal.size)  # a whole line has no start
    rare = n_lines * steps * np.log(_chance(equal, columns, tops, bottoms))
    certain = np.log(places) + rare < _RARE
    return zip(columns[certain], tops[certain], bottoms[certain], strict=True)


def _chance(equal, columns, tops, bottoms):
    """Return the probability that noise makes a run one pixel longer, from the lines beside it.

    If a share p of the pixels has a value, neighbours have it with p**2 or more. In correlated
    noise, equal neighbours follow equal neighbours more often. Of the lines beside, the one with
    most equal neighbours counts, as a run may lie between two planes of a lattice.
    """
    again = equal.copy()
    again[1:] &= equal[:-1]
    again[0] = False
    counts, repeated = (_beside(each, columns, tops, bottoms) for each in (equal, again))
    rate = np.maximum(equal.mean(), (counts + 1) / (bottoms - tops + 2))
    again = np.where(counts > 0, (repeated + 1) / (counts + 1), 0.5)
    return np.maximum(np.sqrt(rate), again).max(axis=0)


def _beside(flags, columns, tops, bottoms):
    """Return how many flags are set on lines beside runs, (n_lines, n_runs)."""
    width = flags.shape[1]
    total = np.cumsum(np.pad(flags, ((1, 0), (0, 0))), axis=0, dtype=np.int32)
    there = columns + np.concatenate([-_BESIDE, _BESIDE])[:, np.newaxis]
    # At the border of the image, both go to the side that exists.
    there = np.where((there < 0) | (there >= width), 2 * columns - there, there)
    return total[bottoms, there] - total[tops, there]


def _with_runs(equal):
    """Return which columns have runs of at least the shortest length, found by doubling."""
    shortest = _shortest(equal)
    length = 1
    while length < shortest and equal.any():
        more = min(length, shortest - length)
        equal = equal[:-more] & equal[more:]
        length += more
    return equal.any(axis=0)


def _runs(equal):
    """Return the columns and the first and last rows of runs of at least the shortest length."""
    looked_at = np.flatnonzero(_with_runs(equal))
    padded = np.zeros((len(equal) + 2, len(looked_at)), dtype=np.int8)
    padded[1:-1] = equal[:, looked_at]
    change = np.diff(padded, axis=0).T
    columns, tops = np.nonzero(change == 1)
    _, bottoms = np.nonzero(change == -1)
    long = bottoms - tops >= _shortest(equal)
    return looked_at[columns[long]], tops[long], bottoms[long]


def _shortest(equal):
    """Return of how many steps from pixel to pixel a run has to be."""
    return math.ceil(max(_SHORTEST, _SHARE * (len(equal) + 1))) - 1
