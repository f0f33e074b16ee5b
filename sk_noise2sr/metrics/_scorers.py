"""Scorers for the searches of scikit-learn: callables (estimator, X, y), greater is better."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from .._units import warn_of_units
from ..grid import prediction_score
from ._image import psnr, ssim


def psnr_scorer(estimator: Any, X: ArrayLike, y: ArrayLike | None = None) -> float:
    """Return the peak signal-to-noise ratio of the denoised images against a reference.

    For ``scoring=`` of :class:`~sklearn.model_selection.GridSearchCV` and similar searches.

    Parameters
    ----------
    estimator : estimator
        A fitted denoiser, or a Pipeline that returns images in the units of `y`.
    X : array-like of shape (height, width) or (n, height, width)
        Noisy images.
    y : array-like of the shape of X, default=None
        The reference; it has to be given.

    Returns
    -------
    float
        :func:`psnr` in dB; greater is better.

    Raises
    ------
    ValueError
        If there is no reference.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.metrics import psnr_scorer
    >>> from sk_noise2sr.model_selection import WholeImage
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> grid = {"window": [3, 7, 15]}
    >>> search = GridSearchCV(AdaptiveWiener(), grid, scoring=psnr_scorer, cv=WholeImage())
    >>> search.fit(noisy, clean).best_params_
    {'window': 15}
    """
    return psnr(_check_reference(y, "psnr_scorer"), estimator.transform(X))


def ssim_scorer(estimator: Any, X: ArrayLike, y: ArrayLike | None = None) -> float:
    """Return the structural similarity of the denoised images and a reference.

    For ``scoring=`` of :class:`~sklearn.model_selection.GridSearchCV` and similar searches.

    Parameters
    ----------
    estimator : estimator
        A fitted denoiser, or a Pipeline that returns images in the units of `y`.
    X : array-like of shape (height, width) or (n, height, width)
        Noisy images.
    y : array-like of the shape of X, default=None
        The reference; it has to be given.

    Returns
    -------
    float
        :func:`ssim`, up to 1; greater is better.

    Raises
    ------
    ValueError
        If there is no reference.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.metrics import ssim_scorer
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> print(round(ssim_scorer(AdaptiveWiener().fit(noisy), noisy, clean), 1))
    0.4
    """
    return ssim(_check_reference(y, "ssim_scorer"), estimator.transform(X))


def hidden_pixel_scorer(estimator: Any, X: ArrayLike, y: ArrayLike | None = None) -> float:
    """Return the score of predictions of unseen pixels: hidden ones, or held-out ones.

    No reference is needed. There are two ways:

    - `X` and `y` from :func:`~sk_noise2sr.model_selection.hide_pixels`: some pixels of `X` were
      replaced before the fit, and `y` has their values. All candidates are judged on the
      same pixels of the full grid, whatever their ``binning`` and method; whole pipelines too.
    - `X` unchanged: ``estimator.score(X)``. Denoisers that train a network use their own
      held-out pixels, others hide some. On a binned image these have less noise than on the full
      grid, so that the largest binning would win whatever it loses: an estimator that binned is
      refused.

    Parameters
    ----------
    estimator : estimator
        A fitted denoiser, or a Pipeline that returns images in the units of `y`.
    X : array-like of shape (height, width) or (n, height, width)
        Noisy images.
    y : array-like of the shape of X, default=None
        The hidden values, and NaN elsewhere. None, or a reference without NaN, which is ignored,
        stands for `X` unchanged.

    Returns
    -------
    float
        The coefficient of determination in dB, ``-10 log10(1 - R**2)``; greater is better.

    Raises
    ------
    ValueError
        If no pixel was hidden, and the estimator has no such score of its own, or has it on a
        binned image.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.metrics import hidden_pixel_scorer
    >>> from sk_noise2sr.model_selection import WholeImage, hide_pixels
    >>> clean, noisy = datasets.make_hrem((128, 128), random_state=0)
    >>> X, y = hide_pixels(noisy, random_state=0)
    >>> grid = {"window": [3, 7, 15]}
    >>> search = GridSearchCV(AdaptiveWiener(), grid, scoring=hidden_pixel_scorer, cv=WholeImage())
    >>> search.fit(X, y).best_params_  # no clean image
    {'window': 15}
    """
    known = None if y is None else ~np.isnan(np.asarray(y, dtype=float))
    if known is None or known.all():
        return _own_score(estimator, X)
    if not known.any():
        raise ValueError("No pixel of X was hidden: y is NaN everywhere. Raise fraction.")
    if known.shape != np.shape(X):
        raise ValueError(
            f"Expected y to be of the shape of X, {np.shape(X)}, got {known.shape}. Take both from "
            "one hide_pixels(noisy)."
        )
    predicted, truth = np.asarray(estimator.transform(X), dtype=float), np.asarray(y, dtype=float)
    warn_of_units(truth[known], predicted[known])
    return prediction_score(predicted, truth)


def _own_score(estimator, X):
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    binning = getattr(last, "binning_", 1)
    if binning > 1:
        raise ValueError(
            f"The held-out pixels of {type(last).__name__} are those of an image binned by "
            f"{binning:g}, and do not compare with those at another binning. Hide pixels of the "
            "full grid: X, y = hide_pixels(noisy) of sk_noise2sr.model_selection, then fit(X, y)."
        )
    try:
        return estimator.score(X)
    except (TypeError, AttributeError) as error:  # it asks for y, or has no score
        raise ValueError(
            f"{type(estimator).__name__} has no score without a reference. Hide pixels from it: "
            "X, y = hide_pixels(noisy) of sk_noise2sr.model_selection, then fit(X, y)."
        ) from error


def _check_reference(y, name):
    if y is None:
        raise ValueError(
            f"{name} compares with a reference: call fit(X, y) with the clean image as y, or use "
            "hidden_pixel_scorer, which needs none."
        )
    return y
