"""How weights move: optimiser, step sizes and the average that is kept."""

import copy
import math
from functools import partial

import torch
from torch import nn

from ._adam import Adam, as_vector
from ._muon import Muon

_WARM_UP = 0.1


class MuonCosine:
    """Muon with warm-up, cosine and clipped gradients; keeps a moving average of the weights.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    learning_rate : float
        Largest step size.
    """

    def __init__(self, network: nn.Module, learning_rate: float):
        self.learning_rate = learning_rate
        self._network = network
        self._averaged = copy.deepcopy(network)
        self._average, _ = as_vector(self._averaged)
        self._muon = Muon(network, betas=(0.9, 0.99), largest_norm=1.0)
        self._n = 0

    def step(self, loss: torch.Tensor, progress: float) -> float:
        """Take one step down the gradient of a loss.

        Parameters
        ----------
        loss : Tensor
            A scalar with gradients.
        progress : float
            Share of the training that is behind, in [0, 1).

        Returns
        -------
        float
            The step size used.
        """
        rate = self.learning_rate * _warm_up_and_cosine(progress)
        self._muon.step(loss, rate)
        self._update_average()
        return rate

    def _update_average(self):
        """Blend with a decay of min(0.99, (1 + i) / (10 + i)): early weights are forgotten soon."""
        decay = min(0.99, (1 + self._n) / (10 + self._n)) if self._n else 0.0
        self._average.lerp_(self._muon.weights, 1 - decay)
        self._n += 1

    def result(self) -> nn.Module:
        """Return the network with the averaged weights.

        Returns
        -------
        torch.nn.Module
            The network to use.
        """
        buffers = zip(self._averaged.buffers(), self._network.buffers(), strict=True)
        for averaged, current in buffers:
            averaged.copy_(current)
        return self._averaged


class AdamHalved:
    """Adam whose step size is halved after every part of the training; keeps the last weights.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    learning_rate : float
        Step size at the start.
    n_parts : int, default=1
        Number of parts of equal length; with one the step size is constant.
    """

    def __init__(self, network: nn.Module, learning_rate: float, n_parts: int = 1):
        self.learning_rate = learning_rate
        self._n_parts = n_parts
        self._network = network
        self._adam = Adam(network)

    def step(self, loss: torch.Tensor, progress: float) -> float:
        """Take one step down the gradient of a loss; see :class:`MuonCosine`."""
        rate = self.learning_rate * 0.5 ** int(progress * self._n_parts)
        self._adam.step(loss, rate)
        return rate

    def result(self) -> nn.Module:
        """Return the network with its last weights."""
        return self._network


RECIPES = {
    "cosine": MuonCosine,
    "constant": AdamHalved,
    "halved_by_thirds": partial(AdamHalved, n_parts=3),
    "halved_by_fifths": partial(AdamHalved, n_parts=5),
}


def _warm_up_and_cosine(progress):
    if progress < _WARM_UP:
        return max(progress, 1e-3) / _WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP))
