"""Pixels that are hidden from a denoiser, and how well it predicts them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._checks import as_stack, float_type, map_images
from .mask._bad_pixels import fill_outliers

# Share of pixels: at most _MOST, and less in larger images, _SIDES over their side: copied
# neighbours correlate the noise.
_MOST, _SIDES = 0.05, 40
_REACH = 2
_NEIGHBOURS = np.argwhere(np.ones((5, 5))) - _REACH
_NEIGHBOURS = _NEIGHBOURS[_NEIGHBOURS.any(axis=1)]


def hide(
    stack: np.ndarray,
    fraction: float | str,
    rng: np.random.Generator,
    valid: np.ndarray | bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Put a random neighbour in the place of some pixels.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Checked images, with sides of at least 2 pixels.
    fraction : "auto" or float
        Share of pixels to hide.
    rng : numpy.random.Generator
        Chooses.
    valid : ndarray of bool of shape (n, height, width) or True, default=True
        Pixels that may be hidden.

    Returns
    -------
    hidden : ndarray of shape (n, height, width)
        The images, of their own type, with neighbours in the place of hidden pixels.
    truth : ndarray of shape (n, height, width)
        The hidden values, of floating type; NaN elsewhere.
    """
    if fraction == "auto":
        fraction = min(_MOST, _SIDES / float(np.sqrt(np.prod(stack.shape[1:]))))
    floating = stack.astype(float_type(stack.dtype))
    filled = fill_outliers(floating)
    chosen = (rng.random(stack.shape) < fraction) & (filled == floating) & valid
    places = np.nonzero(chosen)
    around = _around(places, stack.shape)
    seen = ~chosen[around]
    alone = ~seen.any(axis=1)
    chosen[tuple(place[alone] for place in places)] = False
    if not chosen.any():
        raise ValueError(
            f"No pixel of images of shape {stack.shape} is hidden with fraction={fraction:g}; "
            "raise it."
        )
    neighbour = (rng.random(seen.shape) * seen).argmax(axis=1)[:, np.newaxis]
    copied = np.take_along_axis(filled[around], neighbour, axis=1)[~alone, 0]
    hidden = stack.copy()
    hidden[chosen] = copied.astype(stack.dtype)
    return hidden, np.where(chosen, floating, np.nan)


def _around(places, shape):
    """Return the indices of the neighbours of pixels, three of (n, 24); borders are mirrored."""
    frame, *inside = places
    rows_and_columns = (
        np.pad(np.arange(side), _REACH, mode="reflect")[place[:, np.newaxis] + offsets + _REACH]
        for place, side, offsets in zip(inside, shape[1:], _NEIGHBOURS.T, strict=True)
    )
    return frame[:, np.newaxis], *rows_and_columns


def prediction_score(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Return the coefficient of determination at hidden pixels, in dB.

    Parameters
    ----------
    predicted, truth : ndarray of one shape
        Predictions, and the hidden values, with NaN where nothing was hidden.

    Returns
    -------
    float
        ``-10 log10(1 - R**2)``; greater is better.

    Examples
    --------
    >>> print(round(prediction_score(np.array([1.0, 2, 3.1]), np.array([1.0, np.nan, 3])), 1))
    23.0
    """
    known = ~np.isnan(truth)
    errors = np.asarray(predicted, dtype=float)[known] - truth[known]
    with np.errstate(divide="ignore", invalid="ignore"):  # of a constant image
        return float(-10 * np.log10(np.mean(errors**2) / truth[known].var(dtype=float)))


def score_hidden(
    denoise: Callable[..., Any], images: np.ndarray, seed: int = 0, valid: np.ndarray | bool = True
) -> float:
    """Hide pixels of images, denoise the images, and judge how well the pixels are predicted.

    Parameters
    ----------
    denoise : callable
        Maps an image (height, width) to one of its shape.
    images : ndarray of shape (height, width) or (n, height, width)
        Checked images.
    seed : int, default=0
        Chooses the pixels: take the same for all methods that are compared.
    valid : ndarray of bool of shape (n, height, width) or True, default=True
        Pixels that may be hidden.

    Returns
    -------
    float
        As that of :func:`prediction_score`.

    Examples
    --------
    >>> from scipy.ndimage import gaussian_filter
    >>> smooth = np.sin(np.arange(40) / 8)[:, np.newaxis] * np.ones(40)
    >>> noisy = smooth + np.random.default_rng(0).normal(0, 0.5, smooth.shape)
    >>> blur, keep = (score_hidden(lambda X: gaussian_filter(X, s), noisy) for s in (2, 0.1))
    >>> blur > keep
    True
    """
    stack = as_stack(images)
    if min(stack.shape[1:]) < 2:
        raise ValueError(f"Hidden pixels need neighbours, got images of {stack.shape[1:]}.")
    hidden, truth = hide(stack, "auto", np.random.default_rng(seed), valid)
    return prediction_score(map_images(denoise, hidden), truth)
