"""Blocks of an image at all positions: to their transforms, and back to one image."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal.windows import kaiser

_KAISER_SHAPE = 2.0


def transform_blocks(image, basis, size):
    """Return the transforms of the blocks at all positions, one a row.

    Parameters
    ----------
    image : ndarray of float32 of shape (height, width)
        The image.
    basis : ndarray of float32 of shape (size, size)
        The transform along one axis, one function a row.
    size : int
        Side of a block.

    Returns
    -------
    ndarray of float32 of shape (n_positions, size**2)
        The transforms.
    """
    along = sliding_window_view(image, size, axis=1) @ basis.T
    n_rows, n_columns = len(image) - size + 1, along.shape[1]
    windows = sliding_window_view(along.reshape(len(image), -1), size, axis=0)
    blocks = (basis @ windows.swapaxes(1, 2)).reshape(n_rows, size, n_columns, size)
    return blocks.swapaxes(1, 2).reshape(-1, size**2)


def overlap_add(sums, weights, basis, size, step=1):
    """Transform blocks at every `step`-th position back, and add them up under a window.

    Transform and window are products of two of one axis: columns are added up first, then rows.

    Parameters
    ----------
    sums : ndarray of float32 of shape (n_positions, size**2)
        Transforms of blocks, times their weights.
    weights : ndarray of float32 of shape (rows, columns)
        The weight at each position.
    basis, size
        As in :func:`transform_blocks`.
    step : int, default=1
        Distance between positions.

    Returns
    -------
    ndarray of float32 of shape (2, height, width)
        The weighted sum, and that of the weights.
    """
    window = kaiser(size, _KAISER_SHAPE).astype(np.float32)[:, np.newaxis]
    back = window * basis.T
    along = (back @ sums.reshape(-1, size).T).reshape(size, *weights.shape, size)
    along = _add_shifted(along, step, axis=1).reshape(-1, size)
    total = _add_shifted((back @ along.T).reshape(size, len(weights), -1), step, axis=0)
    window = window[..., np.newaxis]
    weights = _add_shifted(window * _add_shifted(window * weights, step, axis=1), step, axis=0)
    return np.stack([total, weights])


def _add_shifted(parts, step, axis):
    """Add up parts, each of which starts one place further along an axis and takes every `step`."""
    n_parts, *shape = parts.shape
    span = step * (shape[axis] - 1) + 1
    shape[axis] = span + n_parts - 1
    total = np.zeros(shape, np.float32)
    for first, part in enumerate(parts):
        total[(slice(None),) * axis + (slice(first, first + span, step),)] += part
    return total
