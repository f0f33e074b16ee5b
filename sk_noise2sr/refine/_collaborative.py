"""Collaborative filtering of stabilised noise, alone or guided by a first estimate.

:class:`CollaborativeFilter` is the filter of ``VSTBM3D`` and of ``refine``: it stabilises the
noise, bins, whitens, filters groups of similar blocks, and goes all steps back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np

from .._blas import sequential_blas
from ..filters import nl_bayes, wiener
from ..grid import (
    Colour,
    WorkingGrid,
    bin_images,
    colour_of_image,
    find_uneven_noise,
    mean_of,
    whiteness,
)
from ..noise import Anscombe
from ._choose_grid import choose_grid
from ._events import with_the_rest
from ._mixture import usual_shares
from ._noise import noise_left, noise_level, normal_share
from ._odd import with_odd_places
from ._passes import worth_of_another
from ._stabilized import bring_back, check_varied, leaves_nothing, stabilize, stabilize_stack
from ._white import filter_white

_FRAMES_LOOKED_AT = 16
# Share of what blocks of a guide differ by that is signal. Errors of a filtered result follow the
# noise, those of block matching alone most, those of a network hardly.
_OF_NETWORK, _OF_FILTERED, _OF_BLOCKS = 0.6, 0.4, 0.35


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
    mixture : tuple of four float or None, default=None
        Shares of the guide, of the filter that it guides, of the filter alone and of a Wiener
        filter in a refined result, from 0 to 1; None for the usual ones.
    drowned : float, default=1.0
        By what factor the grid is coarser than detail would ask for, because noise hides it.
    known : bool, default=False
        Whether `anscombe` was given by the user, not read off the images.
    white : float, default=0.0
        How sure it is that the noise is white, from 0 to 1, whatever texture looks like.
    normal : float, default=1.0
        How far counts are so many that their sums are normal, from 0 to 1.
    """

    anscombe: Anscombe
    grid: WorkingGrid
    colour: Colour | None = None
    mixture: tuple | None = None
    drowned: float = 1.0
    known: bool = False
    white: float = 0.0
    normal: float = 1.0

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """Shares of the guide, of the filter that it guides, of it alone and of a Wiener filter."""
        return self._weighed(usual_shares(self)) if self.mixture is None else self.mixture

    def _weighed(self, shares):
        kept, *others = (self.weight * share for share in shares)
        return kept + 1 - self.weight, *others

    @property
    def weight(self) -> float:
        """How far the filter is believed, from 0 to 1.

        Block matching takes lines that are displaced or too bright for structure, and brings back
        what the network has left out. If such lines make half of the noise, the filter is not used.
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
        known: bool = False,
        white: float | None = None,
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
            Least factors of ``"auto"``, as far as neighbours share noise: those of a guide, which
            shows nothing finer.
        alone : bool, default=True
            Whether an image is filtered by itself. Then, if noise hides it, ``"auto"`` bins until
            blocks can be told apart, and detail that no block shows is lost.
        known : bool, default=False
            Whether `anscombe` was given by the user: then, as far as such noise is white, texture
            is not taken for smooth noise.
        white : float or None, default=None
            How sure it is that the noise is white; None reads it off the images.

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
        stabilized = stabilize_stack(frames, anscombe)
        if white is None:
            white = whiteness(frames[0], anscombe.variance if known else None)
        colour = colour_of_image(stabilized[0], uniform=True, white=white)
        wanted = binning, at_least, alone, white
        grid, drowned = choose_grid(frames, stabilized, anscombe, colour, *wanted)
        normal = normal_share(frames, anscombe, grid.binning)
        return cls(anscombe, grid, colour, None, drowned, known, white, normal)

    def again(self, stack: np.ndarray, anscombe: Anscombe) -> Self:
        """Return the filter for another draw of noise, on the same grid and with the same shares.

        Parameters
        ----------
        stack, anscombe
            As in :meth:`fit`.

        Returns
        -------
        CollaborativeFilter
            The filter, which knows the colour of this noise.
        """
        told = {"known": self.known, "white": self.white}
        new = type(self).fit(stack, anscombe, self.grid.factors, **told)
        grid = replace(new.grid, taper=self.grid.taper)
        return replace(self, anscombe=anscombe, grid=grid, colour=new.colour)

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
            the signal is; the noisy pixels are averaged. None makes one by a threshold.
        residuals : sequence of ndarray, default=()
            For a frame of a movie with a guide: the :func:`residual` of frames around it.
        n_passes : int, default=1
            How often to filter, each time but the first guided by the result before.
        valid : ndarray of bool of shape (height, width) or None, default=None
            False where the image was filled in; None if it nowhere was.

        Returns
        -------
        ndarray of shape (height, width)
            The denoised image, in float64, or in float32 where that holds the noisy one.

        Raises
        ------
        ValueError
            If the noise model leaves nothing of the image.
        """
        stabilized = stabilize(image, self.anscombe)
        if guide is None:
            check_varied(stabilized, image, self.anscombe)
        elif leaves_nothing(stabilized):
            return guide.copy()  # the noise model leaves no signal to filter
        uneven = None if residuals else self._unevenness(image, valid)
        sigma = self._sigma(image, stabilized, uneven)
        del stabilized  # of a large frame: to stabilise it twice costs less than the memory
        noisy = self.grid.prepare(image, self.anscombe.transform)
        if guide is not None:
            guide = self.grid.prepare(guide, self.anscombe.transform)
        if residuals:
            own = noisy - guide
            mean = np.mean([own, *residuals], axis=0)
            sigma *= noise_left(own, mean)
            noisy = guide + mean
        filtered = self._filter(noisy, sigma, guide, image, n_passes, valid)
        return bring_back(filtered, image, self.grid, self.anscombe, self.colour)

    def _sigma(self, image, stabilized, uneven):
        """Return the deviation of the noise on the grid; `stabilized` is changed."""
        if uneven is not None:
            stabilized /= uneven
        sigma = noise_level(stabilized, image, self.anscombe, self.grid)
        sigma /= self.grid.scale * self.grid.binning
        return sigma if uneven is None else sigma * bin_images(uneven, self.grid.factors)

    def _filter(self, noisy, sigma, guide, image, n_passes, valid):
        """Filter an image of the grid, each time but the first guided by the result before."""
        grid, filtered = self.grid, guide
        valid = None if valid is None else grid.valid_share(valid)
        worth = worth_of_another(image, guide is not None, self.anscombe, grid.binning, self.weight)
        known = image.shape, grid.binning, self.colour, valid
        with sequential_blas:  # the result must not depend on the number of cores
            for number in range(n_passes):
                signal = _OF_BLOCKS if guide is None else _OF_FILTERED if number else _OF_NETWORK
                guided = partial(nl_bayes, signal=signal)
                again = filter_white(noisy, sigma, filtered, *known, guided)
                filtered = filtered + worth * (again - filtered) if number else again
        return filtered

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
        image, guide, residuals, n_passes, valid
            As in :meth:`denoise`.

        Returns
        -------
        ndarray of shape (height, width)
            The refined result: the mean of guide and filters, weighed by their shares, and what
            that lacks at odd places.
        """
        kept, guided, alone, linear = self.shares
        if alone and leaves_nothing(stabilize(image, self.anscombe)):
            kept, alone = kept + alone, 0.0
        refined = kept * guide
        if guided:
            refined += guided * self.denoise(image, guide, residuals, n_passes, valid)
        if alone:
            refined += alone * self.denoise(image, valid=valid)
        if linear:
            refined += linear * self._weigh_frequencies(image, valid)
        if residuals:
            return with_the_rest(image, refined, guide, self.grid, self.anscombe)
        return with_odd_places(self, image, refined, guided, valid)

    def _unevenness(self, image, valid=None):
        noise = self.anscombe
        if self.known:
            return None
        return find_uneven_noise(image, noise.variance, noise.a, self.colour, valid)

    def _weigh_frequencies(self, image, valid=None, added=0.0):
        """Return the image after a Wiener filter, which suits texture that repeats no motif.

        `added` is the variance of changes that were added to the image, and count as noise.
        """
        noise = mean_of(self.anscombe.variance, image)
        uneven = self._unevenness(image, valid)
        if uneven is not None:
            noise *= np.mean(uneven**2)
        noise += added
        deviations = self.colour and self.colour.whitened_by(image.shape, image.shape)
        if deviations is not None:
            noise = noise / self.colour.high_passed * deviations**2
        return wiener(image, noise)
