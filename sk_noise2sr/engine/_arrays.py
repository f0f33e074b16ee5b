"""Between NumPy arrays, which fits and users hold, and what networks work on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from ._weights import seeded_weights


def to_tensor(images: np.ndarray, device: torch.device) -> torch.Tensor:
    """Bring images to a device.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        The images.
    device : torch.device
        Where to.

    Returns
    -------
    Tensor of shape (n, 1, height, width)
        The images.
    """
    return torch.from_numpy(images)[:, None].to(device)


def to_arrays(network: nn.Module | None) -> dict[str, np.ndarray] | None:
    """Return the weights of a network.

    Parameters
    ----------
    network : torch.nn.Module or None
        The network.

    Returns
    -------
    dict of str to ndarray, or None
        Contiguous arrays by name; None without a network.
    """
    if network is None:
        return None
    weights = network.state_dict()
    return {name: value.cpu().contiguous().numpy() for name, value in weights.items()}


def from_arrays(make_network: Callable[..., Any], arrays: dict[str, np.ndarray]) -> nn.Module:
    """Make a network of given weights.

    Parameters
    ----------
    make_network : callable
        Returns a fresh ``torch.nn.Module``.
    arrays : dict of str to ndarray
        The weights.

    Returns
    -------
    torch.nn.Module
        The network, ready to predict.
    """
    network = seeded_weights(make_network, seed=0).eval()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
    return network
