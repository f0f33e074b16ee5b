"""How well a real micrograph of a crystal is denoised, judged by other views of its motif."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage
from skimage.feature import match_template

_APART = 10  # pixels between the rows of two views
_ALIKE = 0.5  # least correlation of smoothed views
_STEPS = 3  # of least squares, which align a view to parts of a pixel
_NEAR = 3  # pixels: matches that are farther off are none
_BORDER = 8  # pixels that alignment spoils
_BLURS = np.arange(0.4, 10, 0.2)
_LEAST = 1e-6  # of the error of the noisy image: less cannot be told
_SMALLEST_SIDE = 32


@dataclass(frozen=True)
class Siblings:
    """Other noisy views of the motif in a part of an image.

    Parameters
    ----------
    noisy : ndarray of shape (height, width)
        The part.
    views : ndarray of shape (n, height, width)
        Other parts that show the same, aligned to parts of a pixel.
    """

    noisy: np.ndarray = field(repr=False)
    views: np.ndarray = field(repr=False)

    def gain(self, denoised: ArrayLike) -> float:
        """Return how much smaller the error is than that of the noisy part.

        Parameters
        ----------
        denoised : array-like of shape (height, width)
            The denoised part.

        Returns
        -------
        float
            The gain in decibels, at most 60.
        """
        before = self._error(self.noisy)
        if before <= 0:
            raise ValueError("The siblings differ more from one another than from the image.")
        return float(10 * np.log10(before / max(self._error(denoised), before * _LEAST)))

    def best_gaussian(self) -> tuple[float, float]:
        """Return the gain and the sigma of the best of all Gaussian blurs.

        The siblings choose the sigma, which a user could not know.

        Returns
        -------
        gain, sigma : float
            The gain in decibels, and the standard deviation of the blur in pixels.
        """
        blurred = (ndimage.gaussian_filter(self.noisy, sigma) for sigma in _BLURS)
        return max(zip(map(self.gain, blurred), _BLURS.round(1).tolist(), strict=True))

    def _error(self, image):
        """Return the mean squared error, without the noise of the views, known by their spread."""
        if np.shape(image) != self.noisy.shape:
            raise ValueError(f"Expected shape {self.noisy.shape}, got {np.shape(image)}.")
        noise = self.views.var(axis=0, ddof=1).mean() / len(self.views)
        inner = (slice(_BORDER, -_BORDER),) * 2
        return float(np.mean((image - self.views.mean(axis=0))[inner] ** 2) - noise)


def find_siblings(
    image: ArrayLike, rows: slice, columns: slice, *, n_views: int = 6, sigma: float = 2.0
) -> Siblings:
    """Find other views of a part of a periodic image, on other rows, and so with other noise.

    Parameters
    ----------
    image : array-like of shape (height, width)
        A noisy image of a crystal.
    rows, columns : slice
        The part, of at least 32 x 32 pixels, smaller than the image.
    n_views : int, default=6
        How many views to find at most.
    sigma : float, default=2.0
        Standard deviation, in pixels, of the smoothing before views are matched.

    Returns
    -------
    Siblings
        The part and the views, at least two.

    Raises
    ------
    ValueError
        If fewer than two parts of the image show the same.

    Notes
    -----
    The mean of the views stands for the clean image. Errors of the scan in the part count as
    errors; those of the views, and a thickness that changes across the image, blur the mean.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_stem
    >>> from scipy.ndimage import gaussian_filter
    >>> _, noisy = make_stem("te", (192, 192), random_state=0)
    >>> siblings = find_siblings(noisy, slice(64, 128), slice(64, 128))
    >>> bool(siblings.gain(gaussian_filter(siblings.noisy, 2)) > 3)
    True
    """
    image = np.asarray(image, dtype=np.float64)
    noisy = image[..., rows, columns]
    if image.ndim != 2 or min(noisy.shape) < _SMALLEST_SIDE:
        raise ValueError(
            f"Siblings need a part of one image of at least {_SMALLEST_SIDE} x {_SMALLEST_SIDE} "
            f"pixels, got shape {noisy.shape}."
        )
    corner = rows.indices(image.shape[0])[0], columns.indices(image.shape[1])[0]
    smooth = ndimage.gaussian_filter(image, sigma)
    views = list(_views(image, smooth, corner, noisy.shape, n_views))
    if len(views) < 2:
        raise ValueError(
            f"Found {len(views)} other views of this part; siblings need a crystal that repeats, "
            "and a part that is much smaller than the image."
        )
    return Siblings(noisy, np.array(views))


def _views(image, smooth, corner, shape, n_views):
    """Yield the parts that are most alike, aligned."""
    part = tuple(slice(start, start + side) for start, side in zip(corner, shape, strict=True))
    likeness = match_template(smooth, smooth[part])
    likeness[abs(np.arange(len(likeness)) - corner[0]) < _APART] = -1
    while n_views and likeness.max() > _ALIKE:
        found = np.unravel_index(likeness.argmax(), likeness.shape)
        there = tuple(slice(start, start + side) for start, side in zip(found, shape, strict=True))
        shift = _offset(smooth[part], smooth[there])
        if np.abs(shift).max() < _NEAR:
            n_views -= 1
            yield ndimage.shift(image, shift, order=3, mode="nearest")[there]
        near = tuple(slice(max(0, start - _APART), start + _APART) for start in found)
        likeness[near] = -1


def _offset(part, view):
    """Return the shift that brings a view onto the part, by least squares."""
    inner = (slice(_BORDER, -_BORDER),) * 2
    shift = np.zeros(2)
    for _ in range(_STEPS):
        moved = ndimage.shift(view, shift, order=3, mode="nearest")
        slopes = np.stack([slope[inner].ravel() for slope in np.gradient(moved)], axis=1)
        shift -= np.linalg.lstsq(slopes, (part - moved)[inner].ravel(), rcond=None)[0]
    return shift
