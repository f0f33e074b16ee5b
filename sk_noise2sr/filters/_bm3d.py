"""BM3D: similar blocks are stacked up, and noise is removed in the transform of the stack."""

import math
from functools import cache, partial
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._validation import validated
from ._blocks import block_cosines
from ._groups import filter_groups
from ._noise_units import denoise
from ._profiles import PROFILES


@validated(
    {
        "sigma": [Interval(Real, 0, None, closed="left"), "array-like"],
        "profile": [StrOptions({"auto", *PROFILES})],
    }
)
def bm3d(
    image: ArrayLike,
    sigma: float | ArrayLike,
    *,
    guide: ArrayLike | None = None,
    profile: str = "auto",
    valid: ArrayLike | None = None,
) -> np.ndarray:
    """Remove white Gaussian noise by block-matching and collaborative filtering.

    Similar blocks are stacked into groups. In a three-dimensional transform of a group,
    signal is sparse and noise is not: small coefficients are set to 0. This first estimate serves
    to find better groups, and as the signal of a Wiener filter, in a second pass. Each
    pixel is the weighted mean of the estimates of all blocks that contain it [1]_, [2]_.

    The result has the gain and the offset of the image.

    Parameters
    ----------
    image : array-like of shape (height, width)
        Noisy intensities, of any unit.
    sigma : float or array-like of shape (height, width)
        Standard deviation of the noise, or that of each pixel, which changes slowly; at least 0,
        in the unit of the image. 0, or less than rounding in single precision, returns the
        image.
    guide : array-like of shape (height, width), default=None
        A first estimate of the clean image, from elsewhere. It takes the place of the first
        pass: it says which blocks look alike, and how strong their signal is. None makes one.
    profile : {"auto", "normal", "high_noise", "crystal"}, default="auto"
        Set of parameters. ``"normal"`` and ``"high_noise"`` are published; the latter has larger
        blocks, and compares them after a first threshold. ``"auto"`` takes it where `sigma`
        exceeds half of the standard deviation of the image. ``"crystal"``, our own, looks five
        times as far for blocks of that size, and takes several times as long: for images in
        which a motif repeats.
    valid : array-like of shape (height, width), default=None
        How far each pixel is part of the picture, from 0 to 1. The more of a block was filled in,
        the less it counts. None is 1 everywhere.

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
    Differences from the publications: the first stage uses the cosine transform too; the mean of a
    group is never removed, so that an offset of the image changes nothing; and distances of matches
    are limited in units of the noise.

    References
    ----------
    .. [1] K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image Denoising by Sparse 3-D
       Transform-Domain Collaborative Filtering", IEEE TIP 16, 2080-2095, 2007.
    .. [2] M. Lebrun, "An Analysis and Implementation of the BM3D Image Denoising Method", IPOL
       2, 175-213, 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.filters import bm3d
    >>> clean = np.add.outer(np.arange(64) // 16 % 2, np.arange(64) // 16 % 2)
    >>> noisy = clean + np.random.default_rng(0).normal(0, 0.2, clean.shape)
    >>> print(round((bm3d(noisy, sigma=0.2) - clean).std(), 2))
    0.04
    """
    return denoise(image, sigma, guide, profile, valid, PROFILES, _two_passes)


def _two_passes(noisy, guide, stages, uneven, valid):
    """Filter against a threshold, unless there is a guide, and then by the weights it gives."""
    first, second = stages
    if guide is None:
        shrink = partial(_shrink, threshold=first.threshold)
        (guide,) = filter_groups(noisy, None, first, shrink, valid=valid, uneven=uneven)
    return filter_groups(noisy, guide, second, _shrink, valid=valid, uneven=uneven)[0]


def _shrink(groups, guides, threshold=0.0):
    """Shrink the coefficients of groups (n, group size, pixels of a block)."""
    haar, cosines = _haar(groups.shape[1]), block_cosines(math.isqrt(groups.shape[2]))
    mixed = haar @ groups @ cosines
    if guides is None:
        factors = (np.abs(mixed) > threshold).astype(np.float32)
    else:
        power = (haar @ guides @ cosines) ** 2
        factors = power / (power + 1)
    factors[:, 0, 0] = 1
    mixed *= factors
    return haar.T @ mixed @ cosines.T, 1 / np.einsum("ngv,ngv->n", factors, factors)


@cache
def _haar(size):
    """Return the orthonormal Haar matrix of a power of two; its first row takes the mean."""
    if size == 1:
        return np.ones((1, 1), np.float32)
    means = np.kron(_haar(size // 2), np.array([1, 1], np.float32))
    differences = np.kron(np.eye(size // 2, dtype=np.float32), np.array([1, -1], np.float32))
    return np.concatenate([means, differences]) / np.sqrt(np.float32(2))
