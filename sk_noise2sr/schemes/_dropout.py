"""Dropout: predict dropped pixels with a network that drops activations (Self2Self)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from .._generators import make_generator
from ..networks import at_any_side
from ..samplers import BernoulliMask
from ._scheme import Scheme, masked_mean_square


class Dropout(Scheme):
    """Fill in pixels dropped at random, under dropout in ``transform`` too.

    Parameters
    ----------
    make_network : callable
        Returns a network that takes an image, a map of shown pixels and a generator.
    shown : float
        Probability that a pixel is shown.
    n_passes : int
        Number of predictions to average.
    turns : bool, default=True
        Whether each prediction is made under another symmetry.
    """

    tells_hidden = True

    def __init__(
        self, make_network: Callable[..., Any], shown: float, n_passes: int, turns: bool = True
    ):
        super().__init__(make_network, n_passes, turns)
        self.mask = BernoulliMask(shown)

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare with the noisy image at dropped pixels."""
        shown = self.mask.choose(batch.noisy.shape, batch.generator)
        errors = network(batch.noisy, shown, batch.generator) - batch.noisy
        return masked_mean_square(errors, ~shown & batch.targets)

    def predict(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, number: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Predict from the pixels that a draw shows."""
        rows, columns = draws.cells(*noisy.shape[-2:], side=1)
        shown = self.mask.choose_draw(number, rows, columns, draws.seed).to(noisy.device)
        generator = make_generator(hash((draws, number)) & 0x7FFFFFFF, noisy.device)
        prediction = at_any_side(
            lambda *seen: network(*seen, generator),
            noisy,
            shown.to(noisy),
            side_multiple=network.side_multiple,
            symmetry=self.symmetry(number),
        )
        return prediction, ~shown
