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
    alone = getattr(getattr(network, "encoder", None), "sees_images_alone", False)
    on_cpu = next(network.parameters()).device.type == "cpu"
    n_parts = min(n_images, n_threads)
    if n_parts == 1 or not (alone and on_cpu):
        yield network
        return
    limit = partial(limit_threads, n_threads // n_parts, work=0)
    with limit(), ThreadPoolExecutor(n_parts - 1, initializer=limit) as threads:
        weights = list(network.parameters())

        def call(*images, **more):
            batch = dict(enumerate(images)) | more
            return _SideBySide.apply(network, threads, n_parts, batch, *weights)

        yield call


class _SideBySide(torch.autograd.Function):
    """A network called once for each part of a batch, forwards and backwards."""

    @staticmethod
    def forward(ctx, network, threads, n_parts, batch, *weights):
        """Call the network; `batch` has positional arguments by number and others by name."""
        parts = zip(*(images.chunk(n_parts) for images in batch.values()), strict=True)

        def predict(part):
            named = dict(zip(batch, part, strict=True))
            positional = [named.pop(name) for name in batch if isinstance(name, int)]
            with torch.enable_grad():
                return network(*positional, **named)

        ctx.threads, ctx.weights = threads, weights
        ctx.predictions = _in_threads(threads, predict, parts)
        return torch.cat([prediction.detach() for prediction in ctx.predictions])

    @staticmethod
    def backward(ctx, gradient):
        """Add up the gradients of the parts, in their order."""
        sizes = [len(prediction) for prediction in ctx.predictions]

        def gradients(prediction, of_it):
            return torch.autograd.grad(prediction, ctx.weights, of_it)

        parts = zip(ctx.predictions, gradient.split(sizes), strict=True)
        sums, *others = _in_threads(ctx.threads, lambda part: gradients(*part), parts)
        for other in others:
            torch._foreach_add_(sums, other)
        return None, None, None, None, *sums


def _in_threads(threads, function, parts):
    """Map a function over parts, of which this thread takes the first."""
    first, *others = parts
    waiting = [threads.submit(function, part) for part in others]
    return [function(first), *(each.result() for each in waiting)]
