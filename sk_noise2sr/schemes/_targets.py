"""Targets that the user gives: other noisy images, or clean ones."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ._scheme import Scheme, masked_mean_square


class Targets(Scheme):
    """Predict one image from another.

    Parameters
    ----------
    make_network : callable
        Returns a network that maps images to images of the same size.
    source : callable
        Maps a :class:`~sk_noise2sr.engine.Batch` to the input and the target.
    turns : bool, default=True
        Whether the result is the mean over all symmetries.
    spacing : int, default=2
        See :class:`Scheme`.
    """

    def __init__(
        self,
        make_network: Callable[..., Any],
        source: Callable[..., Any],
        turns: bool = True,
        spacing: int = 2,
    ):
        super().__init__(make_network, turns=turns)
        self.source = source
        self.spacing = spacing

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Compare with the target."""
        noisy, target = self.source(batch)
        return masked_mean_square(network(noisy) - target, batch.targets)


def from_reference(batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the noisy image and the ``y`` of the user.

    Parameters
    ----------
    batch : Batch
        Crops of the images and of ``y``.

    Returns
    -------
    source, target : Tensor of shape (n, 1, height, width)
        Input of the network, and its target.
    """
    return batch.noisy, batch.reference[:, :1]


def either_way(batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return both images, with a probability of one half in the other order.

    Parameters
    ----------
    batch : Batch
        Crops of the images and of ``y``.

    Returns
    -------
    source, target : Tensor of shape (n, 1, height, width)
        Input of the network, and its target.
    """
    source, target = batch.noisy, batch.reference
    if torch.rand((), generator=batch.generator, device=source.device) < 0.5:
        return target, source
    return source, target


def fresh_noise(noise: Any) -> Callable[..., Any]:
    """Return a source of clean images under fresh noise.

    Parameters
    ----------
    noise : Anscombe
        The noise on the grid, of the variance ``a * (clean - offset) + b**2``.

    Returns
    -------
    callable
        Maps a batch to noisy and clean images.
    """

    def source(batch):
        clean = batch.reference
        variance = noise.a * (clean - noise.offset) + noise.b**2
        normal = torch.randn(clean.shape, generator=batch.generator, device=clean.device)
        normal[:, 1:] *= clean[:, 1:] != 0  # where there is no neighbour, there is no noise
        return clean + variance.clamp(min=0).sqrt() * normal, clean[:, :1]

    return source
