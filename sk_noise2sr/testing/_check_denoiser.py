"""scikit-learn's checks and those of images, on one denoiser."""

import warnings
from typing import Any

from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from ..datasets import make_hrem
from ._contract import CONTRACT
from ._expected_failures import EXPECTED_FAILURES


def check_denoiser(
    estimator: Any, *, expected_failures: dict[str, str] | None = None
) -> dict[str, str]:
    """Check that a denoiser keeps the contract of those of this package.

    Runs the checks of scikit-learn, but for those that an image cannot pass, and those of
    ``CONTRACT``: other sizes, stacks, types, seeds, constant images, pickles, pipelines, bad input.
    It fits more than a hundred times on small images: give parameters with which a fit is quick.

    Parameters
    ----------
    estimator : BaseDenoiser
        An unfitted denoiser that learns from ``X`` alone. To check one that needs a target, derive
        a class from it whose ``fit`` makes the target of ``X``.
    expected_failures : dict of str to str or None, default=None
        Names of further checks that may fail, with reasons, beside ``EXPECTED_FAILURES``.

    Returns
    -------
    dict of str to str
        ``"passed"``, ``"skipped"`` or ``"xfail"`` by the name of the check.

    Raises
    ------
    AssertionError
        If a check fails; the message has a line for each.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.testing import check_denoiser
    >>> outcomes = check_denoiser(AdaptiveWiener(window=3))
    >>> outcomes["check_same_seed"], outcomes["check_methods_subset_invariance"]
    ('passed', 'xfail')
    """
    expected = {**EXPECTED_FAILURES, **(expected_failures or {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(
            estimator, expected_failed_checks=expected, on_skip=None, on_fail=None
        )
        outcomes = {each["check_name"]: (each["status"], each["exception"]) for each in results}
        outcomes |= _check_images(estimator, expected)
    failed = [
        f"{name}: {_one_line(error)}" for name, (how, error) in outcomes.items() if how == "failed"
    ]
    if failed:
        name = type(estimator).__name__
        raise AssertionError(
            "\n".join([f"{name} does not keep the contract of a denoiser:", *failed])
        )
    return {name: status for name, (status, _) in outcomes.items()}


def _check_images(estimator, expected):
    clean, noisy = (image.astype(float) for image in make_hrem((48, 48), random_state=0))
    fitted, outcomes = clone(estimator).fit(noisy), {}
    for check in CONTRACT:
        try:
            check(fitted, noisy.copy(), clean)
            outcomes[check.__name__] = "passed", None
        except Exception as error:
            status = "xfail" if check.__name__ in expected else "failed"
            outcomes[check.__name__] = status, error
    return outcomes


def _one_line(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
