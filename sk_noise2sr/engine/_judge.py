"""Whether a fit is any good, told from pixels that were held out of its targets."""

from collections.abc import Iterable

import numpy as np
import torch
from torch.nn import functional as F


def held_out_errors(
    predictions: Iterable[tuple[torch.Tensor, torch.Tensor]],
    noisy: torch.Tensor,
    held_out: torch.Tensor,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors of predictions, and of a local mean, at held-out pixels.

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
    errors, baseline : ndarray of shape (n_pixels,)
        Squared error of the mean prediction and of the mean of the eight neighbours, at the
        held-out pixels that some prediction could not see.
    """
    total, count = torch.zeros_like(noisy), torch.zeros_like(noisy)
    for prediction, hidden in predictions:
        total += prediction * hidden
        count += hidden
    seen_by_none = held_out & (count[0, 0] > 0)
    errors = (total / count - noisy)[0, 0][seen_by_none] ** 2
    baseline = (_mean_of_neighbours(noisy) - noisy)[0, 0][seen_by_none] ** 2
    return errors.cpu().numpy().astype(float), baseline.cpu().numpy().astype(float)


def _mean_of_neighbours(noisy):
    ring = torch.full((1, 1, 3, 3), 1 / 8, device=noisy.device)
    ring[..., 1, 1] = 0
    return F.conv2d(F.pad(noisy, (1, 1, 1, 1), mode="reflect"), ring)


def judge(errors: np.ndarray, baseline: np.ndarray) -> str | None:
    """Return the fault of a fit, if it has one.

    Parameters
    ----------
    errors, baseline : ndarray of shape (n_pixels,)
        Squared errors of the fit and of a local mean at the same pixels.

    Returns
    -------
    str or None
        A clause for a message; None if the fit is no worse than the local mean, as far as three
        standard errors of the difference can tell.

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
    standard_error = difference.std() / np.sqrt(len(difference))
    if difference.mean() <= 3 * standard_error:
        return None
    return (
        f"its error on held-out pixels is {errors.mean():.3g}, "
        f"that of a local mean {baseline.mean():.3g}"
    )
