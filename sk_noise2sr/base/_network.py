"""Denoisers that train a network: their parameters, their hooks, and what users call."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from numbers import Integral, Real
from operator import attrgetter
from typing import Any, Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .. import engine
from .._checks import as_stack
from .._limits import EPOCHS
from .._types import Seed
from .._validation import validated_fit
from ..engine import Training
from ..grid import UNBINNED, Levels, WorkingGrid
from ..refine import REFINE, number_of_passes
from ._denoiser import BaseDenoiser
from ._draw import score_held_out
from ._groups import adapt_in_groups, learn_in_groups
from ._mixture import learn_mixtures
from ._start import deadline_of, start_fit
from ._state import build_network, check_unchanged, with_arrays
from ._transform import transform, transform_frames


class BaseNetworkDenoiser(BaseDenoiser):
    """Base class of denoisers that train a network on the noisy image.

    A method names its hyperparameters in ``__init__`` and writes one hook:

    - ``_scheme(grid)`` returns a :class:`~sk_noise2sr.schemes.Scheme`: which network there is, how
      images are corrupted and compared, what is averaged. `grid` is the working grid of the images.

    A method that has a grid of its own kind overrides ``_fit_grid`` too.
    """

    _parameter_constraints = {
        "epochs": [EPOCHS],
        "binning": [StrOptions({"auto"}), Interval(Real, 1, None, closed="left")],
        "refine": REFINE,
        "training": [Training, None],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "warm_start": ["boolean"],
        "max_memory": [str, Interval(Integral, 1, None, closed="left"), None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    # Parameters that cannot change after a fit.
    _frozen: tuple[str, ...] = ()

    network_ = property(attrgetter("fit_.network"))
    grid_ = property(attrgetter("fit_.grid"))
    filter_ = property(attrgetter("fit_.filter"))
    history_ = property(attrgetter("fit_.history"))
    held_out_error_ = property(attrgetter("fit_.error"))
    seed_ = property(attrgetter("fit_.seed"))
    n_iter_ = property(lambda self: len(self.fit_.history))
    binning_ = property(lambda self: (self.fit_.grid or UNBINNED).binning)
    _n_passes = property(lambda self: number_of_passes(self.refine))  # of the filter

    def __init__(
        self,
        *,
        epochs: int = 50,
        binning: float | str = "auto",
        refine: bool | int = False,
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
        """Set parameters, including those of the training, such as ``training__tol=0.003``.

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
        raise NotImplementedError(f"{type(self).__name__} has to write _scheme(grid).")

    @property
    def _training(self):
        return self.training or Training()

    def _validate_params(self):
        """Check the parameters, also whether ``max_memory`` can be read as a size."""
        super()._validate_params()
        self._training._validate_params()
        if self.max_memory is not None:
            engine.read_bytes(self.max_memory)

    # Fitting.

    def _fit_since(self, began, stack, y):
        blank, before = start_fit(self)
        valid, deadline = ~as_stack(self.invalid_), deadline_of(self, began)
        self.fit_ = learn_in_groups(self, stack, y, valid, blank, before, deadline)
        self.fit_ = learn_mixtures(self, stack)

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
        deadline = deadline_of(self, time.monotonic())
        masked = self._check_masked(X, mask)
        stack, valid = masked.filled, ~as_stack(masked.invalid)
        self.fit_ = adapt_in_groups(self, stack, y, valid, deadline)
        self.fit_ = learn_mixtures(self, stack)
        self.invalid_ = masked.invalid
        return self

    def _fit_grid(self, stack, binning, seed):
        """Return the working grid of images, learned from them; a hook."""
        return self._working_grid(stack, binning)

    def _working_grid(self, stack, binning, colour=None, white=0.0):
        """Learn the working grid; a `colour` of the noise is made white on it."""
        known = {"colour": colour, "white": white, "standardize": self._training.standardize}
        stride = self._scheme(UNBINNED).spacing
        grid = WorkingGrid.fit(stack, binning=binning, stride=stride, **known)
        return replace(grid, taper=self.binning == "auto")

    def _learn_levels(self, stack):
        """Learn the common intensities of unlike frames; None for frames that are alike.

        Frames that are seen together, or whose noise the user gave, keep their intensities.
        """
        alike = getattr(self, "context", None) or self._known_noise
        return None if alike else Levels.fit(stack)

    def _learn_context(self, stack, prepared):
        """Learn how frames on the grid are seen together; a hook. None is one by one."""

    # Denoising.

    @overload  # type: ignore[override] # of networks, the second place is that of the spread
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
            Whether to return the spread of the draws too. It shows where the network is unsure;
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
            come back as they are; bad pixels and dead lines are filled, and lines levelled.
        spread : ndarray of the shape of X
            Standard deviation over the draws, pixel by pixel. Only if `return_spread`.

        Raises
        ------
        ValueError
            If `return_std` is set.
        """
        otherwise = ", or take return_spread=True for the spread of the draws, which is no error"
        self._refuse_std(return_std, otherwise)
        return transform(self, self._check_masked(X, mask), return_spread)

    def transform_frames(self, frames: Iterable[ArrayLike]) -> Iterator[np.ndarray]:
        """Denoise the frames of a movie one after the other, as they come.

        The result is that of ``transform`` on the whole movie. In memory are only the frames with
        which one frame is seen.

        Parameters
        ----------
        frames : iterable of array-like of shape (height, width)
            The frames in order of time.

        Yields
        ------
        ndarray of shape (height, width)
            The denoised frames, as ``transform`` returns them. An error names the frame.
        """
        return transform_frames(self, frames)

    @property
    def sees_neighbours(self) -> bool:
        """Whether a frame of a movie is seen together with those around it."""
        return self.fit_.grid is not None and self.fit_.grid.context is not None

    def _score_unseen(self, masked):
        return score_held_out(self, masked)

    # State.

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a denoiser without a fit is not fitted."""
        return hasattr(self, "fit_")

    def _check_unchanged(self):
        check_unchanged(self)

    def __getstate__(self):
        """Turn the network into NumPy arrays, so that a fit from a GPU opens on a CPU."""
        return with_arrays(self, dict(super().__getstate__()))

    def __setstate__(self, state):
        """Build the network again from NumPy arrays."""
        super().__setstate__(state)
        build_network(self)
