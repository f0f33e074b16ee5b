"""The grid that a network sees: Fourier-binned, with white noise, mean 0 and deviation 1."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from ._resampling import bin_images, binned_shape, resample, unbin_image
from ._strips import map_strips, moments
from .binning._factors import choose_factors
from .colour._colour import Colour
from .colour._shared_noise import colour_to_whiten

_FRAMES_LOOKED_AT = 16
_VALID_SHARE = 0.75
_ROUNDED_UP = 1 + 1e-12  # a side over its factor may not round to more than was asked for


@dataclass(frozen=True)
class WorkingGrid:
    """An affine map of intensities and binning factors, and the way back.

    Parameters
    ----------
    offset, scale : float
        Intensities are brought to ``(image - offset) / scale``.
    binning : float
        Factor of the Fourier binning, at least 1: ``binning**2`` pixels become one.
    taper : bool, default=False
        Whether the way back fades out frequencies near the cut. Right if the factor was read off
        the image: then the margin below the cut holds no detail, only what a network invents.
    factors : tuple of two float or None, default=None
        By what height and width are divided, where they differ: `binning` is their geometric
        mean. None is the same for both.
    correlated : {"rows", "columns"} or None, default=None
        Along which lines noise stays correlated on the grid, where that was looked for.
    colour : Colour or None, default=None
        The colour of the noise, which is made white on the grid; None for noise that is white.
    context : Context or None, default=None
        With which other frames a frame of a movie is seen; None for images that are seen alone.
    """

    offset: float
    scale: float
    binning: float
    taper: bool = False
    factors: tuple | None = None
    correlated: str | None = None
    colour: Colour | None = None
    context: object | None = None

    def __post_init__(self):
        """Write out the factors."""
        if self.factors is None:
            object.__setattr__(self, "factors", (self.binning, self.binning))

    @classmethod
    def fit(
        cls,
        stack: np.ndarray,
        *,
        binning: float | str | tuple[float, float],
        stride: int,
        standardize: bool,
        colour: Colour | None = None,
        uniform: bool = False,
        white: float = 0.0,
    ) -> Self:
        """Learn the grid from noisy images.

        Parameters
        ----------
        stack : ndarray of shape (n, height, width)
            Images of any real type, not all constant.
        binning : "auto", float or pair of float
            The factor or those of both axes, or ``"auto"`` to read them off the images.
        stride : int
            Stride by which the binned images will be sub-sampled.
        standardize : bool
            Whether to change intensities.
        colour : Colour or None, default=None
            The colour of the noise, which is made white as far as neighbours on the grid share it;
            None leaves it.
        uniform, white
            As in :func:`choose_factors`.

        Returns
        -------
        WorkingGrid
            The grid.
        """
        frames = stack[:: -(-len(stack) // _FRAMES_LOOKED_AT)]
        offset, spread = moments(frames)
        taper = isinstance(binning, str)
        if taper:
            prepare = cls(offset, spread, 1.0).prepare
            binning = choose_factors(frames, stride, prepare, uniform, white)
        factors = tuple(np.broadcast_to(binning, 2).astype(float).tolist())
        binning = float(np.sqrt(np.prod(factors)))
        grid = cls(offset, spread, binning, taper, factors)
        if colour is not None:
            grid = replace(grid, colour=colour_to_whiten(colour, frames[0], grid))
        if not standardize:
            return replace(grid, offset=0.0, scale=1.0)
        mean, deviation = moments(grid.prepare(frames))
        return replace(grid, offset=offset + spread * mean, scale=spread * deviation)

    def prepare(
        self, images: np.ndarray, transform: Callable[..., Any] | None = None
    ) -> np.ndarray:
        """Bring images onto the grid.

        Parameters
        ----------
        images : ndarray of shape (height, width) or (n, height, width)
            Images of any real type, free of bad pixels: one of them would ring over a binned
            image and outweigh all else in a loss.
        transform : callable or None, default=None
            A function of single pixels that comes first.

        Returns
        -------
        ndarray of float32 of shape (..., binned height, binned width)
            What a network sees.
        """
        if images.ndim == 2:
            return self._prepare_one(images, transform)
        shape = (len(images), *binned_shape(images.shape[1:], self.factors))
        prepared = np.empty(shape, np.float32)
        for number, image in enumerate(images):
            prepared[number] = self._prepare_one(image, transform)
        return prepared

    def _prepare_one(self, image, transform):
        def standardize(rows):
            rows = rows if transform is None else transform(rows)
            return np.subtract(rows, self.offset, dtype=np.float64) / self.scale

        image = map_strips(standardize, image, np.float32)
        deviations = self._deviations(image.shape)
        if deviations is None:
            return bin_images(image, self.factors)
        return resample(image, deviations.shape, 1 / deviations)

    def _deviations(self, shape):
        """Return those of the noise at the frequencies that the grid keeps; None if it is white."""
        kept = binned_shape(shape, self.factors)
        return None if self.colour is None else self.colour.whitened_by(shape, kept)

    def factors_for_sides(self, shape: tuple[int, int], multiple: int) -> tuple[float, ...] | None:
        """Return the next smaller factors that bin images to sides of a multiple.

        Parameters
        ----------
        shape : tuple of int
            Full height and width.
        multiple : int
            What binned sides have to be a multiple of.

        Returns
        -------
        tuple of float or None
            The factors; None where a side is too short for them.

        Examples
        --------
        >>> factors = WorkingGrid(0.0, 1.0, 1.77).factors_for_sides((256, 128), 8)
        >>> binned_shape((256, 128), factors)
        (152, 80)
        """
        sides = multiple * -(-np.array(binned_shape(shape, self.factors)) // multiple)
        if np.any(sides >= shape):
            return None
        return tuple((np.divide(shape, sides) * _ROUNDED_UP).tolist())

    def valid(self, valid: np.ndarray) -> np.ndarray:
        """Tell which pixels of the grid are means of valid ones, but for a few.

        Parameters
        ----------
        valid : ndarray of bool of shape (n, height, width)
            Valid pixels of images.

        Returns
        -------
        ndarray of bool of shape (n, binned height, binned width)
            Valid pixels of the grid.
        """
        return bin_images(valid.astype(np.float32), self.factors) > _VALID_SHARE

    def valid_share(self, valid: np.ndarray) -> np.ndarray:
        """Tell how much of each pixel of the grid is valid.

        Parameters
        ----------
        valid : ndarray of bool of shape (height, width)
            Valid pixels of an image.

        Returns
        -------
        ndarray of float32 of shape (binned height, binned width)
            From 0 to 1.
        """
        return np.clip(bin_images(valid.astype(np.float32), self.factors), 0, 1)

    def noise(self, noise: Any) -> Any:
        """Return the noise model on the grid.

        Parameters
        ----------
        noise : Anscombe
            Noise of the variance ``a * (clean - offset) + b**2`` in the images.

        Returns
        -------
        Anscombe
            The same noise on the grid, where binning has made it weaker.
        """
        return replace(
            noise,
            a=noise.a / (self.scale * self.binning**2),
            b=noise.b / (self.scale * self.binning),
            offset=(noise.offset - self.offset) / self.scale,
        )

    def restore(
        self, image: np.ndarray, shape: tuple[int, ...], dtype: DTypeLike = np.float64
    ) -> np.ndarray:
        """Bring an image of the grid back to full size and the original intensities.

        Parameters
        ----------
        image : ndarray of shape (binned height, binned width)
            What a network made.
        shape : tuple of int
            Full height and width.
        dtype : dtype, default=float64
            Floating type of the result.

        Returns
        -------
        ndarray of shape `shape`
            The image in the units of the input.
        """

        def scale(rows):
            return np.multiply(rows, self.scale, dtype=np.float64) + self.offset

        full = unbin_image(image, shape, self.taper, weights=self._deviations(shape))
        return map_strips(scale, full, dtype)


UNBINNED = WorkingGrid(offset=0.0, scale=1.0, binning=1.0)
