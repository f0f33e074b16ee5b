"""Collaborative filtering of stabilised noise, alone or guided by a first estimate."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import correlate

from ..filters import bm3d, nl_bayes
from ..grid import WorkingGrid, map_strips, root_mean_square
from ..noise import Anscombe

_FRAMES_LOOKED_AT = 16
# At few counts, normal noise of the variance of counts is stabilised to a little more than 1.
_LEVELS = (1.0, 1.1)
_FAR = 8  # spreads
_FILTERED = 0.7  # share of the filter in a refined result where it could not bin
_SAMPLED = 2**20  # pixels, about, that tell the mean of a large image
_NORMAL_MEDIAN = 0.6745  # of the absolute value, in standard deviations


@dataclass(frozen=True)
class CollaborativeFilter:
    """Block matching on a stabilised and Fourier-binned image, and the way back.

    Parameters
    ----------
    anscombe : Anscombe
        Brings the noise to a standard deviation of 1.
    grid : WorkingGrid
        How stabilised images are binned.
    """

    anscombe: Anscombe
    grid: WorkingGrid

    @classmethod
    def fit(cls, stack, anscombe, binning):
        """Learn from noisy images how far they can be binned once their noise is stabilised.

        Parameters
        ----------
        stack : ndarray of shape (n, height, width)
            Noisy images, none of them constant.
        anscombe : Anscombe
            Stabilises their noise.
        binning : "auto" or float
            The factor, or ``"auto"`` to read it off the images.

        Returns
        -------
        CollaborativeFilter
            The filter.

        Raises
        ------
        ValueError
            If the noise model leaves nothing of an image.
        """
        frames = stack[:: -(-len(stack) // _FRAMES_LOOKED_AT)]
        stabilized = np.empty(frames.shape, _working_type(frames))
        for number, frame in enumerate(frames):
            stabilized[number] = map_strips(anscombe.transform, frame, stabilized.dtype)
        for frame, image in zip(frames, stabilized, strict=True):
            _check_varied(image, frame, anscombe)
        grid = WorkingGrid.fit(stabilized, binning=binning, stride=1, standardize=True)
        return cls(anscombe, grid)

    def denoise(self, image, guide=None):
        """Denoise an image.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            Noisy image, not constant.
        guide : ndarray of shape (height, width), default=None
            A first estimate of the clean image. It says which blocks look alike and how strong
            the signal is; what is weighed are the noisy pixels. None makes one by a threshold.

        Returns
        -------
        ndarray of shape (height, width)
            The denoised image, in float64, or in float32 where that holds the noisy one.

        Raises
        ------
        ValueError
            If the noise model leaves nothing of the image.
        """
        dtype, stabilize = _working_type(image), self.anscombe.transform
        stabilized = map_strips(stabilize, image, dtype)
        if guide is None:
            _check_varied(stabilized, image, self.anscombe)
        elif stabilized.min() == stabilized.max():
            return guide.copy()  # the noise model sees no signal to weigh by it
        binned = self.grid.binning > 1
        sigma = _noise_level(stabilized, binned) / (self.grid.scale * self.grid.binning)
        del stabilized  # of a large frame, memory matters more than to do this twice
        noisy = self.grid.prepare(image[np.newaxis], stabilize)[0]
        if guide is not None:
            guide = self.grid.prepare(guide[np.newaxis], stabilize)[0]
        # Binning makes room to look far away, where crystals repeat.
        profile = "crystal" if binned else "auto"
        if guide is None:
            filtered = bm3d(noisy, sigma, profile=profile)
        else:
            filtered = nl_bayes(noisy, sigma, guide, profile=profile)
        restored = self.grid.restore(filtered, image.shape, dtype)
        restored = map_strips(self.anscombe.inverse_transform, restored, dtype)
        if guide is not None:
            restored += _mean_difference(image, restored)
        return restored

    def refine(self, image, guide):
        """Return the filtered image, guided by a result.

        Parameters
        ----------
        image, guide : ndarray of shape (height, width)
            The noisy image, and the result of a network.

        Returns
        -------
        ndarray of shape (height, width)
            The refined result.
        """
        refined = self.denoise(image, guide)
        if self.grid.binning == 1:  # blocks see little there, and the guide knows more
            refined -= guide
            refined *= _FILTERED
            refined += guide
        return refined


def _mean_difference(image, denoised):
    """Return the mean brightness difference to a noisy image, without lone outliers.

    The way back from stabilised intensities is unbiased for counts, and not for normal noise.
    """
    step = max(1, math.isqrt(image.size // _SAMPLED))
    difference = np.subtract(image[::step, ::step], denoised[::step, ::step], dtype=np.float64)
    spread = np.median(np.abs(difference)) / _NORMAL_MEDIAN
    near = np.abs(difference) <= _FAR * spread
    return difference[near].mean() if near.any() else 0.0


def _working_type(images):
    return np.result_type(images.dtype, np.float32)


def _check_varied(stabilized, image, anscombe):
    if stabilized.min() == stabilized.max():
        raise ValueError(
            f"Expected intensities that are 0 without electrons, got {image.max():g} as the "
            f"largest, of which noise=({anscombe.a:.3g}, {anscombe.b:.3g}) leaves nothing. "
            "Subtract the offset of the camera, or let noise=None estimate it."
        )


def _noise_level(stabilized, binned):
    """Return the standard deviation of stabilised noise: about 1, less where few are counted."""
    residual = _high_pass(stabilized)
    deviation = root_mean_square(residual)
    median = np.median(np.abs(residual, out=residual), overwrite_input=True)
    typical = np.clip(median / _NORMAL_MEDIAN, *_LEVELS)
    # Single counts stand out of such noise: a threshold by its deviation would keep them. The
    # means that binning takes are close to normal.
    return float(min(typical, deviation) if binned else typical)


def _high_pass(image):
    """Return an image without smooth structure; white noise keeps its variance."""
    return correlate(image, np.outer([1, -2, 1], [1, -2, 1]) / 6, mode="mirror")
