"""Blocks of an image: taken out, transformed, and put together again."""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct
from scipy.ndimage import convolve1d
from scipy.signal.windows import kaiser

_KAISER_SHAPE = 2.0


def _cosines(size):
    """Return the orthonormal cosine functions of a side, one in each row."""
    return dct(np.eye(size, dtype=np.float32), axis=0, norm="ortho")


@cache
def block_cosines(size):
    """Return the orthonormal cosine functions of a block, one in each column."""
    basis = _cosines(size)
    return np.kron(basis, basis).T.copy()


def transform_blocks(image, size, kept=None):
    """Return the cosine transforms of the blocks at all positions.

    Parameters
    ----------
    image : ndarray of float32 of shape (height, width)
        The image.
    size : int
        Side of a block.
    kept : int or None, default=None
        Coefficients along each axis, the lowest ones; None for all.

    Returns
    -------
    ndarray of float32 of shape (rows, columns, kept**2)
        The transforms.
    """
    basis = _cosines(size)[:kept]
    along = sliding_window_view(image, size, axis=1) @ basis.T
    n_rows, n_columns = len(image) - size + 1, along.shape[1]
    windows = sliding_window_view(along.reshape(len(image), -1), size, axis=0)
    blocks = (basis @ windows.swapaxes(1, 2)).reshape(n_rows, len(basis), n_columns, len(basis))
    return blocks.swapaxes(1, 2).reshape(n_rows, n_columns, -1)


def take_blocks(image, places, size):
    """Return the blocks of an image at some places.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    places : pair of ndarray of int of one shape
        Rows and columns of the first pixels.
    size : int
        Side of a block.

    Returns
    -------
    ndarray of the shape of `places` and (size**2,)
        The pixels of the blocks.
    """
    blocks = sliding_window_view(image, (size, size))[tuple(places)]
    return blocks.reshape(*blocks.shape[:-2], -1)


class BlockSums:
    """Weighted sums of blocks that overlap, under a window, and of their weights.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the image.
    size : int
        Side of a block.
    """

    def __init__(self, shape, size):
        self.size = size
        self.window = kaiser(size, _KAISER_SHAPE).astype(np.float32)
        self.inside = np.add.outer(shape[1] * np.arange(size), np.arange(size)).ravel()
        self.sums, self.weights = np.zeros((2, *shape), np.float32)

    def add(self, places, blocks, weights):
        """Add blocks, times weights, at places: rows and columns of their first pixels."""
        starts = np.ravel_multi_index(places, self.sums.shape).ravel()
        weights = np.ravel(weights)
        blocks = blocks.reshape(len(starts), -1) * weights[:, np.newaxis]
        blocks *= np.outer(self.window, self.window).ravel()
        pixels = starts[:, np.newaxis] + self.inside
        np.add.at(self.sums.reshape(-1), pixels.ravel(), blocks.ravel())
        np.add.at(self.weights.reshape(-1), starts, weights)

    def total(self):
        """Return both sums, (2, height, width)."""
        weights, first = self.weights, -(self.size // 2)
        for axis in (0, 1):
            weights = convolve1d(weights, self.window, axis, mode="constant", origin=first)
        return np.stack([self.sums, weights])
