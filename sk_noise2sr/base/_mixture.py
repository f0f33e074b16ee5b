"""The shares of network and filters in a refined result, learned after the training."""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np

from .._checks import varied
from .._middle import middle_of
from ..refine import weight_of_learned, with_mixture
from ._draw import guide, prepare
from ._groups import of_each
from ._resources import filter_threads

_SIDE = 192  # pixels: of the window from which shares are learned
_SMALLEST = 32  # pixels: a smaller window tells no more than chance
_WORTH = 0.05  # weight of learned shares, below which they are not worth their time
_MOST = 0.5  # share of block matching above which a warning names it


def learn_mixtures(denoiser, stack):
    """Return the fit, whose filters have learned their shares.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser with a fit.
    stack : ndarray of shape (n, height, width)
        The images of the fit, with invalid pixels filled.

    Returns
    -------
    Fit
        The fit; unchanged if an image of many counts is binned far, if frames are seen with others,
        or with ``max_time``.
    """
    fit = denoiser.fit_
    if denoiser.max_time is not None or not denoiser.refine:
        return fit
    filters = {}
    for each, frames in of_each(fit, stack):
        if each.network is not None and _mixes(each):
            filters[id(each)] = _learn(denoiser, each, stack[frames])
    first, *others = (replace(each, filter=filters.get(id(each), each.filter)) for each in fit.each)
    return replace(first, others=others)


def _mixes(fit):
    known = fit.filter.mixture is not None  # from another fit
    return not known and weight_of_learned(fit.filter) > _WORTH and fit.grid.context is None


def _learn(denoiser, fit, stack):
    """Return the filter of one fit with its shares; warn if block matching alone is better."""
    windows = (middle_of(image, _SIDE) for image in stack)
    window = max((each.astype(np.float64) for each in windows), key=np.var)
    if fit.levels is not None:
        window = fit.levels.bring(window[np.newaxis])[0]
    if min(window.shape) < _SMALLEST or not varied(window):
        return fit.filter
    with filter_threads(denoiser):
        learned = with_mixture(
            fit.filter,
            window,
            partial(_guide, denoiser, fit),
            denoiser._n_passes,
            fit.seed,
            trained=window.size / (stack[0].size * np.count_nonzero(varied(stack))),
        )
    if learned.shares[2] > _MOST:
        name = type(denoiser).__name__
        warnings.warn(
            f"{name} learns less from this image than block matching sees: "
            f"{learned.shares[2]:.0%} of the result is that of VSTBM3D(refine=False), which takes "
            "seconds.",
            UserWarning,
            stacklevel=5,
        )
    return learned


def _guide(denoiser, fit, image):
    return guide(denoiser, fit, image, prepare(denoiser, fit.grid, image))[0]
