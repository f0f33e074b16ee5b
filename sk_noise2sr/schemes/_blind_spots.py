"""Blind spots: hide pixels under their neighbours, predict them from all others."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from ..samplers import RandomSubsampler, grid_mask, hide, split
from ._neighbours import thin_at_random, thin_for_draw
from ._scheme import Scheme, masked_mean_square


class BlindSpots(Scheme):
    """Predict hidden pixels from what surrounds them.

    Parameters
    ----------
    make_network : callable
        Returns a network that maps images to images of the same size.
    mask : GridMask or CellMask
        Says which pixels are hidden together.
    n_passes : int
        Number of images to average; each is made of passes that hide every pixel once.
    turns : bool, default=True
        Whether each image is predicted under another symmetry.
    invariant : bool, default=True
        Whether every pixel comes from a pass in which it was hidden; False is one pass over the
        image as it is.
    """

    beyond = 1  # the mean of neighbours in the place of a pixel

    def __init__(
        self,
        make_network: Callable[..., Any],
        mask: Any,
        n_passes: int,
        turns: bool = True,
        invariant: bool = True,
    ):
        super().__init__(make_network, n_passes, turns)
        self.mask = mask
        self.multiple, self.spacing = mask.multiple, mask.spacing
        self.tells_hidden = invariant

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare with the noisy image at hidden pixels."""
        noisy, around = batch.noisy[:, :1], batch.noisy[:, 1:]
        hidden = self.mask.draw(noisy, batch.generator)
        around = thin_at_random(around, self.mask.sampler, batch.generator, self.turns)
        errors = network(_with(hide(noisy, hidden), around)) - noisy
        return masked_mean_square(errors, hidden & batch.targets)

    def predict(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, number: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Predict every pixel from a pass in which it was hidden, or all in one pass."""
        around = thin_for_draw(noisy[:, 1:], self.mask.sampler, draws, number, self.turns)
        noisy = noisy[:, :1]
        unseen = torch.full_like(noisy, self.tells_hidden, dtype=torch.bool)
        symmetry = self.symmetry(number)
        if not self.tells_hidden:
            return self.turned(network, _with(noisy, around), symmetry), unseen
        denoised = torch.zeros_like(noisy)
        for hidden in self.mask.in_turn(noisy, draws, number):
            prediction = self.turned(network, _with(hide(noisy, hidden), around), symmetry)
            denoised = torch.where(hidden, prediction, denoised)
        return denoised, unseen


def _with(noisy, around):
    """Put the neighbours of frames behind them, as further channels."""
    return torch.cat([noisy, around], dim=1) if around.shape[1] else noisy


class GridMask:
    """The same pixel of every cell (Noise2Self).

    Parameters
    ----------
    period : int
        Side of a cell, in pixels.
    """

    multiple, spacing, sampler = 1, 2, None

    def __init__(self, period: int):
        self.period = period

    def draw(self, noisy: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the hidden pixels of a training batch."""
        phase = torch.randint(self.period**2, (), generator=generator, device=noisy.device)
        height, width = noisy.shape[-2:]
        return grid_mask(range(height), range(width), self.period, int(phase)).to(noisy.device)

    def in_turn(self, noisy: torch.Tensor, draws: Any, number: int) -> Iterator[torch.Tensor]:
        """Yield masks that hide each pixel once."""
        rows, columns = draws.cells(*noisy.shape[-2:], side=1)
        for phase in range(self.period**2):
            yield grid_mask(rows, columns, self.period, phase).to(noisy.device)


class CellMask:
    """A pixel of each cell, of its own.

    Parameters
    ----------
    stride : int
        Side of a cell, in pixels.
    """

    def __init__(self, stride: int):
        self.sampler = RandomSubsampler(stride)
        self.stride = self.multiple = self.spacing = stride

    def draw(self, noisy: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the hidden pixels of a training batch."""
        n, _, height, width = noisy.shape
        cells = height // self.stride, width // self.stride
        return self._hidden(noisy, self.sampler.choose(n, *cells, generator))

    def in_turn(self, noisy: torch.Tensor, draws: Any, number: int) -> Iterator[torch.Tensor]:
        """Yield masks that hide each pixel once."""
        cells = draws.cells(*noisy.shape[-2:], self.stride)
        for position in range(self.stride**2):
            draw = number * self.stride**2 + position
            choice = self.sampler.choose_draw(draw, *cells, draws.seed)
            yield self._hidden(noisy, choice.to(noisy.device))

    def _hidden(self, noisy, choice):
        return ~split(noisy, choice, self.stride)[1]
