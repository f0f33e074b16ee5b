"""Block matching: for each reference block the blocks around it that look most alike."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

_REFERENCES_A_TILE = 8  # along a side: one matrix product compares them with all they can see
_FEW = 16  # candidates for a match, at most, that are sorted rather than divided


def match_blocks(blocks, allowed, *, step, radius, n_matches):
    """Find the nearest blocks, in Euclidean distance, about blocks on a coarse grid.

    Parameters
    ----------
    blocks : ndarray of shape (rows, columns, n_values)
        The block at every position. References stand at every `step`-th position, at least
        `radius` from all four sides; the last ones are at that distance exactly.
    allowed : ndarray of bool of shape (rows, columns)
        Positions that may be matched; False where a block leaves the image.
    step : int
        Distance between references.
    radius : int
        Positions up to this far away, along each axis, are searched.
    n_matches : int
        How many to find.

    Returns
    -------
    positions : ndarray of int of shape (n_references, n_matches)
        Flat positions of the matches, nearest first; the reference is the first.
    distances : ndarray of float32 of shape (n_references, n_matches)
        Squared distances; infinite where the search window holds too few positions.

    Examples
    --------
    >>> blocks = np.array([[4, 0, 1, 0, 3]], dtype=np.float32)[..., np.newaxis]
    >>> blocks = np.pad(blocks, ((2, 2), (0, 0), (0, 0)))
    >>> allowed = np.zeros(blocks.shape[:2], dtype=bool)
    >>> allowed[2] = True
    >>> match_blocks(blocks, allowed, step=1, radius=2, n_matches=3)
    (array([[12, 11, 13]]), array([[0., 1., 1.]], dtype=float32))
    """
    norms = np.where(allowed, np.einsum("rcv,rcv->rc", blocks, blocks), np.inf)
    n_rows, n_columns = ((side - 2 * radius - 1) // step + 1 for side in allowed.shape)
    window = 2 * radius + 1
    positions = np.empty((n_rows, n_columns, n_matches), dtype=np.intp)
    distances = np.empty((n_rows, n_columns, n_matches), dtype=np.float32)
    for tile in _tiles(n_rows, n_columns):
        first = np.array([part.start for part in tile]) * step
        seen = tuple(slice(part.start * step, (part.stop - 1) * step + window) for part in tile)
        found, distances[tile] = _match_tile(blocks[seen], norms[seen], step, radius, n_matches)
        rows, columns = found + first[:, np.newaxis, np.newaxis, np.newaxis]
        positions[tile] = rows * allowed.shape[1] + columns
    return positions.reshape(-1, n_matches), distances.reshape(-1, n_matches)


def _tiles(n_rows, n_columns):
    """Yield pairs of slices that cut the grid of references into tiles."""
    side = _REFERENCES_A_TILE
    for row in range(0, n_rows, side):
        for column in range(0, n_columns, side):
            yield (
                slice(row, min(row + side, n_rows)),
                slice(column, min(column + side, n_columns)),
            )


def _match_tile(blocks, norms, step, radius, n_matches):
    """Match the references of a tile: rows and columns of matches, and distances."""
    n_values = blocks.shape[-1]
    references = blocks[radius : -radius or None : step, radius : -radius or None : step]
    n_rows, n_columns = references.shape[:2]
    references = references.reshape(-1, n_values)
    # |reference - block|**2 = |reference|**2 + |block|**2 - 2 reference . block
    partial = references @ blocks.swapaxes(1, 2)  # row by row: blocks are not copied
    partial *= -2
    partial += norms[:, np.newaxis]
    partial = partial.swapaxes(0, 1).reshape(n_rows, n_columns, *norms.shape)
    windows = _windows(partial, step, 2 * radius + 1)
    windows[:, :, radius, radius] = -np.inf  # a reference is its own first match
    nearest, distances = _smallest(windows, n_matches)
    distances += np.einsum("nv,nv->n", references, references)[:, np.newaxis]
    distances[:, 0] = 0
    row, column = np.divmod(nearest.reshape(n_rows, n_columns, -1), 2 * radius + 1)
    row += step * np.arange(n_rows)[:, np.newaxis, np.newaxis]
    column += step * np.arange(n_columns)[:, np.newaxis]
    return np.stack([row, column]), distances.reshape(row.shape)


def _windows(values, step, side):
    """Return a view of the search window of each reference: it moves by `step` with it."""
    to_reference = np.array(values.strides[:2])
    to_position = np.array(values.strides[2:])
    strides = (*(to_reference + step * to_position), *to_position)
    return as_strided(values, (*values.shape[:2], side, side), strides)


def _smallest(windows, n):
    """Return flat positions and values of the n smallest of each window, in order."""
    n_windows, side = windows.shape[0] * windows.shape[1], windows.shape[-1]
    if n <= side:
        # No more than n columns hold a value below the n-th lowest of their lowest values: all
        # that is looked for is among the few values up to there.
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
