"""Collaborative filtering of stabilised noise, alone or guided by a first estimate."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import correlate

from .._grid import WorkingGrid
from ..filters import bm3d, nl_bayes
from ..noise import Anscombe

_FRAMES_LOOKED_AT = 16
_STRIP = 256  # rows
# At few counts, normal noise of the variance of counts is stabilised to a little more than 1.
_LEVELS = (1.0, 1.1)
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
        stabilized = np.stack([anscombe.transform(frame) for frame in frames])
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
        ndarray of float64 of shape (height, width)
            The denoised image.

        Raises
        ------
        ValueError
            If the noise model leaves nothing of the image.
        """
        stabilized = _in_strips(self.anscombe.transform, image)
        if guide is None:
            _check_varied(stabilized, image, self.anscombe)
        elif stabilized.min() == stabilized.max():
            return guide  # the noise model sees no signal at all to weigh by it
        binned = self.grid.binning > 1
        sigma = _noise_level(stabilized, binned) / (self.grid.scale * self.grid.binning)
        noisy = self.grid.prepare(stabilized[np.newaxis])[0]
        del stabilized
        if guide is not None:
            guide = _in_strips(self.anscombe.transform, guide)
            guide = self.grid.prepare(guide[np.newaxis])[0]
        # Binning makes room to look far away, where crystals repeat.
        profile = "crystal" if binned else "auto"
        if guide is None:
            filtered = bm3d(noisy, sigma, profile=profile)
        else:
            filtered = nl_bayes(noisy, sigma, guide, profile=profile)
        return _in_strips(self.anscombe.inverse_transform, self.grid.restore(filtered, image.shape))


def _in_strips(function, image):
    """Apply a function of single pixels that holds many copies of what it gets."""
    result = np.empty(image.shape)
    for top in range(0, len(image), _STRIP):
        result[top : top + _STRIP] = function(image[top : top + _STRIP])
    return result


def _check_varied(stabilized, image, anscombe):
    if stabilized.min() == stabilized.max():
        raise ValueError(
            f"Expected intensities that are 0 without electrons, got {image.max():g} as the "
            f"largest, of which noise=({anscombe.a:.3g}, {anscombe.b:.3g}) leaves nothing. "
            "Subtract the offset of the camera, or let noise=None estimate it."
        )


def _noise_level(stabilized, binned):
    """Return the standard deviation of stabilised noise: about 1, less where few are counted."""
    residual = _high_pass(stabilized[np.newaxis])
    typical = np.clip(np.median(np.abs(residual)) / _NORMAL_MEDIAN, *_LEVELS)
    # Single counts stand out of such noise: a threshold by its deviation would keep them. The
    # means that binning takes are close to normal.
    return float(min(typical, np.sqrt(np.mean(residual**2))) if binned else typical)


def _high_pass(stack):
    """Return what is left of images without smooth structure; white noise keeps its variance."""
    kernel = np.outer([1, -2, 1], [1, -2, 1]) / 6
    return correlate(stack, kernel[np.newaxis], mode="mirror")
