"""The images of a batch side by side: a thread for each, on the CPU.

Two threads over one small convolution wait for each other. Over two images they do not.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

from ._device import limit_threads


@contextmanager
def side_by_side(network: nn.Module, n_images: int) -> Iterator[Callable[..., Any]]:
    """Enter a context in which the images of a batch share out the threads that torch may use.

    Parameters
    ----------
    network : torch.nn.Module
        Maps images to images.
    n_images : int
        In a batch.

    Yields
    ------
    callable
        What calls the network, with the same gradients but for rounding; the network itself where
        there is one thread or one image, on a GPU, and where it does not say that it sees images
        alone.
    """
    n_threads = torch.get_num_threads()
    n_parts = min(n_images, n_threads)
    if n_parts == 1 or not sees_images_alone(network):
        yield network
        return
    limit = partial(limit_threads, n_threads // n_parts, work=0)
    with limit(), ThreadPoolExecutor(n_parts - 1, initializer=limit) as threads:
        weights = list(network.parameters())

        def call(*images, **more):
            parts = zip(*(each.chunk(n_parts) for each in (*images, *more.values())), strict=True)
            calls = [
                partial(
                    network,
                    *part[: len(images)],
                    **dict(zip(more, part[len(images) :], strict=True)),
                )
                for part in parts
            ]
            return _SideBySide.apply(threads, calls, *weights)

        yield call


def sees_images_alone(network: nn.Module) -> bool:
    """Return whether threads may share out images: on the CPU, if the network says so.

    Parameters
    ----------
    network : torch.nn.Module
        Its encoder says it by an attribute ``sees_images_alone``.

    Returns
    -------
    bool
        True if what it makes of an image depends on no other image, and on no chance.
    """
    alone = getattr(getattr(network, "encoder", None), "sees_images_alone", False)
    return bool(alone) and next(network.parameters()).device.type in ("cpu", "meta")


class _SideBySide(torch.autograd.Function):
    """Calls of a network for each part of a batch, forwards and backwards."""

    @staticmethod
    def forward(ctx, threads, calls, *weights):
        """Make the calls, and put their predictions together."""

        def predict(call):
            with torch.enable_grad():
                return call()

        ctx.threads, ctx.weights = threads, weights
        ctx.predictions = _in_threads(threads, predict, calls)
        return torch.cat([prediction.detach() for prediction in ctx.predictions])

    @staticmethod
    def backward(ctx, gradient):
        """Add up the gradients of the parts, in their order."""
        sizes = [len(prediction) for prediction in ctx.predictions]

        def gradients(part):
            prediction, of_it = part
            return torch.autograd.grad(prediction, ctx.weights, of_it)

        parts = zip(ctx.predictions, gradient.split(sizes), strict=True)
        sums, *others = _in_threads(ctx.threads, gradients, parts)
        for other in others:
            torch._foreach_add_(sums, other)
        return None, None, *sums


def _in_threads(threads, function, parts):
    """Map a function over parts, of which this thread takes the first."""
    first, *others = parts
    waiting = [threads.submit(function, part) for part in others]
    return [function(first), *(each.result() for each in waiting)]
