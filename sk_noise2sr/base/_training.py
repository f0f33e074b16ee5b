"""How a network denoiser is trained, judged, and trained again if it has to be."""

import copy
import math
import time
import warnings
from numbers import Integral

import numpy as np
import torch
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning

from .._checks import as_stack, check_images, check_sides, check_target
from .._seeding import make_seed
from ..training import RECIPES, CropSampler, train
from ._guard import judge

CROPS_PER_EPOCH = 40
_ATTEMPTS, _SMALLER = 3, 3  # each new attempt divides the learning rate
_ADAPTS_IN = 10  # partial_fit takes this part of the steps of a fit
_JUDGED_SIDE, _JUDGED_DRAWS = 512, 8  # what the judgement on a fit looks at


class TrainingMixin:
    """The part of :class:`BaseNetworkDenoiser` that fits."""

    def _fit(self, stack, y=None):
        previous = vars(self).pop("network_", None)  # a fit that fails leaves none behind
        fitted_with = vars(self).get("fitted_with_")
        self.seed_ = make_seed(self.random_state)
        self.fitted_with_ = {name: getattr(self, name) for name in self._frozen}
        self.history_ = []
        goes_on = self.warm_start and self.fitted_with_ == fitted_with
        try:
            self._learn(stack, y, previous if goes_on else None)
        except BaseException:
            vars(self).pop("network_", None)
            raise

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None):
        """Adapt to further images, such as the next frame of a movie.

        Takes a tenth of the steps of ``fit``, from the weights so far, with a third of the step
        size. The map of intensities and the noise are learned again, from the new images; the
        binning stays. Without a fit before it, this is ``fit``.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            A noisy image, or a stack.
        y : array-like of the shape of X, default=None
            The target where the method needs one; otherwise ignored.

        Returns
        -------
        self : object
            The fitted denoiser.

        Raises
        ------
        RuntimeError
            If the result predicts held-out pixels worse than a local mean. The denoiser then is
            what it was before.
        """
        if getattr(self, "network_", None) is None:
            return self.fit(X, y)
        self._check_unchanged()
        stack = as_stack(check_images(self, X, reset=False))
        before = vars(self).copy()
        try:
            self._learn(stack, y, self.network_, adapt=True)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise
        return self

    def _learn(self, stack, y, network, adapt=False):
        """Train on images, from the weights of a network or from fresh ones."""
        start = time.monotonic()
        check_sides(stack, max(2, self._side_multiple()))
        target = check_target(self, y, stack.shape) if self._needs_target else None
        varied = stack.min(axis=(1, 2)) < stack.max(axis=(1, 2))
        if not varied.any():
            if not adapt:
                self._fit_constant()
            return
        if not varied.all():
            stack = stack[varied]
            target = None if target is None else target[varied]
        if target is not None and target.min() == target.max():
            raise ValueError(
                f"{type(self).__name__} cannot learn from a target y that is {target.min():g} in "
                "every pixel; give images that show what X shows."
            )
        deadline = math.inf if self.max_time is None else start + self.max_time
        factors = self.grid_.factors if network is not None else None
        self._fit_grid(stack, factors if adapt else self.binning)
        if self.grid_.factors != factors:
            network = None  # what it knows of the scene has another scale
        self._fit_filter(stack)
        self._check_crop()
        with self._resources(self.batch_size * self._crop_pixels(stack)) as device:
            noisy = self._prepare(stack, device)
            reference = None if target is None else self._prepare(target, device)
            self._train(noisy, reference, deadline, network, adapt)

    def _check_crop(self):
        if isinstance(self.crop_size, Integral) and self.crop_size < self._side_multiple():
            raise ValueError(
                f"Expected a crop_size of at least {self._side_multiple()} pixels, one cell, got "
                f"{self.crop_size}."
            )

    def _fit_constant(self):
        """Remember that there is nothing to learn: constant images come back unchanged."""
        self.network_, self.filter_, self.history_, self.n_iter_ = None, None, [], 0
        self.binning_, self.held_out_error_ = 1.0, 0.0

    def _crop_pixels(self, stack):
        sides = np.divide(stack.shape[1:], self.grid_.factors).tolist()
        return min(self._crop_side(sides) ** 2, math.prod(sides))

    def _train(self, noisy, reference, deadline, network, adapt):
        """Train; start again with smaller steps if that fails; raise if that fails too."""
        targets = ~self._held_out_map(noisy, self.held_out)
        learning_rate, reasons = self.learning_rate / (_SMALLER if adapt else 1), []
        for attempt in range(1 if adapt else _ATTEMPTS):
            # Fresh crops in each attempt, and in each call that goes on from another.
            seed = self.seed_ + attempt + len(self.history_)
            crops = self._make_crops(noisy, targets, reference, seed=seed)
            if attempt or network is None:
                trained = self._make_fresh_network(self.seed_ + attempt)
            else:
                trained = copy.deepcopy(network).train()
            outcome = self._train_once(trained, crops, learning_rate, deadline, adapt)
            self._keep(outcome)
            reason = self._judge(noisy, outcome)
            if reason is None:
                return
            reasons.append(f"with learning_rate={learning_rate:.2g} {reason}")
            if outcome.ended == "interrupted":
                _warn(f"Interrupted too early for a useful fit: {reason}.")
                return
            if outcome.ended == "time":
                break
            learning_rate /= _SMALLER
        if adapt:
            raise RuntimeError(
                f"{type(self).__name__} could not be adapted: {reasons[0]}. These images may "
                "differ too much from those before; call fit."
            )
        raise RuntimeError(
            f"{type(self).__name__} could not be fitted: {'; '.join(reasons)}. Try more epochs or "
            "time, or a smaller stride; sharp images with little noise gain nothing here."
        )

    def _make_crops(self, noisy, targets, reference, seed):
        return CropSampler(
            noisy,
            targets,
            reference,
            crop_size=self._crop_side(noisy.shape[-2:]),
            side_multiple=self._side_multiple(),
            batch_size=self.batch_size,
            symmetries=self.symmetries,
            seed=seed,
        )

    def _train_once(self, network, crops, learning_rate, deadline, adapt):
        network = network.to(crops.noisy.device)
        n_steps = self.epochs * math.ceil(CROPS_PER_EPOCH / self.batch_size)
        return train(
            crops.batch,
            lambda batch: self._loss(network, batch),
            RECIPES[self.schedule](network, learning_rate),
            math.ceil(n_steps / _ADAPTS_IN) if adapt else n_steps,
            validate=self._validator(crops.noisy),
            tol=self.tol,
            patience=self.patience,
            deadline=deadline,
            verbose=self.verbose,
            name=f"{type(self).__name__}.{'partial_fit' if adapt else 'fit'}",
        )

    def _validator(self, noisy):
        """Return a function that maps a network to its error on held-out pixels, if one asks."""
        if not self.keep_best and self.tol is None:
            return None

        def validate(network):
            self.network_ = network
            errors, _ = self._errors(self._judged_window(noisy), limit=_JUDGED_DRAWS)
            return float(errors.mean()) if errors.size else math.inf

        return validate

    def _make_fresh_network(self, seed):
        """Make a network with weights from a seed, the global generator left as it was."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # The layout that convolutions on a CPU are fastest in, by a third in inference.
            return self._make_network().to(memory_format=torch.channels_last)

    def _keep(self, outcome):
        self.network_, self.history_ = outcome.network, outcome.history
        self.n_iter_ = len(outcome.history)
        if outcome.ended == "interrupted":
            _warn(
                f"Training was interrupted after {self.n_iter_} steps; the weights so far are kept."
            )

    def _judge(self, noisy, outcome):
        """Say what is wrong with a fit, or None; sets ``held_out_error_``."""
        if outcome.ended == "diverged":
            return f"the loss was not finite at step {self.n_iter_}"
        errors, baseline = self._errors(self._judged_window(noisy), limit=_JUDGED_DRAWS)
        self.held_out_error_ = float(errors.mean()) if errors.size else math.nan
        return judge(errors, baseline)

    def _judged_window(self, noisy):
        """Return a part of the liveliest image of a stack, (1, 1, height, width)."""
        liveliest = noisy.var(dim=(1, 2, 3)).argmax()
        return noisy[liveliest, :, :_JUDGED_SIDE, :_JUDGED_SIDE][None]


def _warn(message):
    warnings.warn(message, ConvergenceWarning, stacklevel=6)
