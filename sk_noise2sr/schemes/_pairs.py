"""Pairs: two noisy images of half the size are made of one, and predict each other."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from ..samplers import NeighborPairs, diagonal_means
from ._scheme import Scheme, masked_mean, masked_mean_square


class RandomPairs(Scheme):
    """Predict one of two neighbours from the other (Neighbor2Neighbor).

    Parameters
    ----------
    make_network : callable
        Returns a network that maps images to images of the same size.
    gamma : float
        Weight of the regulariser at the end of the training.
    whole : bool, default=False
        Whether an image goes through the network as it is, not as its four sub-samples.
    turns : bool, default=True
        Whether the result is the mean over all symmetries.
    """

    multiple = 2

    def __init__(
        self,
        make_network: Callable[..., Any],
        gamma: float,
        whole: bool = False,
        turns: bool = True,
    ):
        super().__init__(make_network, turns=turns)
        self.gamma = gamma
        self.whole = whole

    def alignment(self, network: nn.Module) -> int:
        """Return the multiple of pixels on which tiles have to start."""
        return (1 if self.whole else 2) * super().alignment(network)

    def apply(self, network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
        """Denoise the image as it is, or its four sub-samples of half the size."""
        if self.whole:
            return network(noisy)
        n, _, height, width = noisy.shape
        parts = F.pixel_unshuffle(noisy, 2).reshape(4 * n, 1, height // 2, width // 2)
        return F.pixel_shuffle(network(parts).reshape(n, 4, height // 2, width // 2), 2)

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare neighbours, less the step between them in the denoised image."""
        n, _, height, width = batch.noisy.shape
        pairs = NeighborPairs(n, height // 2, width // 2, batch.generator)
        first, second = pairs.split(batch.noisy)
        _, counted = pairs.split(batch.targets)
        with torch.no_grad():
            step = torch.sub(*pairs.split(self.apply(network, batch.noisy)))
        error = network(first) - second
        squares = error**2 + batch.progress * self.gamma * (error - step) ** 2
        return masked_mean(squares, counted)


class DiagonalPairs(Scheme):
    """Predict one diagonal mean of every cell from the other (ZS-N2N).

    Parameters
    ----------
    make_network : callable
        Returns a network that predicts noise.
    consistency : float
        Weight of the term that ties the denoised image to its denoised halves.
    turns : bool, default=True
        Whether the result is the mean over all symmetries.
    """

    multiple = 2

    def __init__(self, make_network: Callable[..., Any], consistency: float, turns: bool = True):
        super().__init__(make_network, turns=turns)
        self.consistency = consistency

    def apply(self, network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
        """Subtract the predicted noise."""
        return noisy - network(noisy)

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare each denoised half with the other, and with the denoised whole."""
        halves = diagonal_means(batch.noisy)
        denoised = [self.apply(network, half) for half in halves]
        whole = diagonal_means(self.apply(network, batch.noisy))
        # A mean is a target only if neither of its pixels is held out.
        counted = [share == 1 for share in diagonal_means(batch.targets.to(batch.noisy))]
        residual = masked_mean_square(halves[0] - denoised[1], counted[0])
        residual += masked_mean_square(halves[1] - denoised[0], counted[1])
        consistency = sum(((a - b) ** 2).mean() for a, b in zip(denoised, whole, strict=True))
        return (residual + self.consistency * consistency) / 2
