"""The one training loop: it knows networks, batches and losses, and nothing of denoising."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from .._progress import progress_bar
from ._check_network import check_loss
from ._recipes import AdamHalved, MuonCosine


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Parameters
    ----------
    network : torch.nn.Module
        The network to use.
    history : list of dict
        One entry a step: ``step``, ``loss``, ``learning_rate``, ``seconds``.
    ended : {"done", "time", "converged", "interrupted", "diverged"}
        Why it ended: all steps taken, time used up, no progress on what validates, Ctrl-C, or a
        loss that is not finite.
    """

    network: torch.nn.Module
    history: list
    ended: str


_LOOKS = 50
_SHORTEST = 1e-6  # seconds: one step is taken all the same
_TAIL = 0.25  # of the steps behind: how many more bring the step size down after an early stop


def train(
    next_batch: Callable[..., Any],
    loss_of: Callable[..., Any],
    recipe: MuonCosine | AdamHalved,
    n_steps: int,
    *,
    validate: Callable[..., Any] | None = None,
    tol: float | None = None,
    patience: int = 1,
    deadline: float = math.inf,
    verbose: int = 0,
    name: str = "fit",
) -> Outcome:
    """Take up to `n_steps` steps, with a progress bar, and say how it went.

    Parameters
    ----------
    next_batch : callable
        Maps the progress, in [0, 1), to a batch.
    loss_of : callable
        Maps a batch to a scalar tensor with gradients.
    recipe : MuonCosine or AdamHalved
        How weights move.
    n_steps : int
        Number of steps.
    validate : callable, default=None
        Maps a network to an error. It is called 50 times, and the weights of least error
        are kept; without it the last ones.
    tol : float or None, default=None
        Training comes to an end when `patience` calls of `validate` in a row have not brought the
        error below ``1 - tol`` times the least one before them. The schedule then ends within a
        quarter of the steps taken so far. None takes all steps.
    patience : int, default=1
        See `tol`.
    deadline : float, default=inf
        ``time.monotonic()`` after which no step may end. The schedule shrinks with it.
    verbose : int, default=0
        0 is silent, 1 shows a bar if stderr is a terminal, 2 always.
    name : str, default="fit"
        What the bar calls the work.

    Returns
    -------
    Outcome
        The network and how training ended.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C comes before the first step is done.
    """
    history, start, ended = [], time.monotonic(), "done"
    limit = max(deadline - start, _SHORTEST)
    schedule, best = _Schedule(n_steps), _Best(recipe, validate, tol)
    with progress_bar(n_steps, name, "step", verbose) as bar:
        try:
            for step in range(n_steps):
                elapsed = time.monotonic() - start
                if history and elapsed * (1 + 1 / step) > limit:
                    ended = "time"
                    break
                if step == schedule.end:
                    ended = "converged"
                    break
                progress = max(schedule.progress(step), min(elapsed / limit, 0.999))
                loss = loss_of(next_batch(progress))
                if not history:
                    check_loss(loss)
                value = loss.item()
                if not math.isfinite(value):
                    ended = "diverged"
                    break
                rate = recipe.step(loss, progress)
                elapsed = time.monotonic() - start
                history.append(
                    {"step": step, "loss": value, "learning_rate": rate, "seconds": elapsed}
                )
                if (step + 1) * _LOOKS // n_steps > step * _LOOKS // n_steps:
                    best.look()
                    if best.n_idle >= patience:
                        schedule.shorten(step + 1)
                bar.set_postfix(loss=f"{value:.4f}", refresh=False)
                bar.update()
        except KeyboardInterrupt:
            if not history:
                raise
            ended = "interrupted"
    return Outcome(best.network(), history, ended)


class _Schedule:
    """Which share of the training is behind; shortened, it still runs to the end."""

    def __init__(self, n_steps):
        self.end = n_steps
        self._from, self._behind = 0, 0.0

    def progress(self, step):
        share = (step - self._from) / (self.end - self._from)
        return self._behind + (1 - self._behind) * share

    def shorten(self, step):
        """Come to the end in a few more steps; what is short already stays."""
        if not self._from:
            self._from, self._behind = step, self.progress(step)
            self.end = min(self.end, step + math.ceil(_TAIL * step))


class _Best:
    """The weights of least error so far; without a way to tell, the last ones."""

    def __init__(self, recipe, validate, tol):
        self._recipe, self._validate, self._tol = recipe, validate, tol
        self._error, self._weights = math.inf, None
        self._to_beat, self.n_idle = math.inf, 0

    def look(self):
        if self._validate is None:
            return
        network = self._recipe.result()
        training = network.training
        error = self._validate(network.eval())
        network.train(training)
        if error < self._error:
            self._error, self._weights = error, copy.deepcopy(network.state_dict())
        if self._tol is None:
            return
        if error < self._to_beat * (1 - self._tol):
            self._to_beat, self.n_idle = error, 0
        else:
            self.n_idle += 1

    def network(self):
        network = self._recipe.result().eval()
        if self._weights is not None:
            network.load_state_dict(self._weights)
        return network
