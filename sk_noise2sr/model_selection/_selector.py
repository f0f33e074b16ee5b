"""Choose among methods and hyperparameters for one image, without a clean one."""

import time
import warnings
from collections import Counter
from numbers import Integral, Real

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import ParameterGrid
from sklearn.utils._param_validation import Interval, StrOptions

from .._seeding import make_seed
from ..base import BaseDenoiser
from ._hidden import hide_pixels

_DECIBEL = 10 / np.log(10)


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
        How often each candidate is tried, every time on other pixels. More make the choice more
        certain, above all for small images, and take as many fits.
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
        behind the best in dB, and the standard error of that; ``mean_fit_time`` and
        ``mean_score_time`` in seconds; ``error``, why it failed, or an empty string.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Notes
    -----
    Scores contain the noise of the hidden pixels, which is the same for all: small differences of
    scores can be large differences of error. Whether a difference is real, ``behind_best_error``
    tells.

    Noise that is correlated from pixel to pixel breaks the comparison: what keeps most of it then
    wins. See :func:`~sk_noise2sr.noise.diagnose`.

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
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        candidates,
        *,
        fraction="auto",
        n_repeats=1,
        max_time=None,
        random_state=None,
        verbose=False,
    ):
        self.candidates = candidates
        self.fraction = fraction
        self.n_repeats = n_repeats
        self.max_time = max_time
        self.random_state = random_state
        self.verbose = verbose

    def score(self, X, y=None):
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
        """
        self._check_transform(X)
        return self.best_estimator_.score(X) if y is None else super().score(X, y)

    def _fit(self, stack, y):
        vars(self).pop("best_estimator_", None)
        deadline = None if self.max_time is None else time.monotonic() + self.max_time
        trials = _expand(self.candidates)
        images = stack[0] if len(stack) == 1 else stack
        seeds = np.random.default_rng(make_seed(self.random_state)).spawn(self.n_repeats)
        hidden = [hide_pixels(images, self.fraction, seed) for seed in seeds]
        rows = []
        for number, (name, estimator, params) in enumerate(trials):
            n_fits = self.n_repeats * (len(trials) - number) + 1
            estimator = _limit(estimator, deadline, n_fits)
            row = {"name": name, "params": params, "estimator": estimator}
            rows.append({**row, **_try(estimator, hidden, y)})
            if self.verbose:
                print(f"DenoiserSelector: {_say(rows[-1])}")
        self._choose(rows)
        self.best_estimator_ = clone(rows[self.best_index_]["estimator"]).fit(images, y)

    def _choose(self, rows):
        """Write the table, and which row is the best."""
        scores = np.array([row["score"] for row in rows])
        if np.isnan(scores).all():
            raise ValueError(
                "No candidate could be scored: "
                + "; ".join(f"{row['name']}: {row['error']}" for row in rows)
            )
        failed = [f"{row['name']}: {row['error']}" for row in rows if row["error"]]
        if failed:
            message = f"{len(failed)} of {len(rows)} candidates failed: {'; '.join(failed)}"
            warnings.warn(message, FitFailedWarning, stacklevel=5)
        best = int(np.nanargmax(scores))
        behind = [_compare(row["errors"], rows[best]["errors"]) for row in rows]
        self.cv_results_ = {
            "name": np.array([row["name"] for row in rows]),
            "params": np.array([row["params"] for row in rows], dtype=object),
            "mean_test_score": scores,
            "rank_test_score": rankdata(-np.nan_to_num(scores, nan=-np.inf), "min").astype(int),
            "behind_best": np.array([difference for difference, _ in behind]),
            "behind_best_error": np.array([error for _, error in behind]),
            "mean_fit_time": np.array([row["fit_time"] for row in rows]),
            "mean_score_time": np.array([row["score_time"] for row in rows]),
            "error": np.array([row["error"] for row in rows]),
        }
        self.best_index_, self.best_score_ = best, float(scores[best])
        self.best_name_, self.best_params_ = rows[best]["name"], rows[best]["params"]

    def _denoise(self, image):
        return self.best_estimator_.transform(image)

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a selector is fitted once its best candidate is."""
        return hasattr(self, "best_estimator_")


def _expand(candidates):
    """Return triples (name, unfitted estimator, point of the grid)."""
    if not len(candidates):
        raise ValueError("Expected at least one candidate, got none.")
    named = [_name(candidate) for candidate in candidates]
    counts, seen, trials = Counter(name for name, _, _ in named), Counter(), []
    for name, estimator, grid in named:
        seen[name] += 1
        unique = f"{name}-{seen[name]}" if counts[name] > 1 else name
        for point in ParameterGrid(grid):
            trials.append((unique, clone(estimator).set_params(**point), point))
    return trials


def _name(candidate):
    """Return (name, estimator, grid) for any of the three ways to write a candidate."""
    if not isinstance(candidate, (tuple, list)):
        candidate = (type(candidate).__name__.lower(), candidate)
    if len(candidate) == 2:
        candidate = (*candidate, {})
    estimator = candidate[1] if len(candidate) == 3 else None
    whole = all(hasattr(estimator, method) for method in ("fit", "transform", "get_params"))
    if not (whole and not isinstance(estimator, type) and isinstance(candidate[0], str)):
        raise ValueError(
            "Expected candidates to be estimators with fit and transform, pairs (name, estimator) "
            f"or triples (name, estimator, grid), got {candidate!r}."
        )
    return candidate


def _limit(estimator, deadline, n_fits):
    """Give an estimator its share of the time that is left, if it can be limited."""
    if deadline is None:
        return estimator
    share = (deadline - time.monotonic()) / n_fits
    if share <= 0:
        return None
    for name, limit in estimator.get_params().items():
        if name.rpartition("__")[2] == "max_time":
            estimator.set_params(**{name: share if limit is None else min(limit, share)})
    return estimator


def _try(estimator, hidden, y):
    """Return the figures of a candidate; one that fails stops no other."""
    result = {"score": np.nan, "errors": None, "fit_time": 0.0, "score_time": 0.0, "error": ""}
    if estimator is None:
        return {**result, "error": "not tried, the time was up"}
    try:
        errors, times = zip(*(_predict(estimator, *pair, y) for pair in hidden), strict=True)
    except Exception as error:
        return {**result, "error": " ".join(str(error).split()) or type(error).__name__}
    truth = np.concatenate([values[~np.isnan(values)] for _, values in hidden])
    errors, (fit_time, score_time) = np.concatenate(errors), np.mean(times, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a constant image
        score = float(-10 * np.log10(errors.mean() / truth.var(dtype=float)))
    if np.isnan(score):
        return {**result, "error": "nothing to score on: the image or the result is constant"}
    times = {"fit_time": fit_time, "score_time": score_time}
    return {**result, "score": score, "errors": errors, **times}


def _predict(estimator, X, truth, y):
    """Return the squared errors of a fresh fit at hidden pixels, and its two times."""
    start = time.monotonic()
    estimator = clone(estimator).fit(X, y)
    fitted = time.monotonic()
    predicted = np.asarray(estimator.transform(X), dtype=float)
    known = ~np.isnan(truth)
    return (predicted - truth)[known] ** 2, (fitted - start, time.monotonic() - fitted)


def _compare(errors, best):
    """Return how far errors lie above the best ones, in dB, and the standard error of that."""
    if errors is None or not best.any():
        return np.nan, np.nan
    spread = (errors - best).std() / np.sqrt(len(best)) / best.mean()
    return float(_DECIBEL * np.log(errors.mean() / best.mean())), float(_DECIBEL * spread)


def _say(row):
    point = ", ".join(f"{name}={value!r}" for name, value in row["params"].items())
    outcome = row["error"] or f"{row['score']:.3f} dB in {row['fit_time']:.1f} s"
    return f"{row['name']}({point}): {outcome}"
