"""How weights move: optimiser, step sizes and the average that is kept."""

import math
from functools import partial

import torch
from torch.optim.swa_utils import AveragedModel

_WARM_UP = 0.1


class AdamWCosine:
    """AdamW with warm-up, cosine and clipped gradients; keeps a moving average of the weights.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    learning_rate : float
        Largest step size.
    """

    def __init__(self, network, learning_rate):
        self.learning_rate = learning_rate
        self._network = network
        device = next(network.parameters()).device
        self._optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=learning_rate,
            betas=(0.9, 0.99),
            weight_decay=0.0,
            fused=device.type in ("cpu", "cuda"),  # one kernel for all weights
        )
        self._average = AveragedModel(network, multi_avg_fn=_moving_average)

    def step(self, loss, progress):
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
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        self._average.update_parameters(self._network)
        return rate

    def result(self):
        """Return the network with the averaged weights.

        Returns
        -------
        torch.nn.Module
            The network to use.
        """
        return self._average.module


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

    def __init__(self, network, learning_rate, n_parts=1):
        self.learning_rate = learning_rate
        self._n_parts = n_parts
        self._network = network
        self._optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)

    def step(self, loss, progress):
        """Take one step down the gradient of a loss; see :class:`AdamWCosine`."""
        rate = self.learning_rate * 0.5 ** int(progress * self._n_parts)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        return rate

    def result(self):
        """Return the network with its last weights."""
        return self._network


RECIPES = {
    "cosine": AdamWCosine,
    "constant": AdamHalved,
    "halved_by_thirds": partial(AdamHalved, n_parts=3),
    "halved_by_fifths": partial(AdamHalved, n_parts=5),
}


def _warm_up_and_cosine(progress):
    if progress < _WARM_UP:
        return max(progress, 1e-3) / _WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP))


@torch.no_grad()
def _moving_average(averaged, current, n_averaged):
    """Blend with a decay of min(0.99, (1 + i) / (10 + i)): early weights are forgotten soon."""
    n = int(n_averaged)
    torch._foreach_lerp_(averaged, current, 1 - min(0.99, (1 + n) / (10 + n)))
