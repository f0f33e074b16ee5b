"""Choose among methods and hyperparameters for one image, without a clean one."""

import warnings
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils._param_validation import Interval, StrOptions

from .._limits import REPEATS
from .._seeding import make_seed
from .._types import Seed
from .._words import counted
from ..base import BaseDenoiser
from ._candidates import expand
from ._hidden import hide_pixels
from ._race import Trial, race, tabulate


class DenoiserSelector(BaseDenoiser):
    """Try candidates on hidden pixels of the noisy image, and refit the best one.

    Some pixels are hidden from every candidate, in its fit and in its result, and it is judged
    by how well it predicts them: see :func:`hide_pixels`. That needs no clean image and nothing of
    the candidate, so that networks, filters and pipelines at any ``binning`` are compared on the
    same pixels. The best is fitted again, on the image as it is.

    Parameters
    ----------
    candidates : list
        Estimators that return images in the units of the input; or pairs ``(name, estimator)``;
        or triples ``(name, estimator, grid)``, where the grid is one of
        :class:`~sklearn.model_selection.ParameterGrid`.
    fraction : "auto" or float, default="auto"
        Share of pixels to hide, in (0, 0.25), see :func:`hide_pixels`.
    n_repeats : int, default=1
        How often a candidate is tried at most, every time on other pixels. More make the choice
        more certain, above all for small images. What lies behind the best by more than three
        standard errors is not tried again, nor is a best one that is left alone.
    max_time : float or None, default=None
        Seconds for all fits together, the last one included. What is left is shared equally
        among those to come, as their ``max_time``; filters, which have none, run as they are. A
        candidate whose turn comes too late is not tried. None sets no limit.
    random_state : int, RandomState instance or None, default=None
        Seed of the choice of pixels; candidates have their own.
    verbose : bool, default=False
        Whether to print a line for each candidate.

    Attributes
    ----------
    best_estimator_ : estimator
        The candidate with the best score, fitted on the whole image.
    best_name_ : str
        Its name.
    best_params_ : dict
        The point of its grid.
    best_score_ : float
        Its score, see ``cv_results_``.
    best_index_ : int
        Its row in ``cv_results_``.
    cv_results_ : dict of ndarray
        One entry for each candidate, for ``pandas.DataFrame``: ``name``, ``params``;
        ``mean_test_score``, the coefficient of determination at hidden pixels in dB, NaN for what
        failed; ``rank_test_score``; ``behind_best`` and ``behind_best_error``, how far it lies
        behind the best in dB at the pixels that were hidden from both, and the standard error of
        that; ``n_repeats``, how often it was tried; ``mean_fit_time`` and ``mean_score_time`` in
        seconds; ``error``, why it failed, or an empty string.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Notes
    -----
    Scores contain the noise of the hidden pixels, which is the same for all: small differences of
    scores can be large differences of error. Whether a difference is real, ``behind_best_error``
    tells. Repeats go to those that it leaves undecided: a race [1]_.

    Noise that is correlated from pixel to pixel breaks the comparison: what keeps most of it then
    wins. See :func:`~sk_noise2sr.noise.diagnose`.

    References
    ----------
    .. [1] O. Maron, A. W. Moore, "Hoeffding Races: Accelerating Model Selection Search for
       Classification and Function Approximation", NIPS 1993.

    Examples
    --------
    >>> from sk_noise2sr import VSTBM3D, AdaptiveWiener, datasets
    >>> from sk_noise2sr.model_selection import DenoiserSelector
    >>> clean, noisy = datasets.make_hrem((128, 128), random_state=0)
    >>> wiener = ("wiener", AdaptiveWiener(), {"window": [3, 15]})
    >>> selector = DenoiserSelector([wiener, VSTBM3D()], random_state=0).fit(noisy)
    >>> selector.best_name_, selector.cv_results_["rank_test_score"].tolist()
    ('vstbm3d', [3, 2, 1])
    >>> selector.transform(noisy).shape
    (128, 128)
    """

    _parameter_constraints = {
        "candidates": [list, tuple],
        "fraction": [StrOptions({"auto"}), Interval(Real, 0, 0.25, closed="neither")],
        "n_repeats": [REPEATS],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        candidates: list[Any],
        *,
        fraction: float | str = "auto",
        n_repeats: int = 1,
        max_time: float | None = None,
        random_state: Seed = None,
        verbose: bool = False,
    ):
        self.candidates = candidates
        self.fraction = fraction
        self.n_repeats = n_repeats
        self.max_time = max_time
        self.random_state = random_state
        self.verbose = verbose

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
            The PSNR against the reference; without one, the score of ``best_estimator_``, if it
            has one.

        Raises
        ------
        ValueError
            If there is no reference, and the best candidate has no score without one.
        """
        self._check_masked(X)
        if y is not None:
            return super().score(X, y)
        try:
            return self.best_estimator_.score(X)
        except (TypeError, AttributeError) as error:  # it asks for y, or has no score
            raise ValueError(
                f"The chosen {self.best_name_} has no score without a reference: call "
                "score(X, y). How well it predicts hidden pixels is best_score_."
            ) from error

    def _fit(self, stack, y):
        vars(self).pop("best_estimator_", None)
        images = stack[0] if len(stack) == 1 else stack
        seeds = np.random.default_rng(make_seed(self.random_state)).spawn(self.n_repeats)
        trials = [Trial(*candidate) for candidate in expand(self.candidates)]
        best = race(
            trials,
            [hide_pixels(images, self.fraction, seed) for seed in seeds],
            y,
            max_time=self.max_time,
            verbose=self.verbose,
        )
        failed = [f"{trial.name}: {trial.error}" for trial in trials if trial.error]
        if best is None:
            raise ValueError(f"No candidate could be scored: {'; '.join(failed)}")
        if failed:
            message = (
                f"{len(failed)} of {counted(len(trials), 'candidate')} failed: {'; '.join(failed)}"
            )
            warnings.warn(message, FitFailedWarning, stacklevel=4)
        self.cv_results_ = tabulate(trials, best)
        self.best_index_ = next(number for number, trial in enumerate(trials) if trial is best)
        self.best_score_, self.best_name_, self.best_params_ = best.score(), best.name, best.params
        self.best_estimator_ = clone(best.estimator).fit(images, y)

    def _denoise(self, image):
        return self.best_estimator_.transform(image)

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a selector is fitted once its best candidate is."""
        return hasattr(self, "best_estimator_")
