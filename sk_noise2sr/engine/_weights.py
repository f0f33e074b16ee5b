"""Fresh weights from a seed: torch's global generator is neither read nor changed."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from .._generators import make_generator

_INITIALIZERS = {
    getattr(torch.nn.init, name)
    for name in (
        "uniform_",
        "normal_",
        "trunc_normal_",
        "xavier_uniform_",
        "xavier_normal_",
        "kaiming_uniform_",
        "kaiming_normal_",
        "orthogonal_",
        "sparse_",
    )
}
_IN_PLACE = _INITIALIZERS | {
    torch.Tensor.uniform_,
    torch.Tensor.normal_,
    torch.Tensor.random_,
    torch.Tensor.bernoulli_,
    torch.Tensor.exponential_,
}
_DRAWS = _IN_PLACE | {
    torch.rand,
    torch.randn,
    torch.randint,
    torch.randperm,
    torch.normal,
    torch.bernoulli,
}


class _FromGenerator(TorchFunctionMode):
    """Hand one generator to every call that draws numbers, in this thread alone."""

    def __init__(self, generator):
        super().__init__()
        self._generator = generator

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function in _DRAWS and kwargs.get("generator") is None:
            kwargs = {**kwargs, "generator": self._generator}
        return function(*args, **kwargs)


def seeded_weights(make_network: Callable[..., Any], seed: int) -> nn.Module:
    """Make a network with weights from a seed, in the layout that convolutions are fastest in.

    Parameters
    ----------
    make_network : callable
        Returns a fresh ``torch.nn.Module``.
    seed : int
        The seed.

    Returns
    -------
    torch.nn.Module
        The network, channels last. Concurrent threads cannot disturb one another.

    Examples
    --------
    >>> from functools import partial
    >>> before = torch.random.get_rng_state()
    >>> first, second = (seeded_weights(partial(torch.nn.Linear, 2, 1), seed=0) for _ in range(2))
    >>> bool((first.weight == second.weight).all())
    True
    >>> bool((torch.random.get_rng_state() == before).all())
    True
    """
    with _FromGenerator(make_generator(seed)):
        return _checked(make_network()).to(memory_format=torch.channels_last)


class _Undrawn(TorchFunctionMode):
    """Leave out the drawing of weights; without values it would only load torch._dynamo."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function in _IN_PLACE:
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)


def hollow_network(make_network: Callable[..., Any]) -> nn.Module:
    """Make a network of shapes alone, which takes no memory.

    Parameters
    ----------
    make_network : callable
        Returns a fresh ``torch.nn.Module``.

    Returns
    -------
    torch.nn.Module
        The network on the device "meta".
    """
    with torch.device("meta"), _Undrawn():
        return _checked(make_network())


def _checked(network):
    """Return a network that can be trained, or say why it cannot."""
    name = type(network).__name__
    if not isinstance(network, nn.Module):
        raise ValueError(f"Expected a torch.nn.Module as the network, got {name}.")
    weights = list(network.parameters())
    if not weights:
        raise ValueError(
            f"The network {name} has no weights to learn; register them as parameters."
        )
    if any(isinstance(each, nn.parameter.UninitializedParameter) for each in weights):
        raise ValueError(
            f"The network {name} has lazy layers, whose sizes are unknown before the first image; "
            "give them their channels, such as nn.Conv2d for nn.LazyConv2d."
        )
    return network


def n_weights(make_network: Callable[..., Any]) -> int:
    """Count the weights of a network without making them.

    Parameters
    ----------
    make_network : callable
        Returns a fresh ``torch.nn.Module``.

    Returns
    -------
    int
        Number of weights.
    """
    return sum(weights.numel() for weights in hollow_network(make_network).parameters())
