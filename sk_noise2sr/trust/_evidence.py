"""Where a result departs from its noisy image by more than noise does."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import label, maximum_position
from sklearn.utils._param_validation import Interval, StrOptions

from .._validation import validated
from .._words import counted
from ..grid import detail_width, gaussian_kernel, largest_by_chance, sums_under
from ..noise import NoiseEstimate, PoissonGaussian
from ._pair import check_pair, noise_between

_FALSE_ALARMS = 0.05  # chance of any, in the whole image
_PLACE = np.dtype([("row", int), ("column", int), ("size", int), ("z", float)])


@dataclass(frozen=True)
class Evidence:
    """What a result leaves out or adds, in standard errors.

    Parameters
    ----------
    z : ndarray of shape (height, width)
        Noisy minus denoised, summed under a Gaussian, over its standard deviation. Above 0 the
        image has more than the result shows, below 0 less. NaN where no pixel is valid.
    width : float
        Standard deviation of the Gaussian, in pixels.
    threshold : float
        The ``|z|`` that noise alone exceeds, anywhere, in one image of twenty.
    places : ndarray of shape (n,)
        Where ``|z|`` exceeds the threshold, largest first: fields ``row``, ``column``, ``size`` in
        pixels, and ``z``.
    """

    z: np.ndarray
    width: float
    threshold: float
    places: np.ndarray

    def summary(self) -> str:
        """Say in words what was found.

        Returns
        -------
        str
            One or two sentences.
        """
        missing = int(np.sum(self.places["z"] > 0))
        found = counted(len(self.places), "place")
        limit = f"|z| > {self.threshold:.2f}, 5 % chance of any false one"
        if not len(self.places):
            return f"No place where the result departs from the image ({limit})."
        row, column, _, z = self.places[0]
        return (
            f"{found} where the result departs from the image ({limit}): "
            f"{missing} where it shows too little, {len(self.places) - missing} where it shows "
            f"too much. The most significant is at row {row}, column {column}, z = {z:.1f}."
        )


@validated({"width": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})]})
def evidence_map(
    noisy: ArrayLike,
    denoised: ArrayLike,
    noise: PoissonGaussian | NoiseEstimate | tuple[float, float] | None = None,
    width: float | str = "auto",
) -> Evidence:
    """Compare a result with its noisy image, in standard errors.

    ``z = K * (noisy - denoised) / sqrt(K**2 * v)``, for a Gaussian K and the variance v of the
    noise. Both sums are over valid pixels only, so borders and masked pixels raise no alarm.

    Parameters
    ----------
    noisy : array-like of shape (height, width)
        The noisy image; pixels that are NaN, or masked, are left out.
    denoised : array-like of shape (height, width)
        What any method made of it, in the same unit.
    noise : PoissonGaussian, NoiseEstimate or pair (a, b), default=None
        The noise; None reads it off the noisy image.
    width : float or "auto", default="auto"
        Standard deviation of K in pixels, above 0: the size of what is looked for. ``"auto"`` takes
        the width of the detail of the result.

    Returns
    -------
    Evidence
        The map, the threshold, the places, and a summary in words.

    Raises
    ------
    ValueError
        If the images do not fit together, hold no finite pixel or no noise.

    Notes
    -----
    The threshold is that of the maximum of a Gaussian field: the expected Euler characteristic of
    the set above it, of both signs, is 0.05 [1]_. A result that followed the noise leaves less of
    it in the difference, and the deviation of z is a little below 1. With counts,
    :func:`thin_counts` makes two images of independent noise: denoise one, and compare the result
    with the other.

    If neighbours share noise, its sums are larger than for independent pixels. By how much follows
    from the spectrum of the noise, read off the noisy image.

    In the dark, where less than one count is expected under K, a sum is taken to vary as one count
    does. Where there is no count at all, a result a little off zero is not significant.

    Smoothing over an area much wider than K, and shifts by much less, are not seen.

    References
    ----------
    .. [1] K. J. Worsley et al., "A unified statistical approach for determining significant
       signals in images of cerebral activation", Human Brain Mapping 4, 58-73, 1996.

    Examples
    --------
    A column that the result leaves out:

    >>> import numpy as np
    >>> from sk_noise2sr.noise import PoissonGaussian
    >>> from sk_noise2sr.trust import evidence_map
    >>> y, x = np.mgrid[:64, :64]
    >>> flat = np.ones((64, 64))
    >>> column = np.exp(-((y - 20) ** 2 + (x - 40) ** 2) / 18)
    >>> noise = PoissonGaussian(0.1, 0.0)
    >>> evidence = evidence_map(noise.sample(flat + column, 0), flat, noise, width=3)
    >>> len(evidence.places), bool(evidence.places["z"][0] > 5)
    (1, True)
    """
    noisy, denoised, valid = check_pair(noisy, denoised)
    if width == "auto":
        width = detail_width(denoised, valid)
    elif width > min(noisy.shape):
        raise ValueError(
            f"Expected width to be at most the shorter side of the image, {min(noisy.shape)} "
            f"pixels, got {width:g}."
        )
    noise = noise_between(noisy, denoised, valid, noise, width)
    difference = np.where(valid, noisy, 0) - np.where(valid, denoised, 0)
    z = _standardized(difference, valid, noise, width)
    z[~valid] = np.nan
    threshold = largest_by_chance(valid, width, _FALSE_ALARMS)
    return Evidence(z, float(width), threshold, _places(z, threshold))


def _standardized(difference, valid, noise, width):
    """Return sums under a Gaussian, over their standard deviation: that of one count at least."""
    kernel = gaussian_kernel(width)
    variance = sums_under(kernel**2, np.where(valid, noise.variance, 0))
    deviation = noise.under(kernel) * np.sqrt(np.maximum(variance, noise.count**2))
    total = sums_under(kernel, difference)
    return np.divide(total, deviation, out=np.zeros_like(total), where=deviation > 0)


def _places(z, threshold):
    """Return connected places of one sign beyond the threshold, the most significant first."""
    found = []
    for sign in (1, -1):
        height = np.nan_to_num(sign * z, nan=0.0)
        labels, n = label(height > threshold)
        sizes = np.bincount(labels.ravel(), minlength=n + 1)[1:]
        peaks = maximum_position(height, labels, np.arange(1, n + 1)) if n else []
        found += [(*p, size, z[p]) for p, size in zip(peaks, sizes, strict=True)]
    places = np.array(found, dtype=_PLACE)
    return places[np.argsort(-np.abs(places["z"]), kind="stable")]
