"""Denoisers that train a network: parameters, and the way from images to the engine and back."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from operator import attrgetter
from typing import Any, Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .. import engine
from .._checks import as_stack, check_sides, check_target, float_type
from .._progress import progress_bar
from .._seeding import make_seed
from .._types import Seed
from .._validation import validated_fit
from ..engine import Training
from ..grid import UNBINNED, Levels, WorkingGrid, fill_outliers, scaled
from ..noise import estimate_noise
from ..refine import CollaborativeFilter
from ._denoiser import BaseDenoiser
from ._frames import warn_of_unlike_noise
from ._movie import denoise_movie, neighbours_in, with_neighbours


class BaseNetworkDenoiser(BaseDenoiser):
    """Base class of denoisers that train a network on the noisy image.

    A method names its hyperparameters in ``__init__`` and writes one hook:

    - ``_scheme(grid)`` returns a :class:`~sk_noise2sr.schemes.Scheme`: what network there is, how
      images are corrupted and compared, what is averaged. `grid` is where images lie by then.

    A method that has a grid of its own kind overrides ``_fit_grid`` too.
    """

    _parameter_constraints = {
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "binning": [StrOptions({"auto"}), Interval(Real, 1, None, closed="left")],
        "refine": ["boolean"],
        "training": [Training, None],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "warm_start": ["boolean"],
        "max_memory": [str, Interval(Integral, 1, None, closed="left"), None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    # What a trained network stands on: changed after a fit, it calls for another one.
    _frozen: tuple[str, ...] = ()

    network_ = property(attrgetter("fit_.network"))
    grid_ = property(attrgetter("fit_.grid"))
    filter_ = property(attrgetter("fit_.filter"))
    history_ = property(attrgetter("fit_.history"))
    held_out_error_ = property(attrgetter("fit_.error"))
    seed_ = property(attrgetter("fit_.seed"))
    n_iter_ = property(lambda self: len(self.fit_.history))
    binning_ = property(lambda self: (self.fit_.grid or UNBINNED).binning)

    def __init__(
        self,
        *,
        epochs: int = 50,
        binning: float | str = "auto",
        refine: bool = False,
        training: Training | None = None,
        max_time: float | None = None,
        warm_start: bool = False,
        max_memory: int | str | None = None,
        n_threads: int | None = None,
        device: str = "auto",
        random_state: Seed = None,
        verbose: int = 1,
    ):
        self.epochs = epochs
        self.binning = binning
        self.refine = refine
        self.training = training
        self.max_time = max_time
        self.warm_start = warm_start
        self.max_memory = max_memory
        self.n_threads = n_threads
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the training too, such as ``training__tol=0.003``.

        Parameters
        ----------
        **params : object
            Values by name.

        Returns
        -------
        self : object
            The estimator.
        """
        if self.training is None and any(name.startswith("training__") for name in params):
            self.training = Training()
        return super().set_params(**params)

    def _scheme(self, grid):
        """Return the scheme of the method on a grid; a hook."""
        raise NotImplementedError

    @property
    def _training(self):
        return self.training or Training()

    def _validate_params(self):
        """Check the parameters, and what no type tells: whether a limit of memory is one."""
        super()._validate_params()
        self._training._validate_params()
        if self.max_memory is not None:
            engine.read_bytes(self.max_memory)

    # Fitting.

    def _fit(self, stack, y=None):
        before = vars(self).pop("fit_", None)  # a fit that fails leaves none behind
        seed = make_seed(self.random_state)
        parameters = {name: getattr(self, name) for name in self._frozen}
        blank = engine.Fit(seed, parameters, self._training.held_out)
        goes_on = self.warm_start and before is not None and before.parameters == parameters
        valid = ~as_stack(self.invalid_)
        self.fit_ = self._learn(stack, y, valid, blank, before if goes_on else None)

    @validated_fit
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike | None = None, *, mask: ArrayLike = "auto"
    ) -> Self:
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
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels, as in ``fit``.

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
        if getattr(self, "fit_", None) is None or self.network_ is None:
            return self.fit(X, y, mask=mask)
        masked, before = self._check_masked(X, mask), self.fit_
        valid = ~as_stack(masked.invalid)
        self.fit_ = self._learn(masked.filled, y, valid, before, before, adapt=True)
        self.invalid_ = masked.invalid
        return self

    def _learn(self, stack, y, valid, blank, before, adapt=False):
        """Return the fit to images, from the weights of another fit or from fresh ones."""
        deadline = math.inf if self.max_time is None else time.monotonic() + self.max_time
        check_sides(stack, max(2, self._scheme(UNBINNED).multiple))
        target = self._check_target(y, stack.shape)
        stack, target, valid = _only_varied(stack, target, valid, type(self).__name__)
        if not len(stack):
            return blank
        levels = self._learn_levels(stack)
        if levels is not None:
            target = None if target is None else levels.bring(stack, target)
            stack = levels.bring(stack)
            warn_of_unlike_noise(stack, type(self).__name__)
        grid = self._fit_grid(stack, before.grid.factors if adapt else self.binning, blank.seed)
        if before is not None and (before.network is None or before.grid.factors != grid.factors):
            before = None  # what it knows of the scene has another scale
        _check_binned_sides(stack, grid, self._scheme(grid))
        prepared = grid.prepare(stack)
        context = before.grid.context if adapt and before else self._learn_context(stack, prepared)
        if context is not None:
            grid = replace(grid, context=context)
        scheme = self._scheme(grid)
        plan = engine.Plan(
            name=type(self).__name__,
            scheme=scheme,
            training=self._training,
            epochs=self.epochs,
            seed=blank.seed,
            binned=grid.binning > 1,
            deadline=deadline,
            verbose=self.verbose,
            adapt=adapt,
            neighbours=neighbours_in(prepared, context),
        )
        refining = self._fit_filter(stack, grid)
        with self._resources(scheme, plan.crop_pixels(stack.shape[1:], grid.factors)) as device:
            noisy = engine.to_tensor(prepared, device)
            valid = engine.to_tensor(grid.valid(valid), device)
            if target is not None:
                target = engine.to_tensor(grid.prepare(target), device)
            learned = engine.fit_network(plan, noisy, valid, target, before)
        return replace(blank, grid=grid, filter=refining, levels=levels, **learned)

    def _check_target(self, y, shape):
        """Return the target, free of bad pixels; None for methods that need none."""
        if not self._needs_target:
            return None
        target = check_target(self, y, shape)
        return fill_outliers(target.astype(float_type(target.dtype), copy=False))[0]

    def _fit_grid(self, stack, binning, seed):
        """Learn the map of intensities and the factors of binning."""
        grid = WorkingGrid.fit(
            stack,
            binning=binning,
            stride=self._scheme(UNBINNED).spacing,
            standardize=self._training.standardize,
        )
        return replace(grid, taper=self.binning == "auto")

    def _learn_levels(self, stack):
        """Learn the intensities that unlike frames are brought to; None for frames that are alike.

        Those that are seen together stay what they are to one another.
        """
        return None if getattr(self, "context", None) else Levels.fit(stack)

    def _learn_context(self, stack, prepared):
        """Learn how frames on the grid are seen together; a hook. None is one by one."""

    def _fit_filter(self, stack, grid):
        """Learn the filter that refines results, from images none of which is constant."""
        if not self.refine:
            return None
        # Its blocks are small: it needs a fitting grid, whatever the network works on.
        noise = estimate_noise(stack).anscombe()
        return CollaborativeFilter.fit(stack, noise, "auto", at_least=grid.factors)

    def _resources(self, scheme, n_pixels):
        """Return the context in which networks see `n_pixels` at once; it gives the device."""
        work = engine.n_weights(scheme.make_network) * n_pixels
        return engine.resources(self.device, self.n_threads, work)

    # Denoising.

    @overload
    def transform(
        self,
        X: ArrayLike,
        return_spread: Literal[False] = False,
        return_std: Literal[False] = False,
        *,
        mask: ArrayLike = "auto",
    ) -> np.ndarray: ...
    @overload
    def transform(
        self,
        X: ArrayLike,
        return_spread: Literal[True],
        return_std: bool = False,
        *,
        mask: ArrayLike = "auto",
    ) -> tuple[np.ndarray, np.ndarray]: ...
    def transform(
        self,
        X: ArrayLike,
        return_spread: bool = False,
        return_std: bool = False,
        *,
        mask: ArrayLike = "auto",
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Denoise one image or a stack: the mean over random draws.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images, of the size seen by ``fit`` or of another.
        return_spread : bool, default=False
            Whether to return the spread of the draws too. It tells where the network is unsure;
            it is not the error of the mean.
        return_std : bool, default=False
            Refused here: a standard error needs refits.
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels of these images, as in ``fit``.

        Returns
        -------
        denoised : ndarray of the shape of X
            The denoised images, of the floating type of `X`; integers come back as the floating
            type that holds them. Nothing is clipped. Invalid regions, four pixels across or more,
            come back as they are; bad pixels and dead lines are filled.
        spread : ndarray of the shape of X
            Standard deviation over the draws, pixel by pixel. Only if `return_spread`.

        Raises
        ------
        ValueError
            If `return_std` is set.
        """
        if return_std:
            raise ValueError(
                f"{type(self).__name__} has no error bars of its own: wrap it, "
                f"ErrorBars({type(self).__name__}()) of sk_noise2sr.trust, or take "
                "return_spread=True for the spread of the draws, which is no error."
            )
        masked = self._check_masked(X, mask)
        scheme = self._scheme(self.grid_ or UNBINNED)
        name, total = f"{type(self).__name__}.transform", len(masked.masks) * scheme.n_passes
        with progress_bar(total, name, "draw", self.verbose) as bar:
            if self.sees_neighbours:
                return self._transform_movie(masked, return_spread, bar)
            if not return_spread:
                return masked.map(partial(self._denoise, bar=bar))
            denoise = lambda image: np.stack(self._denoise(image, True, bar))  # noqa: E731
            return tuple(np.moveaxis(masked.map(denoise), -3, 0))

    def transform_frames(self, frames: Iterable[ArrayLike]) -> Iterator[np.ndarray]:
        """Denoise the frames of a movie one after the other, as they come.

        What ``transform`` gives for the whole movie, with no more frames in memory than one is
        seen with.

        Parameters
        ----------
        frames : iterable of array-like of shape (height, width)
            The frames in order of time.

        Yields
        ------
        ndarray of shape (height, width)
            The denoised frames, as ``transform`` returns them.
        """
        if self.sees_neighbours:
            checked = map(self._check_masked, frames)
            pairs = ((frame.images, frame.masks[0]) for frame in checked)
            yield from (denoised for denoised, _ in denoise_movie(self, pairs))
        else:
            yield from map(self.transform, frames)

    @property
    def sees_neighbours(self) -> bool:
        """Whether a frame of a movie is seen together with those around it."""
        return self.fit_.grid is not None and self.fit_.grid.context is not None

    def _transform_movie(self, masked, return_spread, bar):
        pairs = zip(as_stack(masked.images), masked.masks, strict=True)
        frames = denoise_movie(self, pairs, return_spread, bar)
        outputs = [frame if return_spread else frame[:1] for frame in frames]
        outputs = [
            np.stack(each).reshape(masked.images.shape) for each in zip(*outputs, strict=True)
        ]
        return tuple(outputs) if return_spread else outputs[0]

    def _denoise(self, image, return_spread=False, bar=None):
        if image.min() == image.max():
            return (image, np.zeros_like(image, dtype=float)) if return_spread else image
        _check_learned(self.fit_, type(self).__name__)
        self._check_filter()
        levels = self.fit_.levels
        if levels is None:
            denoised, spread = self._denoise_alike(image, self.filter_, return_spread, bar)
        else:
            gain, offset = levels.map_of(image)
            brought = scaled(image, gain, offset)
            own = self._fit_filter(brought[np.newaxis], self.grid_)  # each has its own noise
            denoised, spread = self._denoise_alike(brought, own, return_spread, bar)
            denoised = scaled(denoised, 1 / gain, -offset / gain)
            spread = spread / gain if return_spread else None
        return (denoised, spread) if return_spread else denoised

    def _denoise_alike(self, image, refining, return_spread, bar):
        """Denoise an image like those of the fit; return the result and the spread."""
        guide, spread = self._guide(image, self._prepare(image), return_spread, bar)
        return refining.refine(image, guide) if self.refine else guide, spread

    def _check_filter(self):
        if self.refine and self.filter_ is None:
            raise ValueError("refine was False in fit and is True now; fit again.")

    def _prepare(self, image):
        """Return an image on the grid, a tensor of shape (1, height, width), on the CPU."""
        _check_binned_sides(image, self.grid_, self._scheme(self.grid_))
        return engine.to_tensor(self.grid_.prepare(image[np.newaxis]), "cpu")[0]

    def _guide(self, image, noisy, return_spread=False, bar=None):
        """Return what the network makes of an image on the grid, at full size, and the spread."""
        mean, spread = self._average(image, noisy[None], return_spread, bar)
        dtype = np.result_type(image.dtype, np.float32)  # of a large float32 frame, half the memory
        return self.grid_.restore(mean, image.shape, dtype), spread

    def _average(self, image, noisy, return_spread, bar):
        """Return the mean of the draws, on the grid, and their spread, in the image's units."""
        mean, spread = engine.Moments(spread=False), engine.Moments()
        scheme, grid = self._scheme(self.grid_), self.grid_
        with self._resources(scheme, image.size / grid.binning**2) as device:
            noisy = noisy.to(device)
            for prediction, _ in self.fit_.predictor.passes(scheme, noisy, self.max_memory):
                output = prediction[0, 0].cpu().numpy()
                mean.add(output)
                if return_spread:
                    spread.add(grid.restore(output, image.shape))
                if bar is not None:
                    bar.update()
        return mean.mean, spread.std() if return_spread else None

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Return a figure in decibels, greater is better.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.
        y : array-like of the shape of X, default=None
            A reference.

        Returns
        -------
        float
            With a reference the PSNR of the denoised images against it. Without, how well the
            pixels held out of the training targets are predicted by draws that do not see them:
            the coefficient of determination R**2 in decibels, -10 log10(1 - R**2), on the binned
            grid; comparable between fits of one image at one ``binning``.

        Raises
        ------
        ValueError
            If there is neither a reference nor a held-out pixel.
        """
        if y is not None:
            return super().score(X, y)
        masked = self._check_masked(X)
        stack, valid = masked.filled, ~as_stack(masked.invalid)
        if not self.fit_.held_out:
            raise ValueError(
                "held_out=0 leaves no pixel to score on; give a reference, score(X, y), or fit "
                "with held_out above 0."
            )
        if self.network_ is None and stack.min() == stack.max():
            return math.inf
        _check_learned(self.fit_, type(self).__name__)
        scheme, fit = self._scheme(self.grid_), self.fit_
        _check_binned_sides(stack, fit.grid, scheme)
        stack = stack if fit.levels is None else fit.levels.bring(stack)
        with self._resources(scheme, stack[0].size / fit.grid.binning**2) as device:
            frames = with_neighbours(map(self._prepare, stack), fit.grid.context)
            images = (frame[None].to(device) for frame in frames)
            valid = list(engine.to_tensor(fit.grid.valid(valid), device)[:, None])
            return fit.predictor.score(scheme, images, valid, fit.held_out, self.max_memory)

    # State.

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a denoiser without a fit is not fitted."""
        return hasattr(self, "fit_")

    def _check_unchanged(self):
        """Raise if a parameter that the fit stands on has been set to another value."""
        for name, fitted in self.fit_.parameters.items():
            if getattr(self, name) is not fitted and getattr(self, name) != fitted:
                raise ValueError(
                    f"{name} was {fitted!r} in fit and is {getattr(self, name)!r} now; fit again."
                )

    def __getstate__(self):
        """Turn the network into NumPy arrays, so that a fit from a GPU opens on a CPU."""
        state = dict(super().__getstate__())
        if "fit_" in state:
            self._check_unchanged()
            state["fit_"] = replace(state["fit_"], network=engine.to_arrays(self.network_))
        return state

    def __setstate__(self, state):
        """Build the network again from NumPy arrays."""
        super().__setstate__(state)
        fit = vars(self).get("fit_")
        if fit is not None and fit.network is not None:
            make_network = self._scheme(fit.grid).make_network
            self.fit_ = replace(fit, network=engine.from_arrays(make_network, fit.network))


def _only_varied(stack, target, valid, name):
    """Leave out constant images, of which nothing can be learned."""
    varied = stack.min(axis=(1, 2)) < stack.max(axis=(1, 2))
    if not varied.all():
        stack, valid = stack[varied], valid[varied]
        target = None if target is None else target[varied]
    if target is not None and len(target) and target.min() == target.max():
        raise ValueError(
            f"{name} cannot learn from a target y that is {target.min():g} in every pixel; give "
            "images that show what X shows."
        )
    return stack, target, valid


def _check_binned_sides(images, grid, scheme):
    """Raise if a binned side is shorter than a cell."""
    check_sides(images, math.ceil((scheme.multiple - 1) * max(grid.factors) + 1))


def _check_learned(fit, name):
    if fit.network is None:
        raise ValueError(
            f"This {name} was fitted on a constant image, from which nothing can be learned; fit "
            "it on an image like the one to denoise."
        )
