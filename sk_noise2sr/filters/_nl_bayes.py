"""Non-local Bayes: similar blocks are samples of one normal distribution."""

from functools import partial
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._validation import validated
from ._give_back import give_back
from ._groups import PROFILES, Stage, check_valid, denoise, filter_groups

_ANY = 1e9  # distance of a match, which nothing exceeds
# As in the second pass of BM3D; but in crystals all copies of a motif are welcome, however much
# they differ: that is what the covariance is for.
STAGES = {name: second for name, (_, second) in PROFILES.items()}
STAGES["crystal"] = Stage(15, 5, 32, _ANY, radius=64)
_SIGNAL = 0.6  # share of the covariance of the guide that is signal; its errors make the rest
_OWN = 0.9  # share of a block's own deviation in its variance, among true copies
_SPREAD = 0.1  # of coefficients over a group, in noise variances, where that share has halved


@validated(
    {
        "sigma": [Interval(Real, 0, None, closed="left")],
        "profile": [StrOptions({"auto", *STAGES})],
    }
)
def nl_bayes(
    image: ArrayLike,
    sigma: float,
    guide: ArrayLike,
    *,
    profile: str = "auto",
    valid: ArrayLike | None = None,
) -> np.ndarray:
    """Remove white Gaussian noise by what similar blocks of a first estimate have in common.

    Blocks that look alike in the guide are taken for samples of one normal distribution, whose
    covariance C the guide tells. The noisy blocks y at these places are replaced by their most
    probable clean values, ``m + C (C + sigma**2)^-1 (y - m)`` [1]_. Where a motif repeats, the
    mean m over all its copies has hardly any noise left, and what sets copies apart
    is kept as far as it stands out of the noise.

    Gain and offset of the image are those of the result.

    Parameters
    ----------
    image : array-like of shape (height, width)
        Noisy intensities, of any unit.
    sigma : float
        Standard deviation of the noise, at least 0, in the unit of the image. 0, or less than
        single precision can tell from it, returns the image.
    guide : array-like of shape (height, width)
        A first estimate of the clean image.
    profile : {"auto", "normal", "high_noise", "crystal"}, default="auto"
        Size of blocks and how far away others are looked for: 8, 11 or 15 pixels, within 19, 19
        or 64. ``"auto"`` chooses between the first two, as :func:`bm3d` does.
    valid : array-like of shape (height, width), default=None
        As in :func:`bm3d`.

    Returns
    -------
    ndarray of shape (height, width)
        The denoised image, of the floating type of `image`; integers come back as the floating
        type that holds them. Nothing is clipped.

    Raises
    ------
    ValueError
        If the image has not two axes of at least a pixel, or is not of real, finite numbers, or
        guide or `valid` have another shape, or a parameter is out of its range.

    Notes
    -----
    This is the second step as published, but for four things. The mean m is that of the noisy
    blocks, not of the guide: what the guide got wrong about a motif that repeats does not stay.
    It is shrunk once more, by g**2 / (g**2 + sigma**2 / n) for the mean g of the guide over n
    blocks and each of its cosine coefficients, so that a block like no other is filtered too.
    C is 0.6 times the covariance of the guide, whose errors differ from block to block too. And
    where blocks are true copies of one motif, C is a block's own along each eigenvector: one
    vacancy among 31 columns would have a 32nd of its variance otherwise, and be filled. How much
    a block has of its own falls with the spread of its group, smoothly.

    Last, where the noisy image departs from what look-alikes have in common by more than noise
    does anywhere in one image of twenty, what the result does not show of it is given back.

    References
    ----------
    .. [1] M. Lebrun, A. Buades, J.-M. Morel, "A Nonlocal Bayesian Image Denoising Algorithm", SIAM
       Journal on Imaging Sciences 6, 1665-1688, 2013, equation 2.10.

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
    filter_image = partial(_filter, valid=check_valid(valid, np.shape(image)))
    return denoise(image, sigma, guide, profile, STAGES, filter_image)


def _filter(noisy, guide, stage, valid):
    """Filter groups, and give back what stands out of them all the same."""
    denoised, usual = filter_groups(noisy, guide, stage, _shrink, 2, valid)
    return give_back(noisy, denoised, usual)


def _shrink(groups, guides):
    """Return the most probable clean blocks of groups, weights, and what all have in common.

    Groups have the shape (n, group size, coefficients). The deviations D of the guide, one a row,
    are U S V'. Along a direction of V, the variance of a block is s**2 times its prior, and V
    itself is not needed: it is D'U / s.
    """
    size, n_values = groups.shape[1:]
    means, guide_means = (x.mean(axis=1, keepdims=True) for x in (groups, guides))
    kept = guide_means**2 / (guide_means**2 + np.float32(1 / size))
    kept[..., 0] = 1
    deviations = guides - guide_means
    powers, directions = np.linalg.eigh(deviations @ deviations.swapaxes(1, 2))
    powers = np.maximum(powers, 0)[:, np.newaxis]
    prior = _prior(directions, powers.mean(axis=2, keepdims=True) / n_values)
    gains = prior / (1 + powers * prior)
    along = (groups - means) @ deviations.swapaxes(1, 2) @ directions
    explained = (gains * along) @ directions.swapaxes(1, 2) @ deviations
    noise_left = (np.sum((powers * gains) ** 2, axis=(1, 2)) + n_values) / size
    means *= kept
    return means + explained, 1 / noise_left, means[:, 0]


def _prior(directions, spread):
    """Return the variance of each block along each direction, over the power of that direction.

    Where blocks are true copies, one that departs from them has a variance of its own, and what is
    odd about it is not shared out among the others. `spread` is the mean variance of coefficients
    over a group, in units of the noise: where it is large, all blocks differ and share one.
    """
    own = np.float32(_OWN) / (1 + (spread / np.float32(_SPREAD)) ** 2)
    return np.float32(_SIGNAL) * ((1 - own) / directions.shape[1] + own * directions**2)
