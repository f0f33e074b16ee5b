"""Intensities whose noise is stabilised to a standard deviation of 1, and the way back."""

import math

import numpy as np

from ..grid import map_strips

_FAR = 8  # deviations of stabilised noise
_SAMPLED = 2**20  # about the number of pixels from which the mean of a large image is taken


def stabilize(image, anscombe):
    """Return an image with stabilised noise, in float32 if its type fits that, else in float64."""
    return map_strips(anscombe.transform, image, _working_type(image))


def stabilize_stack(stack, anscombe):
    """Stabilise images, and check that the noise model leaves something of each."""
    stabilized = np.empty(stack.shape, _working_type(stack))
    for number, image in enumerate(stack):
        stabilized[number] = stabilize(image, anscombe)
        check_varied(stabilized[number], image, anscombe)
    return stabilized


def bring_back(filtered, image, grid, anscombe, colour):
    """Return the intensities of a stabilised image of the grid, with the mean of the noisy one."""
    restored = intensities(filtered, image, grid, anscombe)
    restored += mean_difference(image, restored, anscombe, colour)
    return restored


def intensities(filtered, image, grid, anscombe):
    """Return the intensities of a stabilised image of the grid."""
    dtype = _working_type(image)
    restored = grid.restore(filtered, image.shape, dtype)
    return map_strips(anscombe.inverse_transform, restored, dtype)


def leaves_nothing(stabilized):
    """Return whether a stabilised image is constant, so that there is nothing to filter."""
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

    The inverse of the stabilising transform is unbiased for counts, but not for normal noise.
    """
    step = max(1, math.isqrt(image.size // _SAMPLED))
    image, denoised = (each[::step, ::step].astype(np.float64) for each in (image, denoised))
    stabilized = anscombe.transform(image) - anscombe.transform(denoised)
    far = _FAR / (1 if colour is None else math.sqrt(colour.high_passed))
    near = np.abs(stabilized) <= far
    return (image - denoised)[near].mean() if near.any() else 0.0


def _working_type(images):
    return np.result_type(images.dtype, np.float32)
