"""Counts split at random into two images of independent noise."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval

from .._checks import without_mask
from .._types import Seed
from .._validation import validated

_MOST = 2.0**53  # whole numbers are exact up to there


@validated(
    {
        "gain": [Interval(Real, 0, None, closed="neither")],
        "share": [Interval(Real, 0, 1, closed="neither")],
    }
)
def thin_counts(
    counted: ArrayLike, gain: float = 1.0, share: float = 0.2, random_state: Seed = None
) -> tuple[np.ndarray, np.ndarray]:
    """Split an image of counts into one to denoise and one to test the result on.

    Every electron goes to the test with the probability `share`. Both images then hold Poisson
    counts of the same scene, with independent noise. So the test is valid whatever the denoiser
    did.

    Parameters
    ----------
    counted : array-like of shape (height, width) or (n, height, width)
        Counts times `gain`, at least 0.
    gain : float, default=1.0
        Intensity of one count, above 0.
    share : float, default=0.2
        Share of the counts that tests, between 0 and 1.
    random_state : int, Generator or None, default=None
        Seed, or where the random numbers come from.

    Returns
    -------
    noisy : ndarray of float64 of the shape of `counted`
        What to denoise: noise of variance ``gain / (1 - share)`` times the intensity.
    test : ndarray of float64 of the shape of `counted`
        What to test on: noise of variance ``gain / share`` times the intensity.

    Raises
    ------
    ValueError
        If the image holds no whole counts.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.trust import thin_counts
    >>> counts = np.random.default_rng(0).poisson(9.0, (200, 200))
    >>> noisy, test = thin_counts(counts, share=0.5, random_state=0)
    >>> print(round(noisy.mean()), round(test.mean()), round(test.var() / (9 / 0.5), 1))
    9 9 1.0
    """
    exact = without_mask(counted).astype(np.float64) / gain
    counts = np.rint(exact)
    if not (np.isfinite(exact).all() and (counts >= 0).all() and np.allclose(exact, counts)):
        raise ValueError(
            f"Expected whole counts of at least 0 times gain={gain:g}, got other values. Give the "
            "intensity of one count as gain, or compare without thinning."
        )
    if counts.max(initial=0) > _MOST:
        raise ValueError(
            f"Expected at most {_MOST:g} counts a pixel, got {counts.max():g}. Give the intensity "
            "of one count as gain."
        )
    taken = np.random.default_rng(random_state).binomial(counts.astype(np.int64), share)
    return gain * (counts - taken) / (1 - share), gain * taken / share
