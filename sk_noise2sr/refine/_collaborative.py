"""Collaborative filtering of stabilised noise, alone or guided by a first estimate."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np

from .._blas import sequential_blas
from ..filters import bm3d, nl_bayes
from ..grid import (
    FAINT,
    Colour,
    WorkingGrid,
    bin_images,
    colour_of_image,
    find_uneven_noise,
    map_strips,
)
from ..noise import Anscombe
from ._events import chance_of_event
from ._mixture import changes_like_noise, find_shares
from ._noise import deviation_beyond, noise_left, noise_level, weigh

_FRAMES_LOOKED_AT = 16
_NEAR, _FARTHER = 1.5, 2.5  # factors of a binning with which blocks see little farther, and far
_FAR = 8  # deviations of stabilised noise
_FILTERED = 0.7  # share of the filter in a refined result where it could not bin
# Variance of the picture, over that of the noise of a pixel of the grid, below which blocks tell no
# look-alikes; what an estimate of noise leaves in doubt; and how far is binned for that.
_DROWNED, _UNTOLD, _FARTHEST, _ROOM = 0.1, 0.005, 4.0, 1.1
_SMALLEST_SIDE = 48  # of what is left for blocks to be looked for
_SAMPLED = 2**20  # pixels, about, that tell the mean of a large image
_SALT = 0x6D6978  # the image is changed by no noise that was there
_FEW_COUNTS, _FEW_COUNTS_GUIDED = 1.0, 5.0  # a pixel: half of another pass is taken
_BORDER = 2  # pixels of the grid: how far kinks at a border reach


@dataclass(frozen=True)
class CollaborativeFilter:
    """Block matching on a stabilised and Fourier-binned image, and the way back.

    Parameters
    ----------
    anscombe : Anscombe
        Brings the noise to a standard deviation of 1.
    grid : WorkingGrid
        How stabilised images are binned.
    colour : Colour or None, default=None
        The colour of the stabilised noise; None for white noise.
    mixture : tuple of three float or None, default=None
        Shares of the guide, of the filter that it guides and of the filter alone in a refined
        result, from 0 to 1; None for the usual ones.
    drowned : float, default=1.0
        By how much the grid is coarser than what is seen of detail, since noise drowns the image.
    """

    anscombe: Anscombe
    grid: WorkingGrid
    colour: Colour | None = None
    mixture: tuple | None = None
    drowned: float = 1.0

    @property
    def mixes(self) -> float:
        """How far learned shares count, from 0 to 1: the less, the farther is binned."""
        return float(np.clip((_FARTHER - self.grid.binning) / (_FARTHER - _NEAR), 0, 1))

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares of the guide, of the filter that it guides, and of the filter alone."""
        return self._weighed(self._usual()) if self.mixture is None else self.mixture

    def _usual(self):
        filtered = 1 - self.mixes * (1 - _FILTERED)  # where blocks see little, the guide knows more
        filtered *= (1 + 1 / self.drowned) / 2
        return 1 - filtered, filtered, 0.0

    def _weighed(self, shares):
        kept, guided, alone = (self.weight * share for share in shares)
        return kept + 1 - self.weight, guided, alone

    @property
    def weight(self) -> float:
        """How far the filter is to be believed, from 0 to 1.

        Blocks tell lines that are displaced or too bright from structure no better than a network
        does, and bring back what it has left out: where they make half of the noise, that is all.
        """
        return 1.0 if self.colour is None else max(0.0, 1 - 2 * self.colour.share)

    @classmethod
    def fit(
        cls,
        stack: np.ndarray,
        anscombe: Anscombe,
        binning: float | str,
        at_least: tuple[float, float] = (1.0, 1.0),
        alone: bool = True,
    ) -> Self:
        """Learn from noisy images how far they can be binned once their noise is stabilised.

        Parameters
        ----------
        stack : ndarray of shape (n, height, width)
            Noisy images, none of them constant.
        anscombe : Anscombe
            Stabilises their noise.
        binning : "auto" or float
            The factor, or ``"auto"`` to read it off the images.
        at_least : pair of float, default=(1.0, 1.0)
            Factors that ``"auto"`` does not go below, as far as neighbours share noise: those of a
            guide, which knows nothing finer.
        alone : bool, default=True
            Whether nothing but its own pixels tells what an image shows. Where noise drowns it,
            ``"auto"`` bins until blocks can be told apart, at the cost of detail that no block
            shows.

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
        fit = partial(WorkingGrid.fit, stabilized, stride=1, standardize=True, uniform=True)
        grid, colour = fit(binning=binning), colour_of_image(stabilized[0], uniform=True)
        if binning == "auto" and colour is not None:
            at_least = np.power(at_least, colour.not_white)
            if np.any(at_least > grid.factors):
                grid = replace(fit(binning=np.maximum(grid.factors, at_least)), taper=True)
        drowned = _until_seen(frames, anscombe) / grid.binning if alone and binning == "auto" else 1
        if drowned < _ROOM:
            return cls(anscombe, grid, colour)
        return cls(anscombe, fit(binning=drowned * grid.binning), colour, drowned=drowned)

    def denoise(
        self,
        image: np.ndarray,
        guide: np.ndarray | None = None,
        residuals: Sequence[np.ndarray] = (),
        n_passes: int = 1,
        valid: np.ndarray | None = None,
    ) -> np.ndarray:
        """Denoise an image.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            Noisy image, not constant.
        guide : ndarray of shape (height, width), default=None
            A first estimate of the clean image. It says which blocks look alike and how strong
            the signal is; what is weighed are the noisy pixels. None makes one by a threshold.
        residuals : sequence of ndarray, default=()
            For a frame of a movie with a guide: the :meth:`residual` of frames around it.
        n_passes : int, default=1
            How often to filter, each time but the first guided by the result before.
        valid : ndarray of bool of shape (height, width) or None, default=None
            False where a picture was filled in, which is no evidence; None where it nowhere was.

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
        uneven = None if residuals else self._unevenness(image, valid)
        if uneven is not None:
            stabilized /= uneven
        sigma = noise_level(stabilized, self.grid.binning > 1)
        sigma /= self.grid.scale * self.grid.binning
        del stabilized  # of a large frame, memory matters more than to do this twice
        noisy = self.grid.prepare(image[np.newaxis], stabilize)[0]
        if guide is not None:
            guide = self.grid.prepare(guide[np.newaxis], stabilize)[0]
        if residuals:
            own = noisy - guide
            mean = np.mean([own, *residuals], axis=0)
            sigma *= noise_left(own, mean)
            noisy = guide + mean
        if uneven is not None:
            sigma = sigma * bin_images(uneven[np.newaxis], self.grid.factors)[0]
        filtered, valid = guide, None if valid is None else self.grid.valid_share(valid)
        worth = self._worth_of_another(image, guide is not None)
        for number in range(n_passes):
            again = self._filter(noisy, sigma, filtered, image.shape, valid)
            filtered = filtered + worth * (again - filtered) if number else again
        restored = self.grid.restore(filtered, image.shape, dtype)
        restored = map_strips(self.anscombe.inverse_transform, restored, dtype)
        restored += self._mean_difference(image, restored)
        return restored

    def residual(self, image: np.ndarray, guide: np.ndarray) -> np.ndarray:
        """Return what a guide leaves of an image, on the grid of the filter.

        Parameters
        ----------
        image, guide : ndarray of shape (height, width)
            The noisy image, and the result of a network.

        Returns
        -------
        ndarray of float32 of shape (binned height, binned width)
            The stabilised noise, and what the guide has missed.
        """
        both = self.grid.prepare(np.stack([image, guide]), self.anscombe.transform)
        return both[0] - both[1]

    def refine(
        self,
        image: np.ndarray,
        guide: np.ndarray,
        residuals: Sequence[np.ndarray] = (),
        n_passes: int = 1,
        valid: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the filtered image, guided by a result.

        Parameters
        ----------
        image, guide : ndarray of shape (height, width)
            The noisy image, and the result of a network.
        residuals, n_passes, valid
            As in :meth:`denoise`.

        Returns
        -------
        ndarray of shape (height, width)
            The refined result: the guide, as far as the filter is not to be believed.
        """
        kept, guided, alone = self.shares
        if kept == 1 and not residuals:
            return guide
        if alone and self._sees_nothing(image):
            kept, guided, alone = kept + alone, guided, 0.0
        refined = kept * guide
        if guided:
            refined += guided * self.denoise(image, guide, residuals, n_passes, valid)
        if alone:
            refined += alone * self.denoise(image, valid=valid)
        return self._with_the_rest(image, refined, guide) if residuals else refined

    def with_mixture(
        self,
        image: np.ndarray,
        make_guide: Callable[[np.ndarray], np.ndarray],
        n_passes: int = 1,
        seed: int = 0,
        trained: float = 0.0,
    ) -> Self:
        """Return the filter with the shares that suit an image, which nobody has without noise.

        Lines that are displaced or too bright are no part of the changes that tell them: the guide
        has their share.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            Noisy image.
        make_guide : callable
            Maps a noisy image to the result of a network.
        n_passes : int, default=1
            As in :meth:`denoise`.
        seed : int, default=0
            Seed of the changes.
        trained : float, default=0.0
            Share of the pixels that the network was trained on which `image` holds.

        Returns
        -------
        CollaborativeFilter
            The filter; itself, where its noise model sees nothing of the image.
        """
        if self._sees_nothing(image):
            return self

        def estimates(noisy):
            guide = make_guide(noisy)
            return guide, self.denoise(noisy, guide, n_passes=n_passes), self.denoise(noisy)

        rng = np.random.default_rng([_SALT, seed])
        *changes, variance = changes_like_noise(
            image, make_guide(image), self.anscombe, self.colour, rng, self._unevenness(image)
        )
        shares = find_shares(
            estimates, image, changes, variance, self._usual(), trained, self.mixes
        )
        return replace(self, mixture=self._weighed(shares))

    def _unevenness(self, image, valid=None):
        noise = self.anscombe
        return find_uneven_noise(image, noise.variance, noise.a, self.colour, valid)

    def _sees_nothing(self, image):
        stabilized = map_strips(self.anscombe.transform, image, _working_type(image))
        return stabilized.min() == stabilized.max()

    def _worth_of_another(self, image, guided):
        """Return how much of another pass to take, from 0 to 1.

        A result, unlike the guide of a network, has seen the noise of its own pixels. It was the
        better guide on all scenes of many counts, and the worse one on all of few. After block
        matching alone it was worse on all photographs, which have no motif that repeats: the less
        an image can be binned, and the more noise its lines share, the less is taken.
        """
        few = _FEW_COUNTS_GUIDED if guided else _FEW_COUNTS
        room = 1.0 if guided else self.weight * (1 - 1 / self.grid.binning**2)
        a = self.anscombe.a
        if a == 0:
            return room
        counts = self.anscombe.variance(image.mean(dtype=np.float64)) / a**2
        return room * counts**2 / (counts**2 + few**2)

    def _mean_difference(self, image, denoised):
        """Return the mean brightness difference to a noisy image, without lone outliers.

        The way back from stabilised intensities is unbiased for counts, and not for normal noise.
        """
        step = max(1, math.isqrt(image.size // _SAMPLED))
        image, denoised = (each[::step, ::step].astype(np.float64) for each in (image, denoised))
        stabilized = self.anscombe.transform(image) - self.anscombe.transform(denoised)
        near = np.abs(stabilized) <= _FAR / (
            1 if self.colour is None else math.sqrt(self.colour.high_passed)
        )
        return (image - denoised)[near].mean() if near.any() else 0.0

    def _with_the_rest(self, image, refined, guide):
        """Return a frame with what the frames around it, and the grid, have left out."""
        grid, dtype = replace(self.grid, offset=0.0, scale=1.0), refined.dtype
        deviation = self.anscombe.deviation(refined).astype(dtype)
        residual = grid.prepare(((image - refined) / deviation)[np.newaxis])[0]
        events = grid.restore(chance_of_event(residual) * residual, image.shape, dtype)
        # Continued as in a mirror, a frame has kinks at its borders, too sharp for the grid.
        beyond = guide - grid.restore(grid.prepare(guide[np.newaxis])[0], image.shape, dtype)
        beyond *= _near_border(image.shape, grid.factors)
        return refined + deviation * events + beyond

    def _filter(self, noisy, sigma, guide, shape, valid):
        """Filter an image of the grid where its noise is white, and bring it back."""
        # Binning makes room to look far away, where crystals repeat.
        profile = "crystal" if self.grid.binning > 1 else "auto"
        deviations = self._deviations(shape, noisy.shape)
        if deviations is not None:
            sigma = self._sigma_of_white(sigma, noisy, deviations, valid)
            noisy, guide = (weigh(each, 1 / deviations) for each in (noisy, guide))
        with sequential_blas:  # the result must not depend on the number of cores
            if guide is None:
                filtered = bm3d(noisy, sigma, profile=profile, valid=valid)
            else:
                filtered = nl_bayes(noisy, sigma, guide, profile=profile, valid=valid)
        return filtered if deviations is None else weigh(filtered, deviations)

    def _sigma_of_white(self, sigma, noisy, deviations, valid):
        """Return the deviation of whitened noise: the more is binned, the more what was left shows.

        Smooth noise hardly passes a high pass, and how much is not told well.
        """
        sigma = sigma / math.sqrt(self.colour.high_passed)
        seen = deviation_beyond(noisy, deviations, math.sqrt(FAINT))
        if seen is None:
            return sigma
        if valid is not None:
            seen /= math.sqrt(valid.mean())
        mean = math.sqrt(np.mean(np.square(sigma)))
        room = 1 - 1 / self.grid.binning**2
        return sigma * (seen / mean) ** room

    def _deviations(self, shape, kept):
        """Return those of the coefficients that binning keeps, or None where the noise is white."""
        return None if self.colour is None else self.colour.whitened_by(shape, kept)


def _until_seen(frames, anscombe):
    """Return the factor by which images are to be binned until they stand out of their noise."""
    noise = np.mean([anscombe.variance(frame).mean() for frame in frames])
    seen = max(np.var(frames, axis=(1, 2), dtype=np.float64).mean() / noise - 1, _UNTOLD)
    largest = min(_FARTHEST, min(frames.shape[1:]) / _SMALLEST_SIDE)
    return min(math.sqrt(_DROWNED / seen), largest)


def _near_border(shape, factors):
    """Return 1 at the borders of an image, falling to 0 within a few pixels of the grid."""
    falls = []
    for side, factor in zip(shape, factors, strict=True):
        distance = np.arange(side)
        falls.append(np.minimum(distance, distance[::-1]) / (_BORDER * factor))
    return np.exp(-np.minimum(falls[0][:, np.newaxis], falls[1])).astype(np.float32)


def _working_type(images):
    return np.result_type(images.dtype, np.float32)


def _check_varied(stabilized, image, anscombe):
    if stabilized.min() == stabilized.max():
        raise ValueError(
            f"Expected intensities that are 0 without electrons, got {image.max():g} as the "
            f"largest, of which noise=({anscombe.a:.3g}, {anscombe.b:.3g}) leaves nothing. "
            "Subtract the offset of the camera, or let noise=None estimate it."
        )
