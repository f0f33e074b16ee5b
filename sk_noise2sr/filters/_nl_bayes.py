"""Non-local Bayes: similar blocks are samples of one normal distribution."""

import math
from functools import partial
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._validation import validated
from ._blocks import block_cosines
from ._give_back import give_back
from ._groups import filter_groups
from ._noise_units import denoise
from ._profiles import PROFILES, Stage

_ANY = 1e9  # a distance of matches that none exceeds
# As in the second pass of BM3D, except for crystals: there all copies of a motif are taken, however
# much they differ, which the covariance describes. Guides are smooth, so the lowest two thirds of
# the coefficients find the same copies.
STAGES = {name: second for name, (_, second) in PROFILES.items()}
STAGES["crystal"] = Stage(15, 5, 32, _ANY, radius=96, compared=10)
_OWN = 0.9  # share of a block's own deviation in its variance, among true copies
_SPREAD = 0.1  # variance over a group, in that of noise, at which blocks count half as copies


@validated(
    {
        "sigma": [Interval(Real, 0, None, closed="left"), "array-like"],
        "profile": [StrOptions({"auto", *STAGES})],
        "signal": [Interval(Real, 0, 1, closed="right")],
    }
)
def nl_bayes(
    image: ArrayLike,
    sigma: float | ArrayLike,
    guide: ArrayLike,
    *,
    profile: str = "auto",
    valid: ArrayLike | None = None,
    signal: float = 0.6,
) -> np.ndarray:
    """Remove white Gaussian noise by what similar blocks of a first estimate have in common.

    Blocks that look alike in the guide are taken for samples of one normal distribution, whose
    covariance C is that of the guide. The noisy blocks y at these places are replaced by their most
    probable clean values, ``m + C (C + sigma**2)^-1 (y - m)`` [1]_. Where a motif repeats, the
    mean m over all its copies has hardly any noise left, and the differences of copies
    are kept as far as they stand out of the noise.

    The result has the gain and the offset of the image.

    Parameters
    ----------
    image : array-like of shape (height, width)
        Noisy intensities, of any unit.
    sigma : float or array-like of shape (height, width)
        Standard deviation of the noise, or that of each pixel, which changes slowly; at least 0,
        in the unit of the image. 0, or less than rounding in single precision, returns the
        image.
    guide : array-like of shape (height, width)
        A first estimate of the clean image.
    profile : {"auto", "normal", "high_noise", "crystal"}, default="auto"
        Size of blocks and how far away others are looked for: 8, 11 or 15 pixels, within 19, 19
        or 96. ``"auto"`` chooses between the first two, as :func:`bm3d` does.
    valid : array-like of shape (height, width), default=None
        As in :func:`bm3d`.
    signal : float, default=0.6
        Share of the covariance of the guide that is signal, above 0 and at most 1; its errors make
        the rest. Less suits a guide that is itself a filtered result: its errors follow the noise.

    Returns
    -------
    ndarray of shape (height, width)
        The denoised image, of the floating type of `image`; integers come back as the floating
        type that holds them. Nothing is clipped.

    Raises
    ------
    ValueError
        If the image has not two axes of at least a pixel, or is not of real, finite numbers, or
        sigma, guide or `valid` have another shape, or a parameter is out of its range.

    Notes
    -----
    This is the second step as published, with five changes:

    - The mean m lies between that of the guide and that of the noisy blocks. It departs from the
      guide's as far as both differ by more than noise explains [2]_, in cosine coefficients that
      stand out of the noise. So errors of the guide about a repeated motif are corrected.
    - C is `signal` times the covariance of the guide, part of which is errors of the guide.
    - Where blocks are true copies of one motif, each has a variance of its own along each
      eigenvector. Otherwise one vacancy among 31 columns would have a 32nd of its variance, and be
      filled.
    - Copies are shifted by parts of a pixel against one another. A shift is no deviation to be
      shrunk: it is estimated like the mean. The less of the deviations in a group shifts explain,
      the less its blocks count as copies.
    - Last, where the noisy image differs from what look-alikes have in common by more than noise
      does at one column of 500, or elsewhere in three images of a hundred, the part that the result
      lacks is given back. A column is moved if it stands off its place by more than noise explains
      at one of 10 000.

    References
    ----------
    .. [1] M. Lebrun, A. Buades, J.-M. Morel, "A Nonlocal Bayesian Image Denoising Algorithm", SIAM
       Journal on Imaging Sciences 6, 1665-1688, 2013, equation 2.10.
    .. [2] W. James, C. Stein, "Estimation with Quadratic Loss", Berkeley Symposium on Mathematical
       Statistics and Probability 1, 361-379, 1961.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.ndimage import gaussian_filter
    >>> from sk_noise2sr.filters import nl_bayes
    >>> clean = np.add.outer(np.arange(64) // 16 % 2, np.arange(64) // 16 % 2)
    >>> noisy = clean + np.random.default_rng(0).normal(0, 0.2, clean.shape)
    >>> blurred = gaussian_filter(noisy, 1)
    >>> denoised = nl_bayes(noisy, 0.2, blurred)
    >>> print(round((blurred - clean).std(), 2), round((denoised - clean).std(), 2))
    0.15 0.08
    """
    if guide is None:
        raise ValueError("Expected a guide, a first estimate of the clean image; bm3d needs none.")
    return denoise(image, sigma, guide, profile, valid, STAGES, partial(_filter, signal=signal))


def _filter(noisy, guide, stage, uneven, valid, signal):
    """Filter groups, and give back what makes one place differ from its look-alikes."""
    by_signal = partial(shrink, signal=np.float32(signal))
    denoised, usual = filter_groups(noisy, guide, stage, by_signal, 2, valid, uneven)
    return give_back(noisy, denoised, usual)


def shrink(groups, guides, signal):
    """Return the most probable clean blocks of groups, weights, and what all have in common.

    Groups have the shape (n, group size, pixels). The deviations D of the guide from its mean, one
    block a row, have the singular values s: D = U S V'. Along a direction of V, the variance of a
    block is s**2 times its prior. V is D'U / s, and is never computed.
    """
    size, n_values = groups.shape[1:]
    means, guide_means = (x.mean(axis=1, keepdims=True) for x in (groups, guides))
    noisy, known = groups - means, guides - guide_means
    noisy, known, placed, copies = _placed(noisy, known, guide_means)
    powers, directions = np.linalg.eigh(known @ known.swapaxes(1, 2))
    powers = np.maximum(powers, 0)[:, np.newaxis]
    prior = signal * _prior(directions, copies)
    gains = prior / (1 + powers * prior)
    along = noisy @ known.swapaxes(1, 2) @ directions
    placed += (gains * along) @ directions.swapaxes(1, 2) @ known
    noise_left = (np.sum((powers * gains) ** 2, axis=(1, 2)) + n_values) / size
    means, usual = _means(means, guide_means, size)
    return means + placed, 1 / noise_left, usual[:, 0]


def _placed(noisy, known, guide_means):
    """Take the effect of shifts by parts of a pixel out of deviations, as far as blocks are copies.

    Returned are the rest of the deviations of the noisy blocks and of the guide, the most
    probable effect of the shifts, and how far blocks are copies, from 0 to 1.
    """
    slopes = _slopes(guide_means)
    across = slopes.swapaxes(1, 2)
    # Shifts have a deviation of a pixel: where no slope stands out of the noise, there are none.
    to_shifts = across @ np.linalg.inv(slopes @ across + np.eye(2, dtype=np.float32))
    measured, guessed = noisy @ to_shifts, known @ to_shifts
    rest = known - guessed @ slopes
    copies = 1 / (1 + (np.mean(rest**2, axis=(1, 2), keepdims=True) / np.float32(_SPREAD)) ** 2)
    more = measured - guessed
    surprise = np.mean((noisy - known) @ across * more, axis=(1, 2), keepdims=True)
    shifts = _believed(guessed, more, surprise)
    noisy, known = (x - copies * (y @ slopes) for x, y in ((noisy, measured), (known, guessed)))
    return noisy, known, copies * (shifts @ slopes), copies


def _slopes(blocks):
    """Return the derivatives of blocks, (n, 1, pixels), by rows and columns, (n, 2, pixels)."""
    side = math.isqrt(blocks.shape[2])
    slope = np.gradient(np.eye(side, dtype=np.float32), axis=0) if side > 1 else np.zeros((1, 1))
    blocks = blocks.reshape(-1, side, side)
    return np.stack([slope @ blocks, blocks @ slope.T], axis=1).reshape(-1, 2, side**2)


def _means(means, guide_means, size):
    """Return the most probable mean of a group, and that of its noisy blocks without noise."""
    cosines = block_cosines(math.isqrt(means.shape[2]))
    means, guide_means = means @ cosines, guide_means @ cosines
    kept = guide_means**2 / (guide_means**2 + np.float32(1 / size))
    kept[..., 0] = 1
    more = means - guide_means
    surprise = np.sum(kept * more**2, axis=2, keepdims=True) / np.sum(kept, axis=2, keepdims=True)
    probable = _believed(guide_means, kept * more, size * surprise)
    return probable @ cosines.T, kept * means @ cosines.T


def _believed(guess, more, surprise):
    """Correct a guess by a noisy measurement, as far as noise does not explain the difference.

    After James and Stein. `more` is measurement minus guess, and `surprise` the mean square of it,
    in variances of the noise.
    """
    tiny = np.finfo(np.float32).tiny
    return guess + np.maximum(0, 1 - 1 / np.maximum(surprise, tiny)) * more


def _prior(directions, copies):
    """Return the variance of each block along each direction, over the power of that direction.

    Where blocks are true copies, an odd one has a variance of its own, which is not shared out
    among the others. Where all blocks differ, they share one variance.
    """
    own = np.float32(_OWN) * copies
    return (1 - own) / directions.shape[1] + own * directions**2
