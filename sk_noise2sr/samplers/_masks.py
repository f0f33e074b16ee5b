"""Pixels that are hidden, and what is put in their place."""

import torch
from torch.nn import functional as F

from .._generators import hash_grid


def hide(images: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """Put the mean of the neighbours that are not hidden in the place of hidden pixels.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width)
        Images with sides of at least 2.
    hidden : Tensor of bool of shape (n or 1, 1, height, width)
        The pixels to hide.

    Returns
    -------
    Tensor of shape (n, 1, height, width)
        Images that do not depend on the values at hidden pixels. The eight neighbours have
        weights 1 and, on diagonals, 1/2; borders are reflected. Where all are hidden: 0.

    References
    ----------
    J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019.

    Examples
    --------
    >>> image = torch.ones(1, 1, 3, 3)
    >>> image[0, 0, 1, 1] = 9.0
    >>> hidden = image > 1
    >>> hide(image, hidden)[0, 0, 1]
    tensor([1., 1., 1.])
    """
    weights = (~hidden).to(images)
    mean = _ring_sum(images * weights) / _ring_sum(weights).clamp(min=0.5)
    return torch.where(hidden, mean, images)


def _ring_sum(images):
    ring = images.new_tensor([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]])
    return F.conv2d(F.pad(images, (1, 1, 1, 1), mode="reflect"), ring[None, None])


def grid_mask(rows: range, columns: range, period: int, phase: int) -> torch.Tensor:
    """Mark one pixel of every cell of ``period`` x ``period`` pixels, the same one in all.

    Parameters
    ----------
    rows, columns : range
        Absolute coordinates of the window, so that any tiling gives the same mask.
    period : int
        Side of a cell.
    phase : int
        Which pixel, in [0, period**2): row and column of the marked pixel are its remainder and
        its quotient by `period`.

    Returns
    -------
    Tensor of bool of shape (1, 1, len(rows), len(columns))
        True at the marked pixels.

    References
    ----------
    J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019.

    Examples
    --------
    >>> grid_mask(range(4), range(4), period=2, phase=1)[0, 0].int()
    tensor([[0, 0, 0, 0],
            [1, 0, 1, 0],
            [0, 0, 0, 0],
            [1, 0, 1, 0]], dtype=torch.int32)
    """
    row = torch.arange(rows.start, rows.stop) % period == phase % period
    column = torch.arange(columns.start, columns.stop) % period == phase // period
    return (row[:, None] & column)[None, None]


class BernoulliMask:
    """Show every pixel with the same probability, independently.

    Parameters
    ----------
    shown : float
        Probability, in (0, 1).

    References
    ----------
    Y. Quan et al., "Self2Self With Dropout", CVPR 2020.
    """

    def __init__(self, shown: float):
        self.shown = shown

    def choose(self, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
        """Choose for a training batch.

        Parameters
        ----------
        shape : tuple of int
            Shape of the images, (n, 1, height, width).
        generator : torch.Generator
            Where the numbers come from.

        Returns
        -------
        Tensor of bool of shape `shape`
            True at pixels that are shown.
        """
        return torch.rand(shape, generator=generator, device=generator.device) < self.shown

    def choose_draw(self, draw: int, rows: range, columns: range, seed: int) -> torch.Tensor:
        """Choose for one draw of inference, as a function of the absolute pixel.

        Parameters
        ----------
        draw : int
            Number of the draw, from 0.
        rows, columns : range
            Absolute coordinates of the pixels.
        seed : int
            The seed.

        Returns
        -------
        Tensor of bool of shape (1, 1, len(rows), len(columns))
            True at pixels that are shown.
        """
        return (hash_grid(seed, rows, columns, draw) < int(self.shown * 2**32))[None, None]
