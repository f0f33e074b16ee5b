"""Block matching: for each reference block, the most similar blocks around it."""

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import as_strided

_REFERENCES_A_TILE = 8  # along a side: one matrix product compares them with all around
_FEW = 16  # candidates for each match, up to which sorting is faster than partitioning


def match_blocks(blocks, rows, columns, *, radius, n_matches):
    """Find the most similar blocks, by Euclidean distance, for reference blocks on a coarse grid.

    Parameters
    ----------
    blocks : ndarray of float32 of shape (n_rows, n_columns, n_values)
        The block at every position.
    rows, columns : range
        Where the references stand.
    radius : int
        Positions up to this far away, along each axis, are searched.
    n_matches : int
        How many to find.

    Returns
    -------
    positions : ndarray of int of shape (n_references, n_matches)
        Flat positions of the matches, nearest first; the reference is the first.
    distances : ndarray of float32 of shape (n_references, n_matches)
        Squared distances; infinite where the search window holds too few positions, and
        `positions` is meaningless.

    Examples
    --------
    >>> blocks = np.array([[4, 0, 1, 0, 3]], dtype=np.float32)[..., np.newaxis]
    >>> match_blocks(blocks, range(1), range(2, 3), radius=2, n_matches=3)
    (array([[2, 1, 3]]), array([[0., 1., 1.]], dtype=float32))
    """
    norms = np.einsum("rcv,rcv->rc", blocks, blocks)
    found = (len(rows), len(columns), n_matches)
    positions, distances = np.empty(found, dtype=np.intp), np.empty(found, dtype=np.float32)
    side = _REFERENCES_A_TILE
    for top, left in product(range(0, len(rows), side), range(0, len(columns), side)):
        tile = slice(top, top + side), slice(left, left + side)
        part = rows[tile[0]], columns[tile[1]]
        positions[tile], distances[tile] = _match_tile(blocks, norms, *part, radius, n_matches)
    return positions.reshape(-1, n_matches), distances.reshape(-1, n_matches)


def _match_tile(blocks, norms, rows, columns, radius, n_matches):
    """Match the references of a tile: positions of matches, and distances."""
    references = blocks[
        rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step
    ]
    n_rows, n_columns, n_values = references.shape
    references = references.reshape(-1, n_values)
    (seen_rows, inner_rows, height), (seen_columns, inner_columns, width) = (
        _seen(part, side, radius) for part, side in zip((rows, columns), norms.shape, strict=True)
    )
    # |reference - block|**2 = |reference|**2 + |block|**2 - 2 reference . block
    partial = (-2 * references) @ blocks[seen_rows, seen_columns].swapaxes(1, 2)  # row by row
    values = np.full((len(references), height, width), np.inf, np.float32)
    inner = values[:, inner_rows, inner_columns].swapaxes(0, 1)
    np.add(partial, norms[seen_rows, seen_columns][:, np.newaxis], out=inner)
    values = values.reshape(n_rows, n_columns, height, width)
    windows = _windows(values, (rows.step, columns.step), 2 * radius + 1)
    windows[:, :, radius, radius] = -np.inf  # a reference is its own first match
    nearest, distances = _smallest(windows, n_matches)
    distances += np.einsum("nv,nv->n", references, references)[:, np.newaxis]
    distances[:, 0] = 0
    down, right = np.divmod(nearest.reshape(n_rows, n_columns, -1), 2 * radius + 1)
    down += np.array(rows)[:, np.newaxis, np.newaxis] - radius
    right += np.array(columns)[:, np.newaxis] - radius
    return down * norms.shape[1] + right, distances.reshape(down.shape)


def _seen(places, side, radius):
    """Return the positions of a side that are searched, where these lie in the window, its size."""
    first, end = places[0] - radius, places[-1] + radius + 1
    seen = slice(max(first, 0), min(end, side))
    return seen, slice(seen.start - first, seen.stop - first), end - first


def _windows(values, steps, side):
    """Return a view of the search window of each reference, with which it moves."""
    to_reference = np.array(values.strides[:2])
    to_position = np.array(values.strides[2:])
    strides = (*(to_reference + np.array(steps) * to_position), *to_position)
    return as_strided(values, (*values.shape[:2], side, side), strides)


def _smallest(windows, n):
    """Return flat positions and values of the n smallest of each window, in order."""
    n_windows, side = windows.shape[0] * windows.shape[1], windows.shape[-1]
    if n <= side:
        # The n-th lowest of the minima of columns is a limit that at least n values do not exceed:
        # the n smallest are among the few values up to there.
        limits = np.partition(windows.min(axis=-2), n - 1, axis=-1)[..., n - 1]
        candidates = np.flatnonzero(windows <= limits[..., np.newaxis, np.newaxis])
        if len(candidates) < _FEW * n * n_windows:
            return _smallest_of(windows, candidates, n)
    values = windows.reshape(n_windows, side**2)
    if n > side**2:
        values = np.pad(values, ((0, 0), (0, n - side**2)), constant_values=np.inf)
    chosen = np.argpartition(values, n - 1, axis=1)[:, :n]
    order = np.argsort(np.take_along_axis(values, chosen, axis=1), axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, axis=1)
    return chosen, np.take_along_axis(values, chosen, axis=1)


def _smallest_of(windows, candidates, n):
    """Return the same as :func:`_smallest`, from at least n flat positions in a window."""
    window, position = np.divmod(candidates, windows[0, 0].size)
    values = windows[np.unravel_index(candidates, windows.shape)]
    starts = np.searchsorted(window, np.arange(window[-1] + 1))
    first = np.lexsort((values, window))[starts[:, np.newaxis] + np.arange(n)]
    return position[first], values[first]
