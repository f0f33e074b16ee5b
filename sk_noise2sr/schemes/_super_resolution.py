"""Super-resolution: keep one pixel of every cell, predict those left out."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from .._symmetries import N_FLIPS
from ..samplers import FixedSubsampler, RandomSubsampler, split, unseen_columns, unseen_rows
from ._neighbours import thin_at_random, thin_for_draw
from ._scheme import Scheme, masked_mean_square


class SuperResolution(Scheme):
    """Predict the pixels left out from those kept (Noise2SR).

    In frames around a frame, pixels at the places of its targets are seen too, as the noise of
    different frames is independent.

    Parameters
    ----------
    make_network : callable
        Returns a network that maps kept pixels to a whole image.
    sampler : RandomSubsampler or FixedSubsampler
        Says which pixel of each cell is kept.
    n_draws : int
        Number of sub-samples to average.
    turns : bool, default=True
        Whether each group of ``stride**2`` draws sees the image under another symmetry.
    """

    tells_hidden = True

    def __init__(
        self,
        make_network: Callable[..., Any],
        sampler: RandomSubsampler | FixedSubsampler,
        n_draws: int,
        turns: bool = True,
    ):
        super().__init__(make_network, sampler.n_draws(n_draws), turns)
        self.sampler = sampler
        self.multiple = self.spacing = sampler.stride
        self.n_alike = sampler.stride**2  # these see the image under one symmetry

    def corrupt(
        self, noisy: torch.Tensor, choice: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the kept pixels, and a map of the pixels that may be targets."""
        kept, left_out = split(noisy, choice, self.sampler.stride)
        return kept, self.unseen(left_out)

    def unseen(self, left_out: torch.Tensor) -> torch.Tensor:
        """Return the targets among the pixels left out."""
        return left_out

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare with the noisy image at the pixels left out."""
        noisy, around = batch.noisy[:, :1], batch.noisy[:, 1:]
        n, _, height, width = noisy.shape
        stride = self.sampler.stride
        choice = self.sampler.choose(n, height // stride, width // stride, batch.generator)
        kept, unseen = self.corrupt(noisy, choice)
        around = thin_at_random(around, self.sampler, batch.generator, self.turns)
        seen = {"around": around} if around.shape[1] else {}
        return masked_mean_square(network(kept, **seen) - noisy, unseen & batch.targets)

    def predict(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, number: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Predict from the pixels that a draw keeps."""
        return self.predict_alike(network, noisy, draws, range(number, number + 1))[0]

    def predict_alike(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, numbers: range
    ) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        """Predict from the pixels that each of several draws keeps, in one pass."""
        cells = draws.cells(*noisy.shape[-2:], self.sampler.stride)
        choices = [self.sampler.choose_draw(number, *cells, draws.seed) for number in numbers]
        image = noisy[:, :1].expand(len(numbers), -1, -1, -1)
        kept, unseen = self.corrupt(image, torch.cat(choices).to(noisy.device))
        around = torch.cat(
            [
                thin_for_draw(noisy[:, 1:], self.sampler, draws, number, self.turns)
                for number in numbers
            ]
        )
        symmetry = self.symmetry(numbers[0] // self.n_alike)
        predictions = network(kept, symmetry, around)
        return list(zip(predictions.split(1), unseen.split(1), strict=True))


class RowSuperResolution(SuperResolution):
    """The same, with whole rows left out: for noise that is correlated along rows.

    Parameters
    ----------
    make_network : callable
        Returns a network that maps kept pixels to a whole image.
    sampler : RowSubsampler
        Says which pixel of each cell is kept.
    n_draws : int
        Number of sub-samples to average.
    turns : bool, default=True
        Whether groups of draws see the image under different symmetries.
    """

    n_symmetries = N_FLIPS  # rows have to stay rows

    def unseen(self, left_out: torch.Tensor) -> torch.Tensor:
        """Return the pixels in rows of which none was kept."""
        return unseen_rows(left_out)


class ColumnSuperResolution(SuperResolution):
    """The same, with whole columns left out: for noise that is correlated along columns.

    Parameters
    ----------
    make_network : callable
        Returns a network that maps kept pixels to a whole image.
    sampler : ColumnSubsampler
        Says which pixel of each cell is kept.
    n_draws : int
        Number of sub-samples to average.
    turns : bool, default=True
        Whether groups of draws see the image under different symmetries.
    """

    n_symmetries = N_FLIPS  # columns have to stay columns

    def unseen(self, left_out: torch.Tensor) -> torch.Tensor:
        """Return the pixels in columns of which none was kept."""
        return unseen_columns(left_out)
