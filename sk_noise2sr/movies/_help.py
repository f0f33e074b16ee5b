"""Whether neighbours help to predict a pixel, told from pixels that a fit has not seen."""

import numpy as np
from scipy.ndimage import uniform_filter

from ._neighbours import surround

_SIDES = (3, 5, 9)  # pixels: of the squares whose means predict
_FRAMES_LOOKED_AT = 8


def neighbours_help(frames, neighbours, seed=0):
    """Tell whether the best linear prediction of a pixel gains by the frames around it.

    It is fitted to one half of the pixels and judged on the other.

    Parameters
    ----------
    frames : Tensor of shape (n, 1, height, width)
        A movie on the grid.
    neighbours : Neighbours
        The frames that each frame is seen with.
    seed : int, default=0
        Chooses the halves.

    Returns
    -------
    bool
        Whether the error is lower by more than two standard errors.

    Examples
    --------
    >>> import torch
    >>> from sk_noise2sr.movies import Neighbours
    >>> scene = np.random.default_rng(0).normal(size=(32, 32))
    >>> still = torch.tensor(scene + np.random.default_rng(1).normal(size=(6, 1, 32, 32)))
    >>> chosen = Neighbours.choose([0] * 6, np.zeros((6, 2)), reach=1)
    >>> neighbours_help(still, chosen), neighbours_help(torch.randn(6, 1, 32, 32), chosen)
    (True, False)
    """
    rng = np.random.default_rng(seed)
    numbers = np.unique(np.linspace(0, len(frames) - 1, _FRAMES_LOOKED_AT).astype(int))
    tables = [_table(surround(frames, int(n), neighbours).numpy()) for n in numbers]
    alone, together, target = (np.concatenate(each) for each in zip(*tables, strict=True))
    first = rng.random(len(target)) < 0.5
    errors = [_errors(table, target, first) for table in (alone, together)]
    gain = errors[0] - errors[1]
    return bool(gain.mean() > 2 * gain.std() / np.sqrt(len(gain)))


def _table(window):
    """Return what predicts pixels, from their own frame and from the mean of others; the pixels."""
    frame, others = window[0], window[1:].mean(axis=0)
    own = [side**2 * uniform_filter(frame, side) - frame for side in _SIDES]
    more = [uniform_filter(others, side) for side in (1, *_SIDES)]
    alone, more = (np.stack(each, axis=-1).reshape(frame.size, -1) for each in (own, more))
    return alone, np.hstack([alone, more]), frame.ravel()


def _errors(table, target, first):
    """Return the squared errors of a linear prediction on the half that it was not fitted to."""
    weights, *_ = np.linalg.lstsq(table[first], target[first], rcond=None)
    return (table[~first] @ weights - target[~first]) ** 2
