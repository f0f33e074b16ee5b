"""How much of each of several estimates to take, told by the noisy image alone."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import nnls

_STEP = 0.1  # of the noise that is added: small steps leave a filter what it is
_DOUBT = 1.0  # standard deviation of shares about the usual ones, before anything is seen
_SMALL = 0.05  # a share not worth the time that it takes
_STRICT = 1e3  # weight of the condition that shares add up to 1


def find_shares(
    estimates: Callable[[np.ndarray], Sequence[np.ndarray]],
    image: np.ndarray,
    noise: np.ndarray,
    usual: Sequence[float],
) -> tuple[float, ...]:
    """Find the mixture of estimates that is nearest to the clean image.

    An image ``y + h z`` and its pair ``y - z / h`` have uncorrelated noise where z is like the
    noise of y, so that the distance of any estimate of the first to the second tells its distance
    to the clean image [1]_. What z adds to that cancels between z and -z.

    Parameters
    ----------
    estimates : callable
        Maps a noisy image to several estimates of the clean one.
    image : ndarray of shape (height, width)
        The noisy image.
    noise : ndarray of shape (height, width)
        Further noise of the same strength and colour.
    usual : sequence of float
        Shares where the image tells nothing; they add up to 1.

    Returns
    -------
    tuple of float
        Shares, not negative, that add up to 1; small ones are 0.

    References
    ----------
    .. [1] T. Pang, H. Zheng, Y. Quan, H. Ji, "Recorrupted-to-Recorrupted: Unsupervised Deep
       Learning for Image Denoising", CVPR 2021.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> rng = np.random.default_rng(0)
    >>> smooth = 20 * gaussian_filter(rng.normal(size=(96, 96)), 6)
    >>> noisy, noise = smooth + rng.normal(size=(96, 96)), rng.normal(size=(96, 96))
    >>> def estimates(image):
    ...     return image, gaussian_filter(image, 3)
    >>> shares = find_shares(estimates, noisy, noise, (0.5, 0.5))
    >>> bool(shares[1] > 0.9)
    True
    """
    gram, told = 0.0, 0.0
    for step in (_STEP, -_STEP):
        made = np.stack([each.ravel() for each in estimates(image + step * noise)])
        mixed = np.asarray(usual) @ made
        missing = (image - noise / step).ravel() - mixed
        made -= mixed
        gram, told = gram + made @ made.T / 2, told + made @ missing / 2
    shares = _most_probable(gram, told, max(np.mean(noise**2), np.finfo(float).tiny), usual)
    shares = np.where(shares < _SMALL, 0, shares)
    return tuple((shares / shares.sum()).tolist())


def _most_probable(gram, told, variance, usual):
    """Return shares, not negative, from normal equations and a normal prior."""
    unit = np.eye(len(usual))
    precision = gram / variance + unit / _DOUBT**2
    told = told / variance + precision @ usual
    root = np.linalg.cholesky(precision)
    strict = _STRICT * np.sqrt(np.trace(precision))
    equations = np.vstack([root.T, np.full(len(usual), strict)])
    return nnls(equations, np.append(np.linalg.solve(root, told), strict))[0]
