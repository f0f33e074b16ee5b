"""Keep pixels of one column in each column of cells: the row sampler, turned."""

import torch

from ._subsampler import RowSubsampler


class ColumnSubsampler:
    """Choose the kept pixels of all cells above one another from one column of the image.

    For noise that is correlated along columns: :class:`RowSubsampler`, turned.

    Parameters
    ----------
    stride : int
        Side of a cell, in pixels.
    """

    def __init__(self, stride: int):
        self.stride = stride
        self._turned = RowSubsampler(stride)

    def choose(self, n: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
        """Choose for a training batch; see :class:`RandomSubsampler`."""
        return self._turn(self._turned.choose(n, width, height, generator))

    def choose_draw(self, draw: int, rows: range, columns: range, seed: int) -> torch.Tensor:
        """Choose for one draw of inference; see :class:`RowSubsampler`."""
        return self._turn(self._turned.choose_draw(draw, columns, rows, seed))

    def n_draws(self, wanted: int) -> int:
        """Return the number of distinct draws: as many as wanted."""
        return wanted

    def _turn(self, choice):
        row, column = choice // self.stride, choice % self.stride
        return (column * self.stride + row).transpose(-1, -2)


def unseen_columns(left_out: torch.Tensor) -> torch.Tensor:
    """Return which pixels lie in columns of which none was kept.

    Parameters
    ----------
    left_out : Tensor of bool of shape (n, 1, height, width)
        False at kept pixels, from :func:`split`.

    Returns
    -------
    Tensor of bool of shape (n, 1, height, width)
        False in the whole column of a kept pixel.

    Examples
    --------
    >>> import torch
    >>> unseen_columns(torch.tensor([[[[True, False], [True, True]]]]))[0, 0]
    tensor([[ True, False],
            [ True, False]])
    """
    return left_out.all(dim=-2, keepdim=True).expand_as(left_out)
