"""Shares of several estimates in one result, found from the noisy image alone.

The error of an estimate is its distance to the noisy image, corrected for how far the estimate
follows the noise (Stein's unbiased estimate of the risk). How far it does is measured: the image is
changed a little, by something like its noise, and denoised again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import nnls

from .._threads import threads_for
from ..grid import Colour, detail_width, graded, seen_share
from ..noise import Anscombe
from ._stabilized import leaves_nothing, stabilize

_NEAR, _FARTHER = 1.5, 2.5  # factors of the binning up to which, and from which on, blocks see far
_FILTERED = 0.7  # usual share of the filter in a refined result if it could not bin
# Variance of the changes, in units of that of the noise: from _SMALLEST to _LARGEST, so that about
# _ENOUGH counts change.
_SMALLEST, _LARGEST, _ENOUGH = 0.01, 0.1, 400
_MANY = 1e6  # counts whose number is as good as normal
# A network that was trained on the image has also learned some of its noise, which no change shows:
# this many degrees of freedom at most, and fewer for a network that follows the noise little. The
# filter that it guides has half of them (measured on eight photographs under known noise).
_TRAINED, _OF_GUIDED = 300.0, 0.5
_DOUBT = 1.0  # prior standard deviation of shares about the usual ones
_UNEVEN, _EVEN = 0.02, 0.005  # relative variance of the strength of the noise
_SMALL = 0.05  # a share not worth the time that it takes
_LEAST = 0.01  # of the mean variance: a floor, so that single counts in the dark do no harm
_TINY = np.finfo(float).tiny
_SALT = 0x6D6978  # of the seed: the changes are independent of other random numbers
_STRICT = 1e3  # weight of the condition that shares add up to 1


def usual_shares(refining):
    """Return the shares of a filter that has learned none: where blocks see little, more guide."""
    filtered = 1 - _blind(refining) * (1 - _FILTERED)
    filtered *= (1 + 1 / refining.drowned) / 2
    return 1 - filtered, filtered, 0.0, 0.0


def weight_of_learned(refining: Any) -> float:
    """Return how far learned shares count: less, the larger the binning, but where few are counted.

    There a network may learn nothing.

    Parameters
    ----------
    refining : CollaborativeFilter
        The filter.

    Returns
    -------
    float
        From 0 to 1.
    """
    return max(_blind(refining), 1 - refining.normal)


def _blind(refining):
    """Return how far blocks see too little of their like, from 0 to 1."""
    return float(graded(refining.grid.binning, (_FARTHER, _NEAR)))


def with_mixture(
    refining: Any,
    image: np.ndarray,
    make_guide: Callable[[np.ndarray], np.ndarray],
    n_passes: int = 1,
    seed: int = 0,
    trained: float = 0.0,
) -> Any:
    """Return a filter with the shares that suit an image.

    The changes contain no lines that are displaced or too bright. As far as there are such lines,
    the guide gets the share of the filter.

    Parameters
    ----------
    refining : CollaborativeFilter
        The filter.
    image : ndarray of shape (height, width)
        Noisy image, not constant.
    make_guide : callable
        Maps a noisy image to the result of a network.
    n_passes : int, default=1
        How often it is filtered, guided.
    seed : int, default=0
        Seed of the changes.
    trained : float, default=0.0
        How much of the pixels that the network was trained on `image` holds, from 0 to 1.

    Returns
    -------
    CollaborativeFilter
        The filter; the same if its noise model leaves nothing of the image.
    """
    if leaves_nothing(stabilize(image, refining.anscombe)):
        return refining

    def estimates(noisy):
        guide = make_guide(noisy)
        guided = refining.denoise(noisy, guide, n_passes=n_passes)
        added = np.mean((noisy - image) ** 2)  # a change would pass for signal
        linear = refining._weigh_frequencies(noisy, added=added)
        return guide, guided, refining.denoise(noisy), linear

    rng, uneven = np.random.default_rng([_SALT, seed]), refining._unevenness(image)
    noise = refining.anscombe, refining.colour, rng, uneven
    *changes, variance = changes_like_noise(image, make_guide(image), *noise)
    usual, believed = usual_shares(refining), weight_of_learned(refining)
    # Smooth or uneven noise, and that of few counts, is too little known for a filter that follows
    # it far more than others.
    linear = refining.normal * (1.0 if refining.colour is None else 1 - refining.colour.not_white)
    if uneven is not None:
        strength = uneven.astype(float) ** 2
        linear *= float(graded(strength.var() / strength.mean() ** 2, (_UNEVEN, _EVEN)))
    how = {"trained": trained, "believed": believed, "linear": linear}
    shares = find_shares(estimates, image, changes, variance, usual, **how)
    return replace(refining, mixture=refining._weighed(shares))


def find_shares(
    estimates: Callable[[np.ndarray], Sequence[np.ndarray]],
    image: np.ndarray,
    changes: Sequence[np.ndarray],
    variance: float,
    usual: Sequence[float],
    trained: float = 0.0,
    believed: float = 1.0,
    linear: float = 1.0,
) -> tuple[float, ...]:
    """Find the mixture of estimates that is nearest to the clean image.

    The distance of an estimate to the noisy image gives its distance to the clean one, once it is
    known how far the estimate follows the noise [1]_. Small changes that are like the noise show
    that: for counts, one more or one less here and there [2]_.

    Parameters
    ----------
    estimates : callable
        Maps a noisy image to several estimates of the clean one; threads may call it at a time.
    image : ndarray of shape (height, width)
        The noisy image.
    changes : sequence of ndarray of shape (height, width)
        Small changes, with the spectrum and the distribution of the noise.
    variance : float
        Mean variance of the noise, above 0.
    usual : sequence of float
        Prior shares; they add up to 1.
    trained : float, default=0.0
        How much of the pixels that the first estimate was trained on `image` holds, from 0 to 1. If
        not 0, the first guides the second, and the others are independent of it.
    believed : float, default=1.0
        Weight of the shares that are found, beside the usual ones, from 0 to 1.
    linear : float, default=1.0
        Weight of shares that are found for all estimates, beside those without the last one, a
        linear filter.

    Returns
    -------
    tuple of float
        Shares, not negative, that add up to 1; small ones are 0.

    References
    ----------
    .. [1] C. Stein, "Estimation of the Mean of a Multivariate Normal Distribution", The Annals of
       Statistics 9, 1135-1151, 1981, theorem 1.
    .. [2] H. M. Hudson, "A Natural Identity for Exponential Families with Applications in
       Multiparameter Estimation", The Annals of Statistics 6, 473-484, 1978, of Poisson counts.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> rng = np.random.default_rng(0)
    >>> smooth = 20 * gaussian_filter(rng.normal(size=(96, 96)), 6)
    >>> noisy, change = smooth + rng.normal(size=(96, 96)), 0.1 * rng.normal(size=(96, 96))
    >>> def estimates(image):
    ...     return image, gaussian_filter(image, 3)
    >>> shares = find_shares(estimates, noisy, (change, -change), 1.0, (0.5, 0.5))
    >>> bool(shares[1] > 0.9)
    True
    """
    usual = np.asarray(usual)
    images = (image, *(image + change for change in changes))
    made, *changed = Parallel(threads_for(images), "threading")(
        delayed(_rows_of)(estimates, each) for each in images
    )
    followed, power = np.zeros(len(usual)), _TINY
    for change, rows in zip(changes, changed, strict=True):
        followed += (rows - made) @ change.ravel()
        power += np.mean(change**2)
    followed *= variance / power
    if trained:
        own = max(followed[0] / variance, 0.0)
        most = trained * _TRAINED
        followed[:2] += np.array([1.0, _OF_GUIDED]) * variance * most * own / (most + own)
    shares = np.zeros(len(usual))
    if linear > 0:
        shares += linear * _most_probable(image, made, followed, variance, usual)
    if linear < 1:
        others = (each[:-1] for each in (made, followed))
        shares[:-1] += (1 - linear) * _most_probable(image, *others, variance, usual[:-1])
    shares = believed * shares + (1 - believed) * usual
    shares = np.where(shares < _SMALL, 0, shares)
    return tuple((shares / shares.sum()).tolist())


def _rows_of(estimates, image):
    return np.stack([each.ravel() for each in estimates(image)]).astype(np.float64)


def changes_like_noise(
    image: np.ndarray,
    clean: np.ndarray,
    anscombe: Anscombe,
    colour: Colour | None,
    rng: np.random.Generator,
    uneven: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return two small changes that are like the noise of an image, for :func:`find_shares`.

    The first adds a few counts where they are expected, the second removes a few of those that
    were seen. As far as neighbours share noise, both are normal noise with its spectrum.

    Parameters
    ----------
    image, clean : ndarray of shape (height, width)
        The noisy image, and about what it is without noise.
    anscombe : Anscombe
        Stabilises its noise.
    colour : Colour or None
        The colour of the stabilised noise; None for white noise.
    rng : numpy.random.Generator
        Source of chance.
    uneven : ndarray of shape (height, width) or None, default=None
        Factors by which the deviation of the noise exceeds that of `anscombe`; None for 1.

    Returns
    -------
    more, less : ndarray of shape (height, width)
        The changes, of mean zero.
    variance : float
        Mean variance of the noise.
    """
    expected, seen = np.maximum(anscombe.variance(clean), _TINY), anscombe.variance(image)
    step = np.clip(_ENOUGH * anscombe.a**2 / expected.sum(), _SMALLEST, _LARGEST)
    shared = 0.0 if colour is None else colour.not_white
    factors = 1.0 if uneven is None else uneven.astype(float) ** 2  # counts are fewer there
    variances, gain = factors * expected, factors * anscombe.a
    more, less = _changes_of_counts(
        variances, factors * seen, np.broadcast_to(gain, seen.shape), (1 - shared) * step, rng
    )
    if not shared:
        return more, less, variances.mean()
    level = _level_of_smooth(image, clean, variances, colour)
    smooth = level * np.sqrt(shared * step * variances) * colour.sample(image.shape, rng)
    total = variances.mean() * (1 - shared + shared * level**2)
    return more + smooth, less - smooth, total


def _level_of_smooth(image, clean, variances, colour):
    """Return the deviation of stabilised smooth noise, by a high pass or in the residual.

    Both rather underestimate it, so the larger one counts.
    """
    deviations = np.sqrt(np.maximum(variances, _LEAST * variances.mean()))
    seen = seen_share((image - clean) / deviations, colour, detail_width(clean))
    return 1 / np.sqrt(min(seen, colour.high_passed))


def _changes_of_counts(variance, seen, a, share, rng):
    """Return counts to add, and counts to remove, with a share of the variance of the noise."""
    if np.any(variance > _MANY * a**2):
        normal = np.sqrt(share * variance) * rng.normal(size=variance.shape)
        return normal, -normal
    expected, seen = variance / a**2, seen / a**2
    whole = np.floor(seen + rng.random(seen.shape)).astype(np.int64)
    more = rng.poisson(share * expected) - share * expected
    less = share * seen - rng.binomial(whole, share)
    return a * more, a * less


def _most_probable(image, made, followed, variance, usual):
    """Return shares, not negative, from normal equations and a normal prior."""
    mixed = usual @ made
    made, followed = made - mixed, followed - usual @ followed
    told = made @ (image.ravel() - mixed) - followed
    precision = made @ made.T / variance + np.eye(len(usual)) / _DOUBT**2
    told = told / variance + precision @ usual
    root = np.linalg.cholesky(precision)
    strict = _STRICT * np.sqrt(np.trace(precision))
    equations = np.vstack([root.T, np.full(len(usual), strict)])
    return nnls(equations, np.append(np.linalg.solve(root, told), strict))[0]
