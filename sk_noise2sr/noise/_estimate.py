"""The strength of Poisson-Gaussian noise, read off noisy images.

A high-pass filter leaves the noise, and next to nothing of an image that is finely sampled. The
mean of the squares is the variance of the noise, which is a linear function of the intensity.
"""

from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import minimum_filter

from .._checks import as_stack, varied, without_mask
from .._limits import LARGEST
from .._middle import middle_of
from .._smallest_side import check_sides
from ..grid import NORMAL_MEDIAN, counts_in, fill_outliers, graded, high_pass, strips
from ._anscombe import Anscombe, _check_finite
from ._texture import without_texture
from ._variance_line import REACH, measure_level, measure_line

_FEWEST_ROWS = 32
_FEWEST_PIXELS = 64  # whose surroundings are valid
_MOST_PIXELS = 2**18
_ROWS_A_BAND = 64
_FRAMES_LOOKED_AT, _LOOKED_AT = 4, 1024  # frames, and the side of what is looked at
_TOO_STRONG = 1.05, 1.15  # variance over that of counts
_UNLIKE = 1e-4  # of the intensity of a count: by what those of frames differ that are not alike


@dataclass(frozen=True)
class NoiseEstimate:
    """Noise of the variance ``a * (clean - offset) + b**2``, as read off an image.

    Parameters
    ----------
    a : float
        Gain: intensity of one count. Below 0 where counts make the image darker, as once its
        contrast is inverted.
    b : float
        Standard deviation of the read-out, at least 0, in units of intensity.
    offset : float
        Intensity without counts.
    a_std : float
        Standard error of `a`, before constraints on its sign and on `b`.
    variance_std : float
        Standard error of `variance`.
    mean : float
        Mean intensity of the pixels that were used, without lone outliers.
    variance : float
        Variance of the noise at the mean intensity; far better known than `a` and `b`.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_hrem
    >>> from sk_noise2sr.noise import estimate_noise
    >>> clean, noisy = make_hrem((256, 256), random_state=0)  # 8 electrons a pixel
    >>> print(estimate_noise(noisy, offset=0))
    variance 0.1248 +- 0.0009 at the mean intensity 1.001; a = 0.1247 +- 0.01, b = 0, offset = 0
    """

    a: float
    b: float
    offset: float
    a_std: float
    variance_std: float
    mean: float
    variance: float

    def __str__(self):
        strength = f"variance {self.variance:.4g} +- {self.variance_std:.2g} at the mean intensity"
        if not np.isfinite(self.a_std):
            return f"{strength} {self.mean:.4g}; how it grows with the intensity cannot be told"
        return (
            f"{strength} {self.mean:.4g}; a = {self.a:.4g} +- {self.a_std:.2g}, b = {self.b:.4g}, "
            f"offset = {self.offset:.4g}"
        )

    def variance_at(self, clean: ArrayLike) -> np.ndarray:
        """Return the variance of the noise at given intensities.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities.

        Returns
        -------
        ndarray of float64, or float64 for a number, of the shape of `clean`
            The variance, in units of intensity squared; 0 where the line is below 0.
        """
        # From the mean, where the line is known best and nothing cancels.
        return np.maximum(self.variance + self.a * (_check_finite(clean) - self.mean), 0)

    def anscombe(self) -> Anscombe:
        """Return the transform that brings this noise to a standard deviation of about 1.

        Returns
        -------
        Anscombe
            The transform; it takes the mean intensity to 0, whatever gain and offset the image
            has.
        """
        return Anscombe(self.a, np.sqrt(self.variance), self.mean)


def estimate_noise(
    image: ArrayLike, offset: float | None = None, *, valid: np.ndarray | None = None
) -> NoiseEstimate:
    """Estimate the strength of Poisson-Gaussian noise from noisy images alone.

    The variance of the noise is taken to be ``a * (clean - offset) + b**2``, and the noise to
    be independent from pixel to pixel. Squares of high-pass residuals are regressed on the
    intensity, over cells of pixels with similar surroundings. Structure adds to the variance, so
    the noise is the lower envelope: structured cells, and the less selective of two filters, count
    only as far as their variance is no larger than that of the others. Places of one value, such as
    vacuum without a count and padding, are left out.

    Whole numbers whose high frequencies have the third moment of counts are counted electrons: what
    is far stronger than their noise is structure, and is taken off. So is fine texture, where it is
    strong in some places and weak in others: quiet patches show how much of it is none [3]_.

    Parameters
    ----------
    image : array-like of shape (height, width) or (n, height, width)
        A noisy image, or a stack of images with the same noise; sides of at least 2 pixels. Images
        of one value are left out of a stack. Of more than about 2**18 pixels, an evenly spread part
        is used. With a side below 32, counts cannot be told from read-out noise, and `a` is 0.
    offset : float or None, default=None
        Intensity without counts, if it is known: 0 for a counting camera. It helps much, as then
        `b` cannot be imaginary. None leaves the line free.
    valid : ndarray of bool of the shape of `image` or None, default=None
        Pixels to use; the others have to be filled smoothly. None is all.

    Returns
    -------
    NoiseEstimate
        The noise, with error bars. With ``offset=None``, the line fixes only one combination of
        `offset` and `b`: a rising line that is positive at intensity 0 is written with offset 0,
        any other with `b` 0.

    Raises
    ------
    ValueError
        If the image is flat, too small, not finite or of another shape, or if it lies below
        `offset`.

    Notes
    -----
    Error bars are statistical: they do not know of structure that passes for noise. On photographs
    the variance comes out 0 to 5 % too large. A few hot pixels do little harm; fill or crop hot
    rows and columns.

    For normal noise with the variance of about one count a pixel, `a` comes out some 7 % too small.

    Correlated noise, as after interpolation or binning in Fourier space, is underestimated: its
    high frequencies are weaker. So is the noise of clipped or saturated pixels.

    References
    ----------
    .. [1] A. Foi, M. Trimeche, V. Katkovnik, K. Egiazarian, "Practical Poissonian-Gaussian Noise
       Modeling and Fitting for Single-Image Raw-Data", IEEE TIP 17, 1737-1754, 2008: variances
       over level sets and a line through them. Filters, instruments and envelope are our own.
    .. [2] J. Immerkaer, "Fast Noise Variance Estimation", CVIU 64, 300-302, 1996: the more
       selective filter.
    .. [3] S. Pyatykh, J. Hesser, L. Zheng, "Image Noise Level Estimation by Principal Component
       Analysis", IEEE TIP 22, 687-699, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.noise import PoissonGaussian, estimate_noise
    >>> clean = np.tile(np.linspace(1, 9, 256), (256, 1))
    >>> noisy = PoissonGaussian(a=0.05, b=0.1).sample(clean, random_state=0)
    >>> noise = estimate_noise(noisy)
    >>> round(noise.a, 2), round(noise.variance, 2)
    (0.05, 0.26)
    """
    stack = _check_stack(image)
    valid = None if valid is None else _check_valid(valid, np.shape(image))
    if not (shown := varied(stack)).all() and shown.any():  # blank frames of a movie
        stack, valid = stack[shown], None if valid is None else valid[shown]
    bands = fill_outliers(_bands(stack).astype(np.float64))
    first, valid = (None, None) if valid is None else (valid[0], _bands(valid))
    if (largest := np.abs(bands).max()) > LARGEST:
        raise ValueError(
            f"Expected intensities of at most {LARGEST:g}, whose squares are numbers, got "
            f"{largest:.3g}. Divide them by a constant."
        )
    mean, spread = float(bands.mean()), float(bands.std())
    if spread <= 1e-12 * abs(mean):
        raise ValueError(
            f"Expected an image with noise, got {mean:g} in every pixel. Give the image as it "
            "came from the detector."
        )
    if offset is not None and not (isinstance(offset, Real) and -np.inf < offset < mean):
        raise ValueError(
            f"Expected offset to be None or a number below the mean intensity {mean:g}, got "
            f"{offset!r}. It is the intensity without counts."
        )
    bands = (bands - mean) / spread
    if min(bands.shape[1:]) < _FEWEST_ROWS:
        line = measure_level(bands, valid)
    else:
        line = measure_line(bands, None if offset is None else (offset - mean) / spread, valid)
    if not line.level > 0:
        raise ValueError(
            "Expected an image with noise at high frequencies and at least 0.02 counts a pixel, "
            "found none. Give the image as it came from the detector."
        )
    noise = _in_units(line, mean, spread, offset)
    if offset is not None:
        return noise
    return _as_counts(without_texture(noise, stack[0], first), stack)


def _as_counts(noise, stack):
    """Take structure off the noise of counted electrons, as far as it passed for noise.

    Medians have to show it too: faint hot pixels that nobody found are noise.
    """
    frames = stack[:: -(-len(stack) // _FRAMES_LOOKED_AT)]
    frames = [middle_of(frame, _LOOKED_AT).astype(np.float64) for frame in frames]
    shares, steps = zip(*map(counts_in, frames), strict=True)
    step = float(np.mean(steps))
    if min(shares) == 0 or np.ptp(steps) > _UNLIKE * step:
        return noise
    counted = noise.mean * step
    typical = np.median(np.abs([high_pass(frame / step) for frame in frames])) / NORMAL_MEDIAN
    strong = min(noise.variance / counted, typical**2 / (np.mean(frames) / step))
    share = float(min(shares) * graded(strong, _TOO_STRONG))
    if share == 0:
        return noise
    a = noise.a + share * (step - noise.a)
    variance = noise.variance + share * (counted - noise.variance)
    b_squared, offset = _read_out(a, variance, noise.mean)
    return replace(noise, a=a, b=float(np.sqrt(b_squared)), offset=offset, variance=variance)


def _check_stack(image):
    """Return finite images (n, height, width)."""
    image = without_mask(image)
    if image.ndim not in (2, 3):
        raise ValueError(
            "Expected an image (height, width) or a stack (n, height, width), got an array of "
            f"shape {image.shape}. Give one image or one stack at a time."
        )
    stack = as_stack(image)
    for frame in stack:
        for rows in strips(frame.shape):
            _check_finite(frame[rows])
    check_sides(stack, 2)
    return stack


def _check_valid(valid, shape):
    """Return the valid pixels of a stack; raise if they are too few to measure noise."""
    valid = np.asarray(valid, dtype=bool)
    if valid.shape != shape:
        raise ValueError(f"Expected valid of the shape {shape} of the image, got {valid.shape}.")
    valid = as_stack(valid)
    side = 2 * REACH + 1
    if np.count_nonzero(minimum_filter(valid, (1, side, side), mode="constant")) < _FEWEST_PIXELS:
        raise ValueError(
            f"Expected some patches of {side} x {side} valid pixels, {_FEWEST_PIXELS} in all, got "
            "fewer: noise is told by neighbours. Mask less."
        )
    return valid


def _bands(stack):
    """Return a part of a large stack, as bands of rows that are spread evenly over it."""
    if stack.size <= _MOST_PIXELS:
        return stack
    height, width = stack.shape[1:]
    rows = min(height, _ROWS_A_BAND)
    whole = stack[:, : height // rows * rows].reshape(-1, rows, width)
    return whole[:: -(-whole.size // _MOST_PIXELS)]


def _in_units(line, mean, spread, offset):
    """Undo the standardisation of the image."""
    a, variance = line.slope * spread, line.level * spread**2
    b_squared = line.intercept * spread**2
    if offset is None:
        b_squared, offset = _read_out(a, variance, mean)
    return NoiseEstimate(
        a=float(a),
        b=float(np.sqrt(max(b_squared, 0))),
        offset=float(offset),
        a_std=float(line.slope_std * spread),
        variance_std=float(line.level_std * spread**2),
        mean=mean,
        variance=float(variance),
    )


def _read_out(a, variance, mean):
    """Return the variance of the read-out, and the intensity without counts: one of them is 0."""
    b_squared = variance - a * mean
    return (0.0, mean - variance / a) if a < 0 or b_squared < 0 else (b_squared, 0.0)
