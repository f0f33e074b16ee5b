"""Odd places that a result lacks: found in the noisy image, and added."""

from functools import partial
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._validation import validated
from ._give_back import give_back
from ._groups import filter_groups
from ._nl_bayes import STAGES, shrink
from ._noise_units import denoise


@validated(
    {
        "sigma": [Interval(Real, 0, None, closed="left"), "array-like"],
        "profile": [StrOptions({"auto", *STAGES})],
    }
)
def show_odd(
    image: ArrayLike,
    sigma: float | ArrayLike,
    result: ArrayLike,
    *,
    profile: str = "auto",
    valid: ArrayLike | None = None,
) -> np.ndarray:
    """Add to a result what it lacks at single places that differ from their look-alikes.

    Any result may lack a vacancy or a foreign atom: a network draws it like its neighbours. The
    image is compared with what similar blocks of the result have in common. The limit is such that
    noise alone makes a place odd in three images of a hundred.

    Parameters
    ----------
    image : array-like of shape (height, width)
        Noisy intensities, of any unit.
    sigma : float or array-like of shape (height, width)
        Standard deviation of the noise, as in :func:`nl_bayes`.
    result : array-like of shape (height, width)
        What any method made of the image.
    profile : {"auto", "normal", "high_noise", "crystal"}, default="auto"
        Size of blocks and how far away others are looked for, as in :func:`nl_bayes`. Of few
        look-alikes nearby, an odd one is hardly told: then ``"crystal"`` looks farther.
    valid : array-like of shape (height, width), default=None
        As in :func:`bm3d`.

    Returns
    -------
    ndarray of shape (height, width)
        The result; the same, up to rounding, where nothing is odd. Without noise, the image.

    Raises
    ------
    ValueError
        If there is no result, the image has not two axes of at least a pixel, an array is not of
        real, finite numbers or has another shape, or a parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.filters import show_odd
    >>> y, x = np.mgrid[:96, :96]
    >>> lattice = np.exp(3 * (np.cos(y * np.pi / 6) + np.cos(x * np.pi / 6) - 2))
    >>> column = np.exp(-((y - 48) ** 2 + (x - 48) ** 2) / 2.5)
    >>> noisy = lattice - column + np.random.default_rng(0).normal(0, 0.15, column.shape)
    >>> shown = lattice - show_odd(noisy, 0.15, lattice, profile="crystal")
    >>> print(f"{np.sum(shown * column) / np.sum(column**2):.1f}")
    0.9
    """
    if result is None:
        raise ValueError("Expected a result, an image that some method made of this one; got None.")
    return denoise(image, sigma, result, profile, valid, STAGES, _compare)


def _compare(noisy, result, stage, uneven, valid):
    """Add to a result what it lacks, beside what its look-alikes have in common."""
    whole = partial(shrink, signal=np.float32(1))
    _, usual = filter_groups(noisy, result, stage, whole, 2, valid, uneven)
    return give_back(noisy, result, usual, rare=True)
