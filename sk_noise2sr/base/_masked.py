"""Images with their masks: invalid pixels are filled before a denoiser sees them."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._checks import as_stack, check_images, map_images
from .._types import MaskWarning
from ..grid import LineOffsets, Mask
from ._continue import continue_picture

_FEW = 0.1  # share of pixels: where fewer are left, a mask may be inverted


@dataclass(frozen=True)
class Masked:
    """Checked images with their invalid pixels and offsets of lines.

    Parameters
    ----------
    images : ndarray of shape (height, width) or (n, height, width)
        The images as given.
    masks : list of Mask or None
        One for each image; None if all of it is valid.
    lines : list of LineOffsets or None
        By how much whole rows and columns are too bright, one for each image; None for no offsets.
    local : bool, default=False
        Whether regions are filled smoothly, for methods that look only a few pixels far.
    """

    images: np.ndarray
    masks: list
    lines: list
    local: bool = False

    @classmethod
    def check(cls, estimator: Any, X: ArrayLike, mask: ArrayLike = "auto", *, reset: bool) -> Self:
        """Check images and their mask.

        Parameters
        ----------
        estimator : BaseEstimator
            Who asks.
        X : array-like of shape (height, width) or (n, height, width)
            Images; what is NaN, infinite or masked in a masked array is invalid.
        mask : "auto", "none" or array-like of bool, default="auto"
            See :meth:`BaseDenoiser.fit`.
        reset : bool
            True in ``fit``.

        Returns
        -------
        Masked
            The images.

        Raises
        ------
        ValueError
            If images or mask are not as described.
        """
        data = X.data if isinstance(X, np.ma.MaskedArray) else X
        images = check_images(estimator, data, reset=reset, finite=False)
        given = np.zeros(images.shape, bool) | _given(mask, images.shape)
        if np.ma.is_masked(X):
            given |= np.ma.getmaskarray(X)
        search = not (isinstance(mask, str) and mask == "none")
        masks = [
            Mask.find(image, over if over.any() else None, search)
            for image, over in zip(as_stack(images), as_stack(given), strict=True)
        ]
        masks = [found if found.any() else None for found in masks]
        lines = [
            _find_lines(image, found) if search and getattr(estimator, "_level", False) else None
            for image, found in zip(as_stack(images), masks, strict=True)
        ]
        return cls(images, masks, lines, getattr(estimator, "_local", True))

    @property
    def invalid(self) -> np.ndarray:
        """Map of invalid pixels, of the shape of the images."""
        invalid = np.zeros(self.images.shape, dtype=bool)
        for over, mask in zip(as_stack(invalid), self.masks, strict=True):
            if mask is not None:
                over[:] = mask.invalid
        return invalid

    @property
    def filled(self) -> np.ndarray:
        """The images as denoisers see them, as a stack: invalid pixels filled, lines levelled."""
        if any(self.masks) or any(self.lines):
            return np.stack([filled for *_, filled in self.frames()])
        return as_stack(self.images)

    def frames(self) -> Iterator[tuple[np.ndarray, Mask | None, np.ndarray]]:
        """Yield each image as given, its mask, and the image as a denoiser sees it."""
        frames = zip(as_stack(self.images), self.masks, self.lines, strict=True)
        for image, mask, lines in frames:
            yield image, mask, self._fill(image, mask, lines)

    def map(
        self, denoise: Callable[..., Any], pixels: bool = False, weigh: bool = False
    ) -> np.ndarray:
        """Denoise the filled images, and put invalid regions back.

        Parameters
        ----------
        denoise : callable
            Maps an image to one of its shape, or to a result and its spread, stacked.
        pixels : bool, default=False
            Whether bad pixels and dead lines come back as they are, as regions do.
        weigh : bool, default=False
            Whether `denoise` takes, beside an image with regions, which pixels lie in none.

        Returns
        -------
        ndarray of shape (..., height, width)
            The results; the spread in regions is 0.
        """
        found = zip(self.masks, self.lines, strict=True)
        return map_images(
            lambda image: self._denoise_around(denoise, image, *next(found), pixels, weigh),
            self.images,
        )

    def _denoise_around(self, denoise, image, mask, lines, pixels, weigh):
        filled = self._fill(image, mask, lines)
        if mask is None:
            return denoise(filled)
        valid = [~mask.regions] if weigh and mask.regions.any() else []
        result = denoise(filled, *valid)
        if result.ndim == 2:
            return mask.put_back(image, result, pixels)
        mask.put_back(image, result[0])
        result[1][mask.regions] = 0
        return result

    def _fill(self, image, mask, lines):
        filled = image if mask is None else mask.fill(image)
        if lines is not None:
            filled = lines.subtract(filled)
        if self.local or mask is None or not mask.regions.any():
            return filled
        return continue_picture(filled, mask.regions)

    def warn(self) -> None:
        """Warn of what was left out and levelled."""
        found = [mask for mask in self.masks if mask is not None]
        n_regions = sum(int(mask.regions.sum()) for mask in found)
        n_pixels = sum(int(mask.pixels.sum()) for mask in found)
        what = []
        if n_regions:
            what.append(
                f"{n_regions} of {self.images.size} pixels lie in regions that are no picture "
                "(under a mask, or of one value, as a scale bar, padding or saturation), and come "
                "back unchanged"
            )
        if n_pixels:
            what.append(
                f"{n_pixels} of {self.images.size} pixels are bad, and are filled from those "
                "around them"
            )
        for axis in ("rows", "columns"):
            strength = max((each.strength(axis) for each in self.lines if each), default=0.0)
            if strength > LineOffsets.NOTABLE:
                what.append(
                    f"whole {axis} are too bright or too dark, by {strength:.2g} times the noise "
                    "of a pixel, and are levelled"
                )
        if not what:
            return
        message = f'{"; ".join(what)}. Give mask="none" if that is part of the picture.'
        if (n_left := self.images.size - n_regions) < _FEW * self.images.size:
            message += f" Only {n_left} are left: invert a mask that is True where the picture is."
        warnings.warn(message[0].upper() + message[1:], MaskWarning, stacklevel=4)


def _find_lines(image, mask):
    """Return the offsets of rows and columns; None where there are none."""
    lines = LineOffsets.find(image if mask is None else mask.fill(image))
    return lines if lines.any() else None


def _given(mask, shape):
    """Return what the user marks as invalid."""
    if isinstance(mask, str) and mask in ("auto", "none"):
        return False
    array = np.asarray(mask)
    if array.dtype.kind not in "bui" or array.shape not in (shape, shape[-2:]):
        expected = " x ".join(map(str, shape))
        got = f"{array.dtype} of shape {array.shape}" if array.ndim else repr(mask)
        raise ValueError(
            f'Expected mask to be "auto", "none" or an array of bool of {expected} pixels, True '
            f"where X is no picture, got {got}."
        )
    return array != 0
