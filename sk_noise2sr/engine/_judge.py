"""Whether a fit is any good, told from pixels that were held out of its targets."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy import special
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from torch.nn import functional as F

from ..grid import colour_of_image, surely

_STRICT = 3  # standard errors by which a fit must be worse than a local mean
_WIDTHS = (0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 8.0)  # pixels


def held_out_errors(
    predictions: Iterable[tuple[torch.Tensor, torch.Tensor]],
    noisy: torch.Tensor,
    held_out: torch.Tensor,
) -> "HeldOut":
    """Return the errors of predictions at held-out pixels.

    Parameters
    ----------
    predictions : iterable of (Tensor, Tensor)
        Pairs of the shape of `noisy`: a prediction, and a map of the pixels it could not see.
        A pixel counts only in predictions that could not see it.
    noisy : Tensor of shape (1, 1, height, width)
        The noisy image.
    held_out : Tensor of bool of shape (height, width)
        The pixels to look at.

    Returns
    -------
    HeldOut
        The errors of the mean prediction, at the held-out pixels that some prediction could not
        see.
    """
    total, count = torch.zeros_like(noisy), torch.zeros_like(noisy)
    for prediction, hidden in predictions:
        total += prediction * hidden
        count += hidden
    where = held_out & (count[0, 0] > 0)
    return HeldOut(_squared(total / count - noisy, where), noisy, where)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Errors at pixels that were held out, and those of what needs no training.

    Parameters
    ----------
    errors : ndarray of shape (n_pixels,)
        Squared errors of predictions.
    noisy : Tensor of shape (1, 1, height, width)
        The noisy image.
    where : Tensor of bool of shape (height, width)
        The pixels.
    """

    errors: np.ndarray
    noisy: torch.Tensor
    where: torch.Tensor

    def local_mean(self) -> np.ndarray:
        """Return the squared errors of the mean of the eight neighbours, had they no noise."""
        return _squared(_mean_of_neighbours(self.noisy) - self.noisy, self.where) + self._shared

    def gaussian(self) -> np.ndarray:
        """Return those of the best Gaussian mean of the pixels around, of several."""
        image, where = (each.cpu().numpy() for each in (self.noisy[0, 0], self.where))
        errors = [(_mean_around(image, width) - image)[where] ** 2 for width in _WIDTHS]
        return min(errors, key=np.sum).astype(float) + self._shared

    @cached_property
    def _shared(self):
        """By what squared errors of a mean are too small, as neighbours share the pixel's noise."""
        colour = colour_of_image(self.noisy[0, 0].cpu().numpy())
        if colour is None:
            return 0.0
        found = (colour.correlation(*lag) for lag in ((0, 1), (1, 0)))
        certain = (value * surely((value / error) ** 2, 1.0) for value, error in found)
        return 2 * colour.variance * max(0.0, *certain)


def _squared(difference, where):
    return (difference[0, 0][where] ** 2).cpu().numpy().astype(float)


def _mean_of_neighbours(noisy):
    ring = torch.full((1, 1, 3, 3), 1 / 8, device=noisy.device)
    ring[..., 1, 1] = 0
    return F.conv2d(F.pad(noisy, (1,) * 4, mode="reflect"), ring)


def _mean_around(image, width):
    """Return a Gaussian mean of what is around each pixel, without the pixel."""
    spot = np.zeros((1, 8 * int(np.ceil(width)) + 1))
    spot[0, spot.size // 2] = 1.0
    own = gaussian_filter1d(spot, width)[0, spot.size // 2] ** 2
    return (gaussian_filter(image, width, mode="mirror") - own * image) / (1 - own)


def judge(errors: np.ndarray, baseline: np.ndarray) -> str | None:
    """Return the fault of a fit, if it has one.

    Parameters
    ----------
    errors, baseline : ndarray of shape (n_pixels,)
        Squared errors of the fit and of a local mean at the same pixels.

    Returns
    -------
    str or None
        A clause for a message; None if the fit is no worse than the local mean, as far as a t-test
        of the differences can tell, as strict as three standard errors of many pixels.

    Examples
    --------
    >>> judge(np.ones(100), np.full(100, 2.0)) is None
    True
    >>> judge(np.ones(100), np.full(100, 0.5))
    'its error on held-out pixels is 1, that of a local mean 0.5'
    """
    if not np.isfinite(errors).all():
        return "its result is not finite"
    difference = errors - baseline
    if len(difference) < 2:
        return None
    # Of few pixels, even the standard error is little more than a guess.
    limit = special.stdtrit(len(difference) - 1, special.ndtr(_STRICT))
    standard_error = difference.std(ddof=1) / np.sqrt(len(difference))
    if difference.mean() <= limit * standard_error:
        return None
    return (
        f"its error on held-out pixels is {errors.mean():.3g}, "
        f"that of a local mean {baseline.mean():.3g}"
    )
