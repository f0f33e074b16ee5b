"""Intensities whose noise is stabilised to a standard deviation of 1, and the way back."""

import math

import numpy as np

from ..grid import map_strips

_FAR = 8  # deviations of stabilised noise
_SAMPLED = 2**20  # pixels, about, that tell the mean of a large image


def stabilize(image, anscombe):
    """Return an image with stabilised noise, in float64, or in float32 where that holds it."""
    return map_strips(anscombe.transform, image, _working_type(image))


def stabilize_stack(stack, anscombe):
    """Stabilise images, and check that the noise model leaves something of each."""
    stabilized = np.empty(stack.shape, _working_type(stack))
    for number, image in enumerate(stack):
        stabilized[number] = stabilize(image, anscombe)
        check_varied(stabilized[number], image, anscombe)
    return stabilized


def bring_back(filtered, image, grid, anscombe, colour):
    """Return the intensities of a stabilised image of the grid, in the place of a noisy image."""
    dtype = _working_type(image)
    restored = grid.restore(filtered, image.shape, dtype)
    restored = map_strips(anscombe.inverse_transform, restored, dtype)
    restored += mean_difference(image, restored, anscombe, colour)
    return restored


def leaves_nothing(stabilized):
    """Tell whether the noise model sees no signal in an image that it has stabilised."""
    return stabilized.min() == stabilized.max()


def check_varied(stabilized, image, anscombe):
    """Raise an error where the noise model leaves nothing of an image."""
    if leaves_nothing(stabilized):
        raise ValueError(
            f"Expected intensities that are 0 without electrons, got {image.max():g} as the "
            f"largest, of which noise=({anscombe.a:.3g}, {anscombe.b:.3g}) leaves nothing. "
            "Subtract the offset of the camera, or let noise=None estimate it."
        )


def mean_difference(image, denoised, anscombe, colour):
    """Return the mean brightness difference to a noisy image, without lone outliers.

    The way back from stabilised intensities is unbiased for counts, and not for normal noise.
    """
    step = max(1, math.isqrt(image.size // _SAMPLED))
    image, denoised = (each[::step, ::step].astype(np.float64) for each in (image, denoised))
    stabilized = anscombe.transform(image) - anscombe.transform(denoised)
    far = _FAR / (1 if colour is None else math.sqrt(colour.high_passed))
    near = np.abs(stabilized) <= far
    return (image - denoised)[near].mean() if near.any() else 0.0


def _working_type(images):
    return np.result_type(images.dtype, np.float32)
