"""Gradients of weights beside those of features: a second thread, on the CPU.

Backwards, a layer waits for the gradient of the features of the next one. Nothing waits for
gradients of weights before the end of a step. Two threads over one small layer would wait for each
other, and each of two over half a batch for Python; and both would round otherwise than one.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import Any

import torch
from torch import nn

from .._convolve import helped_by
from ._device import limit_threads


@contextmanager
def weights_beside(network: nn.Module) -> Iterator[Callable[..., Any]]:
    """Enter a context in which a second thread, if torch may use one, takes gradients of weights.

    Parameters
    ----------
    network : torch.nn.Module
        The network.

    Yields
    ------
    callable
        What calls the network, with the same gradients; bit by bit up to three threads, as more go
        into the layers. The network itself where there is one thread, and where it does not say
        that threads may share its work.
    """
    if torch.get_num_threads() == 1 or not is_for_threads(network):
        yield network
        return
    with limit_threads(torch.get_num_threads() // 2, work=0), _Helper() as helper:
        weights = list(network.parameters())

        def call(*images, **more):
            return _Beside.apply(helper, partial(network, *images, **more), *weights)

        yield call


def is_for_threads(network: nn.Module) -> bool:
    """Return whether threads may share the work of a network: on the CPU, if it says so.

    Parameters
    ----------
    network : torch.nn.Module
        Its encoder says it by an attribute ``for_threads``.

    Returns
    -------
    bool
        True if its layers are too small for several threads, it depends on no chance, and its
        convolutions are those of ``sk_noise2sr._convolve``.
    """
    willing = getattr(getattr(network, "encoder", None), "for_threads", False)
    return bool(willing) and next(network.parameters()).device.type in ("cpu", "meta")


class _Beside(torch.autograd.Function):
    """A call of a network, some of whose gradients come from a helper."""

    @staticmethod
    def forward(ctx, helper, call, *weights):
        """Make the call."""
        ctx.helper, ctx.weights = helper, weights
        with torch.enable_grad(), helped_by(helper):
            ctx.prediction = call()
        return ctx.prediction.detach()

    @staticmethod
    def backward(ctx, gradient):
        """Put together what autograd has found and what the helper has."""
        found = torch.autograd.grad(ctx.prediction, ctx.weights, gradient, allow_unused=True)
        helped = ctx.helper.gradients()
        return None, None, *map(_sum, found, map(helped.get, ctx.weights))


class _Helper:
    """A thread for gradients of weights. What it has not begun when asked, the caller takes."""

    def __init__(self):
        self._tasks, self._made = deque(), []
        self._wake, self._at_work = SimpleQueue(), threading.Lock()
        self._n_threads = torch.get_num_threads()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *failure):
        """Stop the thread."""
        self._tasks.clear()
        self._wake.put(False)
        self._thread.join()

    def add(self, weights, gradients):
        """Give a task: a function that returns a gradient for each of the weights."""
        self._tasks.append((weights, gradients))
        self._wake.put(True)

    def gradients(self):
        """Return the gradient of each weight of the tasks."""
        while self._tasks:
            self._take(self._tasks.pop)
        with self._at_work:  # until the thread has made what it has taken
            made, self._made = self._made, []
        sums = {}
        for weights, gradients in made:
            if isinstance(gradients, Exception):
                raise gradients
            for each, gradient in zip(weights, gradients, strict=True):
                sums[each] = _sum(sums.get(each), gradient)
        return sums

    def _work(self):
        limit_threads(self._n_threads, work=0)
        while self._wake.get():
            with self._at_work:
                self._take(self._tasks.popleft)

    def _take(self, pop):
        try:
            weights, gradients = pop()
        except IndexError:  # the other thread was faster
            return
        try:
            self._made.append((weights, gradients()))
        except Exception as error:
            self._made.append((weights, error))


def _sum(one, other):
    return other if one is None else one if other is None else one + other
