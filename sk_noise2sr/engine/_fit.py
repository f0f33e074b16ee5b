"""How a network is trained, judged, and trained again if it has to be."""

import copy
import math
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from .._symmetries import N_FLIPS
from .._words import counted
from ..movies import surround
from ..samplers import held_out_pixels
from ._batches import CropSampler
from ._check_network import check_network, watching_draws
from ._judge import judge
from ._loop import train
from ._plan import Plan
from ._predict import Measured, Predictor
from ._recipes import RECIPES
from ._weights import seeded_weights

_ATTEMPTS, _SMALLER = 3, 3  # each new attempt divides the learning rate
_TELLING, _RISEN = 20, 3  # steps in a quarter; times the loss of the first quarter
_FEWEST_STEPS = 0.05  # share of the plan
_JUDGED_SIDE, _JUDGED_DRAWS = 512, 8  # what the judgement on a fit looks at


@dataclass(frozen=True, eq=False)
class Fit:
    """All that a fit has learned.

    Parameters
    ----------
    seed : int
        Seed of the draws and of the held-out pixels.
    parameters : dict
        The parameters of the estimator that the network stands on.
    held_out : float, default=0.0
        Share of the pixels that were held out of the targets.
    network : torch.nn.Module or None, default=None
        The network; None after a fit on a constant image.
    grid : WorkingGrid or None, default=None
        The grid that it works on.
    filter : CollaborativeFilter or None, default=None
        What refines results.
    levels : Levels or None, default=None
        The intensities that frames of unlike gain, offset or dose are brought to.
    history : list of dict, default=[]
        One entry a step.
    error : float, default=0.0
        Mean squared error on the held-out pixels.
    looks : ndarray of shape (n_frames, 2) or None, default=None
        What tells the doses of frames apart, where there are several.
    frames : list of int, default=[]
        Numbers of the frames that it was fitted to, where there are others.
    others : list of Fit, default=[]
        Fits to the frames of other doses.
    """

    seed: int
    parameters: dict
    held_out: float = 0.0
    network: torch.nn.Module | None = None
    grid: object | None = None
    filter: object | None = None
    levels: object | None = None
    history: list = field(default_factory=list)
    error: float = 0.0
    looks: np.ndarray | None = None
    frames: list = field(default_factory=list)
    others: list = field(default_factory=list)

    @property
    def each(self) -> "list[Fit]":
        """The fit itself and the others."""
        return [self, *self.others]

    @cached_property
    def measured(self) -> Measured:
        """What is found out about the network in the course of its use."""
        return Measured()

    def predictor(self, scheme: Any, max_memory: int | str | None = None) -> Predictor:
        """Return the network with its method; it remembers what others of this fit have measured.

        Parameters
        ----------
        scheme : Scheme
            The method.
        max_memory : str, int or None, default=None
            What the network may take.

        Returns
        -------
        Predictor
            It makes images.
        """
        return Predictor(self.network, scheme, self.seed, max_memory, self.measured)


def fit_network(
    plan: Plan,
    noisy: torch.Tensor,
    valid: torch.Tensor,
    reference: torch.Tensor | None = None,
    before: Fit | None = None,
) -> dict[str, Any]:
    """Train; start again with smaller steps if that fails; raise if that fails too.

    Parameters
    ----------
    plan : Plan
        What to train, and for how long.
    noisy : Tensor of shape (n, 1, height, width)
        Images on the grid, on their device.
    valid : Tensor of bool of the shape of `noisy`
        False at pixels that are no picture: they are no targets, and judge nothing.
    reference : Tensor of the shape of `noisy`, default=None
        Targets, where the method needs some.
    before : Fit or None, default=None
        A fit from whose weights to go on.

    Returns
    -------
    dict
        What a :class:`Fit` holds of it: ``network``, ``history``, ``error``.

    Raises
    ------
    RuntimeError
        If the result predicts held-out pixels worse than a local mean.
    """
    targets = ~held_out_pixels(plan.seed, *noisy.shape[-2:], plan.training.held_out)
    targets = targets[None, None].to(noisy.device) & valid
    learning_rate = plan.training.learning_rate / (_SMALLER if plan.adapt else 1)
    n_before, reasons = (len(before.history) if plan.adapt else 0), []
    for attempt in range(1 if plan.adapt else _ATTEMPTS):
        # Fresh crops in each attempt, and in each call that goes on from another.
        crops = _make_crops(plan, noisy, targets, reference, plan.seed + attempt + n_before)
        if attempt or before is None:
            network = seeded_weights(plan.scheme.make_network, plan.seed + attempt)
        else:
            network = copy.deepcopy(before.network).train()
        outcome = _train_once(plan, network, crops, valid, learning_rate)
        error, reason = _judge(plan, noisy, valid, outcome)
        if reason is None and _has_risen(outcome):
            _warn(
                f"{plan.name}: the loss has risen in the course of the training, and the result "
                "may be poor. Try a smaller learning_rate."
            )
        if reason is not None and outcome.ended == "interrupted":
            _warn(f"Interrupted too early for a useful fit: {reason}.")
        if reason is None or outcome.ended == "interrupted":
            return {"network": outcome.network, "history": outcome.history, "error": error}
        reasons.append(f"with learning_rate={learning_rate:.2g} {reason}")
        # Where the loss did not rise, smaller steps would learn even less.
        if outcome.ended == "time" or not _diverged(outcome):
            break
        n_before, learning_rate = len(outcome.history), learning_rate / _SMALLER
    raise RuntimeError(_failure(plan, reasons))


def _diverged(outcome):
    """Return whether the loss has risen, or is no number."""
    losses = [step["loss"] for step in outcome.history]
    part = max(1, len(losses) // 4)
    return outcome.ended == "diverged" or np.median(losses[-part:]) > np.median(losses[:part])


def _has_risen(outcome):
    """Return whether the loss is far above where it began, which no scatter of crops explains.

    Where few crops hold what is bright, medians of healthy fits differ manyfold; that each loss of
    the last quarter lies above all of the first is then still less than a chance in 10**11.
    """
    losses = [step["loss"] for step in outcome.history]
    part = len(losses) // 4
    if part < _TELLING:
        return False
    first, last = losses[:part], losses[-part:]
    return bool(min(last) > max(first) and np.median(last) > _RISEN * np.median(first))


def _make_crops(plan, noisy, targets, reference, seed):
    symmetries = plan.training.symmetries
    if symmetries == "dihedral" and plan.scheme.n_symmetries == N_FLIPS:
        symmetries = "flips"
    return CropSampler(
        noisy,
        targets,
        reference,
        plan.neighbours,
        crop_size=plan.training.crop_side(noisy.shape[-2:], plan.binned),
        side_multiple=plan.scheme.multiple,
        batch_size=plan.training.batch_size,
        symmetries=symmetries,
        seed=seed,
    )


def _train_once(plan, network, crops, valid, learning_rate):
    network = network.to(crops.noisy.device)
    window = [slice(side) for side in crops.sides]
    check_network(plan, network, surround(crops.noisy, 0, plan.neighbours, window)[None])
    recipe = RECIPES[plan.training.schedule](network, learning_rate)
    with watching_draws(plan.name):
        outcome = train(
            crops.batch,
            lambda batch: plan.scheme.loss(network, batch),
            recipe,
            plan.n_steps,
            validate=_validator(plan, crops.noisy, valid),
            tol=plan.training.tol,
            patience=plan.training.patience,
            deadline=plan.deadline,
            verbose=plan.verbose,
            name=f"{plan.name}.{'partial_fit' if plan.adapt else 'fit'}",
        )
    if outcome.ended == "interrupted":
        _warn(
            f"Training was interrupted after {counted(len(outcome.history), 'step')}; the weights "
            "so far are kept."
        )
    return outcome


def _validator(plan, noisy, valid):
    """Return a function that maps a network to its error on held-out pixels, if one asks."""
    if not plan.training.keep_best and plan.training.tol is None:
        return None
    return lambda network: _mean(_errors(plan, network, noisy, valid).errors, nothing=math.inf)


def _judge(plan, noisy, valid, outcome):
    """Return the error of a network on held-out pixels, and what is wrong with it, or None."""
    if outcome.ended == "diverged":
        return math.nan, f"the loss was not finite at step {len(outcome.history)}"
    n_taken = len(outcome.history)
    if outcome.ended == "time" and n_taken < _FEWEST_STEPS * plan.n_steps:
        _warn(
            f"{plan.name} took {n_taken} of {plan.n_steps} steps before max_time: too few for a "
            "useful fit. Give it more time, a preset with fewer epochs, or a larger binning."
        )
    found = _errors(plan, outcome.network, noisy, valid)
    if not plan.judged:
        return _mean(found.errors, nothing=math.nan), None
    fault = judge(found.errors, found.local_mean())
    if fault is None and not plan.adapt and judge(found.errors, found.gaussian()) is not None:
        _warn(
            f"{plan.name} predicts held-out pixels worse than a Gaussian blur after "
            f"{counted(n_taken, 'step')}: it has learned too little. Give it more epochs or time."
        )
    return _mean(found.errors, nothing=math.nan), fault


def _errors(plan, network, noisy, valid):
    liveliest = int(noisy.var(dim=(1, 2, 3)).argmax())
    window = [slice(min(side, _JUDGED_SIDE)) for side in noisy.shape[-2:]]
    valid = valid[liveliest][None][..., *window]
    window = surround(noisy, liveliest, plan.neighbours, window)[None]
    predictor = Predictor(network, plan.scheme, plan.seed)
    return predictor.errors(window, valid, plan.training.held_out, limit=_JUDGED_DRAWS)


def _mean(errors, nothing):
    return float(np.mean(errors)) if errors.size else nothing


def _failure(plan, reasons):
    if plan.adapt:
        return (
            f"{plan.name} could not be adapted: {reasons[0]}. These images may differ too much "
            "from those before; call fit."
        )
    return (
        f"{plan.name} could not be fitted: {'; '.join(reasons)}. Try more epochs or time, or a "
        "smaller stride; a larger binning, as 4, where noise is grain larger than a pixel. Sharp "
        "images with little noise gain nothing here, and VSTBM3D() needs no training."
    )


def _warn(message):
    warnings.warn(message, ConvergenceWarning, stacklevel=8)
