"""The contract of every denoiser."""

import copy
import time
from types import FunctionType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._checks import as_stack
from .._links import doc_page
from .._tables import warn_of_tables
from .._validation import validated_fit
from ..grid import score_hidden
from ..metrics import psnr
from ._frames import warn_of_constant_frames
from ._masked import Masked


class BaseDenoiser(TransformerMixin, BaseEstimator):
    """Base class: one image or a stack in, the same shape out.

    A denoiser writes ``_fit(stack, y)`` and ``_denoise(image)``; checks, masks, shapes and types
    are handled here. ``__init__`` only assigns, and ``fit`` only sets names that end in an
    underscore. :func:`~sk_noise2sr.testing.check_denoiser` checks a class.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.ndimage import gaussian_filter
    >>> class GaussianDenoiser(BaseDenoiser):
    ...     def __init__(self, sigma=1.0):
    ...         self.sigma = sigma
    ...
    ...     def _fit(self, stack, y):
    ...         self.n_images_ = len(stack)
    ...
    ...     def _denoise(self, image):
    ...         return gaussian_filter(image.astype(float), self.sigma)
    >>> noisy = np.random.default_rng(0).normal(size=(32, 32))
    >>> bool(GaussianDenoiser().fit_transform(noisy).std() < 0.4)
    True
    """

    _doc_link_module = "sk_noise2sr"
    _doc_link_template = property(doc_page)

    _parameter_constraints: dict[str, list] = {}
    _presets: dict[str, dict[str, Any]] = {"default": {}}
    _needs_target = False
    _local = False  # whether it looks only a few pixels far: regions are then filled smoothly
    _level = True  # whether offsets of whole rows and columns are removed first

    def __init_subclass__(cls, **options):
        """Make errors of a wrong parameter name a class without an ``__init__`` of its own."""
        super().__init_subclass__(**options)
        if "__init__" not in vars(cls) and isinstance(cls.__init__, FunctionType):
            inherited = cls.__init__
            cls.__init__ = FunctionType(
                inherited.__code__,
                inherited.__globals__,
                inherited.__name__,
                inherited.__defaults__,
                inherited.__closure__,
            )
            cls.__init__.__kwdefaults__ = inherited.__kwdefaults__
            cls.__init__.__qualname__ = f"{cls.__qualname__}.__init__"

    @classmethod
    def from_preset(cls, name: str, **parameters: Any) -> Self:
        """Make a denoiser with a named set of hyperparameters.

        Parameters
        ----------
        name : str
            ``"default"``, or another set of the class; ``"paper"`` is the published schedule.
        **parameters : object
            Hyperparameters that differ from the set.

        Returns
        -------
        BaseDenoiser
            An unfitted denoiser.

        Raises
        ------
        ValueError
            If there is no such set.
        """
        if name not in cls._presets:
            known = ", ".join(map(repr, sorted(cls._presets)))
            raise ValueError(f"Unknown preset {name!r} of {cls.__name__}; known: {known}.")
        return cls(**copy.deepcopy(cls._presets[name])).set_params(**parameters)

    @validated_fit
    def fit(self, X: ArrayLike, y: ArrayLike | None = None, *, mask: ArrayLike = "auto") -> Self:
        """Learn from one image or a stack.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            A noisy image, or a stack from which one denoiser learns. Pixels that are NaN, infinite,
            or masked in a masked array, are invalid.
        y : array-like of the shape of X, default=None
            The target where the method needs one; otherwise ignored.
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels, True, of the shape of `X` or of one image. Regions of one
            value, dead lines and bad pixels are found in addition, and rows and columns that are
            too bright or too dark as a whole are levelled. ``"none"`` turns this search off.

        Returns
        -------
        self : object
            The fitted denoiser.
        """
        began = time.monotonic()
        masked = Masked.check(self, X, mask, reset=True)
        stack = masked.filled
        warn_of_tables(stack)
        masked.warn()
        warn_of_constant_frames(stack)
        self.invalid_ = masked.invalid
        self._fit_since(began, stack, y)
        return self

    def _fit_since(self, began, stack, y):
        """Fit; `began` is when the call began, for a limit of time."""
        self._fit(stack, y)

    @property
    def _known_noise(self):
        """The noise of the images, ``(a, b)``, if the user gave it; a hook."""

    def _choose_as(self, fitted):
        """Make the next fit take over the grids of a fitted denoiser of this class."""
        self._like = fitted

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **params: Any) -> np.ndarray:
        """Fit and denoise the same images.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.
        y : array-like of the shape of X, default=None
            The target where the method needs one.
        **params : object
            ``mask``, for both.

        Returns
        -------
        ndarray of the shape of X
            The denoised images.
        """
        return self.fit(X, y, **params).transform(X, **params)

    def transform(
        self, X: ArrayLike, return_std: Literal[False] = False, *, mask: ArrayLike = "auto"
    ) -> np.ndarray:
        """Denoise one image or a stack.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images, of the size seen by ``fit`` or of another.
        return_std : bool, default=False
            Refused here: a standard error needs refits, see :class:`~sk_noise2sr.trust.ErrorBars`.
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels of these images, as in ``fit``.

        Returns
        -------
        ndarray of the shape of X
            The denoised images, of the floating type of `X`; integers come back as the floating
            type that holds them. Nothing is clipped. Invalid regions, four pixels across or more,
            come back as they are; bad pixels and dead lines are filled, and lines levelled.

        Raises
        ------
        ValueError
            If `return_std` is set.
        """
        self._refuse_std(return_std)
        return self._check_masked(X, mask).map(self._make_image, weigh=True)

    def _fit(self, stack, y):
        """Learn from checked images; a hook that every denoiser writes."""
        raise NotImplementedError(f"{type(self).__name__} has to write _fit(stack, y).")

    def _make_image(self, image, *valid):
        """Denoise an image, and check what a hook has made of it."""
        made = self._denoise_valid(image, *valid)
        if isinstance(made, np.ndarray) and made.shape == image.shape and np.isrealobj(made):
            return made
        got = f"a {type(made).__name__}"
        if isinstance(made, np.ndarray):
            got = made.dtype if made.shape == image.shape else f"the shape {made.shape}"
        raise ValueError(
            f"{type(self).__name__} returned {got} for an image of {image.shape}. Let _denoise "
            "return an array of real numbers of that shape."
        )

    def _denoise(self, image):
        """Denoise a checked image; a hook that every denoiser writes."""
        raise NotImplementedError(f"{type(self).__name__} has to write _denoise(image).")

    def _denoise_valid(self, image, valid=None):
        """Denoise an image in which invalid pixels were filled; a hook to weigh them."""
        return self._denoise(image)

    def _refuse_std(self, return_std, otherwise=""):
        """Raise if a standard error is asked for, which a single fit does not have."""
        if return_std:
            name = type(self).__name__
            raise ValueError(
                f"{name} has no error bars of its own: wrap it, ErrorBars({name}()) of "
                f"sk_noise2sr.trust{otherwise}."
            )

    def _check_unchanged(self):
        """Raise if a parameter that cannot change after a fit has been changed; a hook."""

    def _check_masked(self, X, mask="auto"):
        """Return checked images with their masks."""
        check_is_fitted(self)
        self._check_unchanged()
        return Masked.check(self, X, mask, reset=False)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return ``transform(X)``, for scorers of scikit-learn that ask for predictions.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.

        Returns
        -------
        ndarray of the shape of X
            The denoised images.
        """
        return self.transform(X)

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
            With a reference, the PSNR of the denoised images against it; for a stack, the mean over
            its images. Without, how well unseen pixels are predicted: the coefficient of
            determination R**2 in decibels, -10 log10(1 - R**2). For a filter, unseen pixels are
            hidden from ``transform``. For a network, they are those held out of its targets,
            predicted by draws that do not see them, on the binned grid: then compare only fits of
            one image at one ``binning``.

        Raises
        ------
        ValueError
            If there is neither a reference nor a pixel held out of the training of a network.
        """
        if y is None:
            return self._score_unseen(self._check_masked(X))
        return psnr(y, self.transform(X))

    def _score_unseen(self, masked):
        """Return how well unseen pixels are predicted, in decibels; a hook."""
        return score_hidden(self._denoise, masked.filled, valid=~as_stack(masked.invalid))

    def __sklearn_tags__(self):
        """Tell scikit-learn what goes in and comes out."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.target_tags.required = self._needs_target
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
