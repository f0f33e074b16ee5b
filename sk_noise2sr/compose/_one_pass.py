"""A student that gives in one pass of a small network what a denoiser gives in many."""

import copy
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from .._checks import varied
from .._limits import EPOCHS, FEATURES
from .._types import Seed
from ..base import BaseDenoiser, BaseNetworkDenoiser, Masked
from ..engine import Training
from ..movies import Context
from ..networks import CompactUNet, DenoisingNetwork
from ..noise import Anscombe, estimate_noise
from ..schemes import Targets, fresh_noise, from_reference

_CROP = 64


class OnePassDenoiser(BaseDenoiser):
    """Fit a denoiser, then teach a small network to do its work in a single pass.

    For movies and for many frames of one kind: ``fit`` takes longer, ``transform`` a fraction of a
    second. The denoiser is fitted and applied to the frames of ``fit``. Its results, with fresh
    noise added at each step, are what the student learns from [1]_: as much noise as was measured
    in the frames. The student knows only what these frames show. Frames that show something else
    need another ``fit``, or ``partial_fit``.

    Parameters
    ----------
    denoiser : estimator
        The teacher, such as :class:`~sk_noise2sr.Noise2SR`.
    epochs : int, default=25
        Length of the student's training, in epochs of 40 steps.
    n_features : int, default=16
        Channels of the student, a compact U-Net, at full size.
    random_state : int, RandomState instance or None, default=None
        Where the student takes its random numbers from.
    verbose : int, default=1
        0 is silent, 1 shows progress bars if stderr is a terminal, 2 always.

    Attributes
    ----------
    denoiser_ : estimator
        The fitted teacher.
    student_ : estimator
        The fitted student; a denoiser too.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    References
    ----------
    .. [1] G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015,
       arXiv:1503.02531; here for images, with fresh noise.

    Examples
    --------
    >>> from sk_noise2sr import Noise2SR, datasets
    >>> from sk_noise2sr.compose import OnePassDenoiser
    >>> clean, frame = datasets.make_hrem((64, 64), random_state=0)
    >>> teacher = Noise2SR(epochs=2, M=4, random_state=0)
    >>> movie = OnePassDenoiser(teacher, epochs=2, random_state=0).fit(frame)
    >>> movie.transform(frame).shape
    (64, 64)
    """

    _parameter_constraints = {
        "denoiser": [HasMethods(["fit", "transform"])],
        "epochs": [EPOCHS],
        "n_features": [FEATURES],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        denoiser: Any,
        *,
        epochs: int = 25,
        n_features: int = 16,
        random_state: Seed = None,
        verbose: int = 1,
    ):
        self.denoiser = denoiser
        self.epochs = epochs
        self.n_features = n_features
        self.random_state = random_state
        self.verbose = verbose

    def partial_fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Adapt the student to further frames, at a tenth of the steps of ``fit``.

        It learns what the teacher makes of them, under noise that is measured again. The teacher
        stays as it is; where it no longer denoises well, call its own ``partial_fit`` first, or
        ``fit``. Without a fit before it, this is ``fit``.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            A noisy frame, or a stack.
        y : array-like of the shape of X, default=None
            The target for the first fit where the denoiser needs one; otherwise ignored.

        Returns
        -------
        self : object
            The adapted denoiser.

        Raises
        ------
        RuntimeError
            If the student cannot be adapted; it then is what it was.
        """
        if not hasattr(self, "student_"):
            return self.fit(X, y)
        images = Masked.check(self, X, reset=False).filled
        student = copy.copy(self.student_).set_params(noise=_noise_of(images))
        self.student_ = student.partial_fit(images, self.denoiser_.transform(images))
        return self

    def _fit(self, stack, y):
        images = stack[0] if len(stack) == 1 else stack
        self.denoiser_ = clone(self.denoiser).fit(images, y)
        self.student_ = _Student(
            noise=_noise_of(stack),
            n_features=self.n_features,
            context=getattr(self.denoiser_, "context_", None),
            epochs=self.epochs,
            # A movie stays as it is turned: there is less to learn.
            training=Training(symmetries="none", crop_size=_CROP),
            random_state=self.random_state,
            verbose=self.verbose,
        )
        self.student_.fit(images, self.denoiser_.transform(images))

    def _denoise(self, image):
        return self.student_.transform(image)

    def transform(
        self, X: ArrayLike, return_std: Literal[False] = False, *, mask: ArrayLike = "auto"
    ) -> np.ndarray:
        """Denoise one image or a stack, in one pass each.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images; a movie, where the denoiser has ``context``.
        return_std : bool, default=False
            Refused here: a standard error needs refits, see :class:`~sk_noise2sr.trust.ErrorBars`.
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels of these images, as in ``fit``.

        Returns
        -------
        ndarray of the shape of X
            The denoised images.

        Raises
        ------
        ValueError
            If `return_std` is set.
        """
        self._refuse_std(return_std)
        check_is_fitted(self)
        if self.student_.sees_neighbours:
            return self.student_.transform(X, mask=mask)
        return super().transform(X, mask=mask)

    def transform_frames(self, frames: Iterable[ArrayLike]) -> Iterator[np.ndarray]:
        """Denoise the frames of a movie one after the other, as they come.

        Parameters
        ----------
        frames : iterable of array-like of shape (height, width)
            The frames in order of time.

        Yields
        ------
        ndarray of shape (height, width)
            The denoised frames, as ``transform`` returns them.
        """
        check_is_fitted(self)
        yield from self.student_.transform_frames(frames)

    @property
    def context_(self) -> Context:
        """With which frames around it a frame is seen."""
        return self.student_.context or Context(0)

    def __sklearn_tags__(self):
        """Tell scikit-learn whether the denoiser needs a target."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = get_tags(self.denoiser).target_tags.required
        return tags


class _Student(BaseNetworkDenoiser):
    """One pass of a compact network, on a grid as coarse as the detail allows."""

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "noise": [Anscombe, None],
        "n_features": [FEATURES],
        "context": [Context, None],
    }
    _frozen = ("n_features", "context")
    _needs_target = True

    def __init__(
        self,
        *,
        noise,
        n_features,
        context=None,
        epochs=25,
        training=None,
        random_state=None,
        verbose=1,
    ):
        super().__init__(
            epochs=epochs, training=training, random_state=random_state, verbose=verbose
        )
        self.noise = noise
        self.n_features = n_features
        self.context = context

    def _learn_context(self, stack, prepared):
        return self.context if self.context and self.context.reach else None

    def _scheme(self, grid):
        return Targets(
            partial(
                _make_network,
                self.n_features,
                3 if grid.binning > 1 else 4,
                2 * grid.context.reach if grid.context else 0,
            ),
            from_reference if self.noise is None else fresh_noise(grid.noise(self.noise)),
            self._training.turns,
            spacing=1,  # nothing is sub-sampled
        )


def _make_network(n_features, n_levels, n_neighbours):
    encoder = CompactUNet(1 + n_neighbours, n_features, n_levels=n_levels)
    head = torch.nn.Conv2d(n_features, 1, 1)
    return DenoisingNetwork(encoder, head, n_neighbours=n_neighbours)


def _noise_of(stack):
    """Return the noise of the frames; None where all are constant, and nothing is learned."""
    frames = stack[varied(stack)]
    return estimate_noise(frames).anscombe() if len(frames) else None
