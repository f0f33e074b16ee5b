"""Convolutions whose gradients a helper may compute."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import nn

_helper: ContextVar[Any] = ContextVar("helper", default=None)


@contextmanager
def helped_by(helper: Any) -> Iterator[None]:
    """Enter a context in which convolutions leave the gradients of their weights to a helper.

    Parameters
    ----------
    helper : object
        ``helper.add(weights, gradients)`` is called backwards: `gradients`, without arguments,
        returns a gradient for each of `weights`, a tuple of parameters, which autograd then does
        not have.
    """
    token = _helper.set(helper)
    try:
        yield
    finally:
        _helper.reset(token)


def convolve(features: torch.Tensor, layer: nn.Conv2d) -> torch.Tensor:
    """Convolve, with a stride of 1 and zeros around.

    Parameters
    ----------
    features : Tensor of shape (n, in_channels, height, width)
        What comes in.
    layer : torch.nn.Conv2d
        The weights, the bias and the padding.

    Returns
    -------
    Tensor of shape (n, out_channels, height, width)
        What goes out.
    """
    helper = _helper.get()
    if helper is None:
        return torch.conv2d(features, layer.weight, layer.bias, padding=layer.padding)
    return _Convolution.apply(helper, features, layer.weight, layer.bias, layer.padding)


class _Convolution(torch.autograd.Function):
    """The convolution; backwards, the two gradients that it has are computed apart."""

    @staticmethod
    def forward(ctx, helper, features, weight, bias, padding):
        """Convolve."""
        ctx.save_for_backward(features, weight)
        ctx.helper, ctx.parameters, ctx.padding = helper, (weight, bias), padding
        return torch.conv2d(features, weight, bias, padding=padding)

    @staticmethod
    def backward(ctx, gradient):
        """Return the gradient of the features; that of the weights is the helper's."""
        inputs, padding = (gradient, *ctx.saved_tensors), ctx.padding
        ctx.helper.add(ctx.parameters, lambda: _backward(*inputs, padding, of_weights=True)[1:])
        of_features = None
        if ctx.needs_input_grad[1]:
            of_features = _backward(*inputs, padding, of_features=True)[0]
        return None, of_features, None, None, None


@torch.no_grad()
def _backward(gradient, features, weight, padding, *, of_features=False, of_weights=False):
    wanted, once = [of_features, of_weights, of_weights], [1, 1]
    return torch.ops.aten.convolution_backward(
        gradient, features, weight, weight.shape[:1], once, padding, once, False, [0, 0], 1, wanted
    )
