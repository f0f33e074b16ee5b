"""Make a scorer for scikit-learn from any metric of two images."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ._scorers import _check_reference


def make_image_scorer(
    metric: Callable[..., Any], *, greater_is_better: bool = True
) -> Callable[..., Any]:
    """Make a scorer for the searches of scikit-learn.

    Like :func:`sklearn.metrics.make_scorer`, for images: the metric compares the reference with
    the denoised image.

    Parameters
    ----------
    metric : callable
        Maps a reference and an image of its shape to a number, such as
        :func:`~sk_noise2sr.metrics.rmse`.
    greater_is_better : bool, default=True
        False for errors; their sign is changed.

    Returns
    -------
    callable
        For ``scoring=``: maps an estimator, `X` and `y` to a number, greater is better.

    Raises
    ------
    TypeError
        If `metric` cannot be called.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.metrics import make_image_scorer, rmse
    >>> from sk_noise2sr.model_selection import WholeImage
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> scorer = make_image_scorer(rmse, greater_is_better=False)
    >>> grid = {"window": [3, 15]}
    >>> search = GridSearchCV(AdaptiveWiener(), grid, scoring=scorer, cv=WholeImage())
    >>> search.fit(noisy, clean).best_params_
    {'window': 15}
    """
    if not callable(metric):
        raise TypeError(f"Expected a metric to call, metric(reference, image), got {metric!r}.")
    return partial(_score, metric, 1 if greater_is_better else -1)


def _score(metric, sign, estimator, X, y=None):
    return sign * metric(_check_reference(y, "This scorer"), estimator.transform(X))
