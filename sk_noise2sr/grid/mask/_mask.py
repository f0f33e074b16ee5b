"""Pixels that are no picture: found once, filled before a denoiser looks, put back after it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import ndimage

from ._bad_pixels import fill_pixels, find_bad_pixels
from ._dead_lines import find_dead_lines
from ._regions import fill_regions, find_constant_regions

_WIDE = 3.0  # pixels: width of the filling of dead lines, so that no hot pixel beside one spreads
_THICK = 4  # pixels across, from which on a masked part is a region


@dataclass(frozen=True)
class Mask:
    """Which pixels of an image are no picture. True is invalid.

    Parameters
    ----------
    regions : ndarray of bool of shape (height, width)
        Parts over the picture or around it, such as scale bars: come back as they are.
    pixels : ndarray of bool of shape (height, width)
        Bad pixels and dead lines, within the picture: come back filled.
    """

    regions: np.ndarray
    pixels: np.ndarray

    @classmethod
    def find(cls, image: np.ndarray, given: np.ndarray | None = None, search: bool = True) -> Self:
        """Find pixels that are certainly invalid, in addition to what the user gives.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            Noisy image; what is not finite is invalid.
        given : ndarray of bool of shape (height, width) or None, default=None
            Pixels that are invalid: regions where they are four across, bad pixels elsewhere.
        search : bool, default=True
            Whether to look for regions of one value, dead lines and bad pixels.

        Returns
        -------
        Mask
            The mask.

        Raises
        ------
        ValueError
            If no pixel is valid.

        Examples
        --------
        >>> image = np.random.default_rng(0).normal(size=(64, 64))
        >>> image[50:54, 10:40], image[20, 20], image[:, 60] = 9.0, -80.0, 0.0
        >>> mask = Mask.find(image)
        >>> int(mask.regions.sum()), int(mask.pixels.sum())
        (120, 65)
        """
        given = _with_broken(image, given)
        _check_valid(given)
        regions = _thick(given)
        mask = cls(regions, given & ~regions)
        return mask._searched(image) if search else mask

    def _searched(self, image):
        image = self.fill(image)
        found = find_constant_regions(image, self.regions if self.regions.any() else None)
        regions = self.regions | found
        image = fill_regions(image, found) if found.any() else image
        lines = find_dead_lines(image) & ~regions
        overlays = _inside(lines) if lines.any() else lines
        image = fill_pixels(image, lines, _WIDE) if lines.any() else image
        known = regions | lines
        bad = find_bad_pixels(image, known=known if known.any() else None)
        pixels = (self.pixels | (lines & ~overlays) | bad) & ~regions
        return Mask(regions | overlays, pixels)

    @property
    def invalid(self) -> np.ndarray:
        """All invalid pixels."""
        return self.regions | self.pixels

    def any(self) -> bool:
        """Return whether there is an invalid pixel."""
        return bool(self.regions.any() or self.pixels.any())

    def fill(self, image: np.ndarray) -> np.ndarray:
        """Return the image with a continuation of the picture in invalid pixels.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            The image.

        Returns
        -------
        ndarray of shape (height, width)
            The image itself if nothing is invalid; else one of float32 or float64.
        """
        if not self.any():
            return image
        dtype = np.result_type(image.dtype, np.float32)
        if self.pixels.any():
            image = fill_pixels(image, self.invalid)
        if self.regions.any():
            image = fill_regions(image, self.regions)
        return image.astype(dtype, copy=False)

    def put_back(self, image: np.ndarray, result: np.ndarray, pixels: bool = False) -> np.ndarray:
        """Put the pixels of regions back into a result, in place.

        Parameters
        ----------
        image : ndarray of shape (height, width)
            The image that was filled.
        result : ndarray of floating type of shape (height, width)
            The denoised image.
        pixels : bool, default=False
            Whether bad pixels and dead lines come back too.

        Returns
        -------
        ndarray of shape (height, width)
            The result.
        """
        over = self.invalid if pixels else self.regions
        result[over] = image[over]
        return result


def _with_broken(image, given):
    """Return what is given together with what is not finite."""
    given = np.zeros(image.shape, dtype=bool) if given is None else given
    return given if image.dtype.kind != "f" else given | ~np.isfinite(image)


def _check_valid(invalid):
    if invalid.all():
        raise ValueError(
            "No pixel of an image is valid: mask (True, NaN) what is no picture, leave the rest."
        )


def _thick(given):
    """Return the parts that are regions, with their rounded corners."""
    if not given.any():
        return given
    padded = np.pad(given, _THICK, mode="edge")
    opened = ndimage.binary_opening(padded, np.ones((_THICK, _THICK)))
    return ndimage.binary_dilation(opened, iterations=_THICK, mask=padded)[
        _THICK:-_THICK, _THICK:-_THICK
    ]


def _inside(lines):
    """Return the lines that reach no border: these are thin scale bars, not dead lines."""
    labels, _ = ndimage.label(lines)
    ends = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return lines & ~np.isin(labels, ends)
