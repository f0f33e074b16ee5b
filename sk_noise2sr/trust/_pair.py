"""A noisy image, its result, and the variance of the noise between them."""

import math
from dataclasses import dataclass

import numpy as np

from .._checks import without_mask
from ..base import continue_picture
from ..grid import (
    Colour,
    LineOffsets,
    Mask,
    colour_of_image,
    find_uneven_noise,
    seen_share,
    whiteness,
)
from ..noise import NoiseEstimate, PoissonGaussian, estimate_noise

_FLOOR = 0.01  # of the mean variance: counts vary even where the result is 0


def check_pair(noisy, denoised):
    """Return both images in float64; raise if they do not fit together.

    Offsets of whole rows and columns that the result does not have are removed from the noisy one.

    Parameters
    ----------
    noisy, denoised : array-like of shape (height, width)
        The noisy image and the result; pixels that are NaN, or masked, are left out.

    Returns
    -------
    noisy, denoised : ndarray of float64 of shape (height, width)
        The images, the noisy one levelled.
    valid : ndarray of bool of shape (height, width)
        Where both are finite.

    Raises
    ------
    ValueError
        If they are no images of one shape, or share no finite pixel.
    """
    noisy, denoised = (without_mask(x).astype(np.float64) for x in (noisy, denoised))
    if noisy.ndim != 2 or noisy.shape != denoised.shape:
        raise ValueError(
            f"Expected a noisy and a denoised image (height, width) of one shape, got "
            f"{noisy.shape} and {denoised.shape}. Give one frame at a time."
        )
    valid = np.isfinite(noisy) & np.isfinite(denoised)
    if not valid.any():
        raise ValueError("Expected finite pixels in both images, got none. Give unmasked images.")
    lines = LineOffsets.find(np.where(valid, noisy, 0) - np.where(valid, denoised, 0))
    return lines.subtract(noisy), denoised, valid


def check_noise(noise):
    """Return the noise as a model; a pair (a, b) becomes one, None stays None."""
    if noise is None or isinstance(noise, PoissonGaussian | NoiseEstimate):
        return noise
    if isinstance(noise, tuple | list) and len(noise) == 2:
        return PoissonGaussian(*noise)
    raise ValueError(
        "Expected noise to be None, a PoissonGaussian, a NoiseEstimate or a pair (a, b), got "
        f"{noise!r}."
    )


@dataclass(frozen=True)
class Noise:
    """The noise between a noisy image and its result.

    Parameters
    ----------
    variance : ndarray of float64 of shape (height, width)
        Its variance in every pixel, above 0.
    count : float
        Intensity of a single count; 0 if noise does not depend on the signal.
    colour : Colour or None
        Its spectrum; None for images too small to measure it, whose noise is taken for white.
    """

    variance: np.ndarray
    count: float
    colour: Colour | None

    def under(self, kernel: np.ndarray) -> float:
        """Return the standard deviation of a weighted sum, over that of white noise.

        Parameters
        ----------
        kernel
            As in :meth:`Colour.power_under`.

        Returns
        -------
        float
            The ratio.
        """
        return 1.0 if self.colour is None else math.sqrt(self.colour.power_under(kernel))


def _of_counts(noise):
    return lambda clean: noise.variance(np.maximum(clean, 0))


def noise_between(noisy, denoised, valid, noise, width):
    """Return the variance of the noise in every pixel, at the intensities of the result.

    A ``NoiseEstimate`` comes from a high pass, which hardly sees smooth noise: it is corrected by
    the colour, and place by place where noise is uneven. A ``PoissonGaussian`` is taken as given:
    as far as high frequencies show all of that noise, it counts as white.

    Parameters
    ----------
    noisy, denoised : ndarray of float64 of shape (height, width)
        The images.
    valid : ndarray of bool of shape (height, width)
        Pixels that count.
    noise : PoissonGaussian, NoiseEstimate or None
        The noise; None reads it off the noisy image.
    width : float
        The width of detail, in pixels.

    Returns
    -------
    Noise
        The noise.

    Raises
    ------
    ValueError
        If there is no noise.
    """
    noise, filled, known = check_noise(noise), noisy, None
    if not valid.all():
        mask = Mask.find(noisy, ~valid, search=False)
        filled, known = mask.fill(noisy), ~mask.regions
        if not known.all():  # a smooth filling would change the spectrum of the noise
            filled = continue_picture(filled, mask.regions)
    if noise is None:
        noise = estimate_noise(filled, valid=known)
    signal, estimated = np.where(valid, denoised, 0), isinstance(noise, NoiseEstimate)
    variance_at = noise.variance_at if estimated else _of_counts(noise)
    variance = variance_at(signal)
    white = whiteness(filled, None if estimated else variance_at)
    colour = colour_of_image(filled, white=white)
    if estimated:
        uneven = find_uneven_noise(filled, noise.variance_at, noise.a, colour, valid)
        variance = variance if uneven is None else variance * uneven**2
    floor = _FLOOR * variance[valid].mean()
    if floor == 0:
        raise ValueError(
            f"Expected noise, got a = {noise.a:g} and b = {noise.b:g}: nothing can be compared "
            "with noise of strength 0. Give noise=PoissonGaussian(a, b)."
        )
    variance = np.maximum(variance, floor)
    seen = 1.0
    if estimated and colour is not None:
        difference = np.where(valid, noisy - signal, 0) / np.sqrt(variance)
        seen = seen_share(difference / math.sqrt(valid.mean()), colour, width)
    return Noise(variance / seen, noise.a / seen, colour)
