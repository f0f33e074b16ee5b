"""Where the documentation lies: what the pictures of estimators in notebooks link to."""

import importlib.metadata
import os
from functools import cache

ADDRESS = "SK_NOISE2SR_DOCS"


def documentation():
    """Return the address of the documentation, without a slash at its end.

    Returns
    -------
    str
        The environment variable ``SK_NOISE2SR_DOCS``, such as the ``docs/_build/html`` that
        ``make docs`` has built; else the address in the metadata of the installed package; empty
        where there is neither.
    """
    return os.environ.get(ADDRESS, _published()).rstrip("/")


@cache
def _published():
    try:
        addresses = importlib.metadata.metadata("sk_noise2sr").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    named = dict(address.split(", ", 1) for address in addresses)
    return named.get("Documentation", "")


def doc_page(estimator):
    """Return the address of the page of an estimator, with gaps that scikit-learn fills.

    Parameters
    ----------
    estimator : BaseEstimator
        Of this package.

    Returns
    -------
    str
        Empty where no documentation is known; then no link is drawn.
    """
    address = documentation()
    return (
        f"{address}/api/generated/{{estimator_module}}.{{estimator_name}}.html" if address else ""
    )
