"""Standard errors of a result, by fits to noise drawn anew."""

import inspect
import warnings
from numbers import Integral
from typing import Any, Literal, overload

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods

from .._checks import as_stack
from .._limits import REFITS
from .._progress import progress_bar
from .._seeding import make_seed
from .._types import MaskWarning, Seed
from ..base import BaseDenoiser
from ..grid import colour_of_image, find_uneven_noise, whiteness
from ..noise import Anscombe, PoissonGaussian, estimate_noise
from ._smoothed_errors import SmoothedErrors


class ErrorBars(BaseDenoiser):
    """Give the result of a denoiser a standard error in each pixel, by a parametric bootstrap.

    The result is taken for the truth. New noise, as strong and as smooth as that of the image, is
    added to it, and a fresh copy of the denoiser is fitted to each such image, on the grids that
    the first fit has chosen [1]_. The differences of these results from the first estimate the
    error of the first, as far as noise is the reason.

    What the first result has lost, the refits never see: a vacancy that was filled has no
    large error here. :func:`evidence_map` finds such losses.

    Parameters
    ----------
    denoiser : estimator
        Any denoiser that needs no target, such as :class:`~sk_noise2sr.Noise2SR`.
    n_refits : int, default=4
        Refits, at least 2. Each costs as much as the first fit. If the denoiser has a preset
        ``"fast"``, hyperparameters at their defaults are taken from it, and each costs less than
        half.
    n_jobs : int or None, default=None
        Refits at a time, as in joblib; None is one.
    random_state : int, RandomState instance or None, default=None
        Where the noise and the seeds of the refits come from.
    verbose : int, default=1
        0 is silent, 1 shows a progress bar if stderr is a terminal, 2 always.

    Attributes
    ----------
    denoiser_ : estimator
        The fitted denoiser.
    noise_ : NoiseEstimate or PoissonGaussian
        The noise, read off the images of ``fit``, or given to the denoiser; None if the images are
        constant.
    colour_ : Colour
        Its spectrum, read off the first image; None if that cannot be measured.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``.

    References
    ----------
    .. [1] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, section 6.5.

    Examples
    --------
    >>> from sk_noise2sr import VSTBM3D, datasets
    >>> from sk_noise2sr.trust import ErrorBars
    >>> clean, noisy = datasets.make_hrem((96, 96), random_state=0)
    >>> denoiser = ErrorBars(VSTBM3D(), random_state=0, verbose=0).fit(noisy)
    >>> denoised, std = denoiser.transform(noisy, return_std=True)
    >>> std.shape, bool((std > 0).all())
    ((96, 96), True)
    """

    _parameter_constraints = {
        "denoiser": [HasMethods(["fit", "transform"])],
        "n_refits": [REFITS],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        denoiser: Any,
        n_refits: int = 4,
        *,
        n_jobs: int | None = None,
        random_state: Seed = None,
        verbose: int = 1,
    ):
        self.denoiser = denoiser
        self.n_refits = n_refits
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _fit(self, stack, y):
        if get_tags(self.denoiser).target_tags.required:
            raise ValueError(
                f"{type(self.denoiser).__name__} learns from a target y, of which no new one can "
                "be drawn: give ErrorBars a denoiser that needs the noisy image alone."
            )
        self.seed_ = make_seed(self.random_state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MaskWarning)  # said already, of the image as given
            denoiser = clone(self.denoiser)
            self.denoiser_ = denoiser.fit(stack, **_masked(denoiser, self.invalid_))
        self.noise_ = self.colour_ = None
        if stack.min() < stack.max():
            known = getattr(self.denoiser_, "_known_noise", None)
            self.noise_ = PoissonGaussian(*known) if known else estimate_noise(stack)
            variance_at = Anscombe.from_pair(known).variance if known else None
            white = whiteness(stack[0], variance_at)
            self.colour_ = colour_of_image(stack[0], white=white)

    @overload
    def transform(
        self, X: ArrayLike, return_std: Literal[False] = False, *, mask: ArrayLike = "auto"
    ) -> np.ndarray: ...
    @overload
    def transform(
        self, X: ArrayLike, return_std: Literal[True], *, mask: ArrayLike = "auto"
    ) -> tuple[np.ndarray, np.ndarray]: ...
    def transform(
        self, X: ArrayLike, return_std: bool = False, *, mask: ArrayLike = "auto"
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Denoise one image or a stack, and return its standard error.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.
        return_std : bool, default=False
            Whether to refit, and to return the standard error too.
        mask : "auto", "none" or array-like of bool, default="auto"
            Further invalid pixels of these images, as in ``fit``.

        Returns
        -------
        denoised : ndarray of the shape of X
            The result of the denoiser.
        std : ndarray of the shape of X
            Standard error of each pixel due to noise, smoothed over about 7 pixels. Only
            if `return_std`. It does not include what the denoiser has lost. NaN in invalid regions.
        """
        masked = self._check_masked(X, mask)
        options = _masked(self.denoiser_, masked.invalid)
        denoised = self.denoiser_.transform(masked.filled, **options)
        if not return_std:
            results = iter(denoised)
            return masked.map(lambda image: next(results))
        valid = ~as_stack(masked.invalid)
        errors = self._standard_errors(masked.filled, denoised, valid, options)
        results = iter(zip(denoised, errors, strict=True))
        both = masked.map(lambda image: np.stack(next(results)))
        denoised, std = np.moveaxis(both, -3, 0)
        # What comes back as it was is no estimate, and has the noise that it had.
        unchanged = masked.invalid & ((denoised == masked.images) | ~np.isfinite(denoised))
        return denoised, np.where(unchanged, np.nan, std).astype(std.dtype, copy=False)

    def _denoise(self, image):
        return self.denoiser_.transform(image)

    def _standard_errors(self, stack, denoised, valid, options):
        """Return the standard errors of results, (n, height, width)."""
        if self.noise_ is None:
            return np.zeros_like(denoised)
        deviations = self._deviations(stack, denoised, valid)
        return self._bootstrap(denoised.astype(np.float64), deviations, valid, options)

    def _deviations(self, stack, denoised, valid):
        """Return the standard deviation of the noise of images, (n, height, width)."""
        noise = self.noise_
        if isinstance(noise, PoissonGaussian):
            return np.sqrt(noise.variance(np.maximum(denoised, 0)))
        deviations = np.sqrt(noise.variance_at(denoised))
        if self.colour_ is not None:  # the estimate is from a high pass, which misses smooth noise
            deviations /= np.sqrt(self.colour_.high_passed)
        for image, deviation, known in zip(stack, deviations, valid, strict=True):
            uneven = find_uneven_noise(image, noise.variance_at, noise.a, self.colour_, known)
            if uneven is not None:
                deviation *= uneven
        return deviations

    def _bootstrap(self, denoised, deviations, valid, options):
        """Return standard errors of results, (n, height, width), by refits."""
        seeds = np.random.SeedSequence(self.seed_).spawn(self.n_refits)
        n_jobs = None if self.n_jobs is None else min(self.n_jobs, self.n_refits)
        jobs = Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(_refit)(
                _quick(self.denoiser_), denoised, deviations, self.colour_, seed, options
            )
            for seed in seeds
        )
        smoothed = SmoothedErrors(valid)
        with progress_bar(self.n_refits, "ErrorBars.transform", "refit", self.verbose) as bar:
            for again in jobs:
                smoothed.add((again - denoised) ** 2)
                bar.update()
        return smoothed.standard_errors()


def _quick(fitted):
    """Return a copy to fit again on the same grids.

    Hyperparameters at their defaults are taken from the preset "fast", if there is one.
    """
    copy = clone(fitted)
    parts, models = ((each, *each.get_params().values()) for each in (copy, fitted))
    for part, model in zip(parts, models, strict=True):
        if isinstance(part, BaseDenoiser):
            part._choose_as(model)
        fast = getattr(type(part), "_presets", {}).get("fast", {})
        usual = inspect.signature(type(part)).parameters if fast else {}
        plain = {n: v for n, v in fast.items() if getattr(part, n) == usual[n].default}
        if plain:
            part.set_params(**plain)
    return copy


def _masked(denoiser, invalid):
    """Return options that pass invalid pixels to a denoiser, if it takes a mask."""
    return {"mask": invalid} if invalid.any() and isinstance(denoiser, BaseDenoiser) else {}


def _refit(denoiser, clean, deviations, colour, seed, options):
    """Fit and apply a denoiser to images with noise drawn anew."""
    rng = np.random.default_rng(seed)
    seeds = {name: int(rng.integers(2**31)) for name in _named(denoiser, "random_state")}
    denoiser.set_params(**seeds, **dict.fromkeys(_named(denoiser, "verbose"), False))
    if colour is None:
        noisy = rng.normal(clean, deviations)
    else:
        noisy = clean + deviations * np.stack([colour.sample(each.shape, rng) for each in clean])
    with warnings.catch_warnings(record=True):  # what raises still does
        # What is to be said of the image was said of the fit to it.
        return denoiser.fit(noisy, **options).transform(noisy, **options)


def _named(denoiser, name):
    """Return the parameters with a name, including those of the parts of a denoiser."""
    return [path for path in denoiser.get_params() if path.split("__")[-1] == name]
