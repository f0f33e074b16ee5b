"""An affine function of each pixel, by an unbiased estimate of its error (FBI-Denoiser)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ._scheme import Scheme, masked_mean

_LARGEST_SLOPE = 0.1


class Affine(Scheme):
    """The result is ``a * pixel + b``, with coefficients that are blind to the pixel.

    Parameters
    ----------
    make_network : callable
        Returns a network that makes two channels of an image, blind to the pixel at hand.
    grid : StabilizedGrid
        The grid on which the noise has the variance ``grid.spread**-2``.
    turns : bool, default=True
        Whether the result is the mean over all symmetries.
    """

    def __init__(self, make_network: Callable[..., Any], grid: Any, turns: bool = True):
        super().__init__(make_network, turns=turns)
        self.grid = grid

    def coefficients(
        self, network: nn.Module, noisy: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return slope and offset of every pixel."""
        a, b = network(noisy).chunk(2, dim=1)
        return _LARGEST_SLOPE * a.sigmoid(), b

    def apply(self, network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
        """Apply the affine function."""
        a, b = self.coefficients(network, noisy)
        return a * noisy + b

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Estimate the error against the clean image."""
        a, b = self.coefficients(network, batch.noisy)
        variance = self.grid.spread**-2
        errors = (batch.noisy - (a * batch.noisy + b)) ** 2 + (2 * a - 1) * variance
        return masked_mean(errors, batch.targets)
