"""From an image and a fit to the mean over random draws, refined, and to a score."""

import math
from dataclasses import replace

import numpy as np

from .. import engine
from .._checks import as_stack, varied
from ..grid import scaled
from ._groups import of_each, serving
from ._learn import check_binned_sides, learn_filter
from ._neighbours import with_neighbours
from ._resources import filter_threads, resources


def denoise_image(denoiser, image, valid=None, *, return_spread=False, bar=None):
    """Denoise one image, seen alone.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser with a fit.
    image : ndarray of shape (height, width)
        Noisy image, with invalid pixels filled.
    valid : ndarray of bool of shape (height, width) or None, default=None
        False in invalid regions; None if there are none.
    return_spread : bool, default=False
        Whether to compute the spread.
    bar : tqdm or None, default=None
        The progress bar, which counts draws.

    Returns
    -------
    denoised, spread : ndarray of shape (height, width)
        The result, and the spread of the draws or None.
    """
    if not varied(image):
        return image.copy(), np.zeros_like(image, dtype=float)
    check_learned(denoiser)
    check_filter(denoiser)
    fit = serving(denoiser.fit_, image)
    if fit.levels is None:
        return _denoise_alike(denoiser, fit, image, valid, fit.filter, return_spread, bar)
    gain, offset = fit.levels.map_of(image)
    brought = scaled(image, gain, offset)
    own = learn_filter(denoiser, brought[np.newaxis], fit.grid)  # each has its own noise
    if own is not None:
        own = replace(own, mixture=fit.filter.mixture)
    denoised, spread = _denoise_alike(denoiser, fit, brought, valid, own, return_spread, bar)
    denoised = scaled(denoised, 1 / gain, -offset / gain)
    return denoised, spread / gain if return_spread else None


def prepare(denoiser, grid, image):
    """Return an image on a grid, a tensor of shape (1, height, width), on the CPU."""
    check_binned_sides(image, grid, denoiser._scheme(grid))
    return engine.to_tensor(grid.prepare(image[np.newaxis]), "cpu")[0]


def guide(denoiser, fit, image, noisy, return_spread=False, bar=None):
    """Return the mean result of the network of a fit, at full size, and the spread of draws.

    `noisy` is the image on the grid.
    """
    mean, spread = _average(denoiser, fit, image, noisy[None], return_spread, bar)
    dtype = np.result_type(image.dtype, np.float32)  # of a large float32 frame, half the memory
    return fit.grid.restore(mean, image.shape, dtype), spread


def score_held_out(denoiser, masked):
    """Return how well held-out pixels are predicted, in decibels; see ``score`` of a denoiser."""
    fit, stack, valid = denoiser.fit_, masked.filled, ~as_stack(masked.invalid)
    if not fit.held_out:
        raise ValueError(
            "held_out=0 leaves no pixel to score on; give a reference, score(X, y), or fit "
            "with held_out above 0."
        )
    if fit.network is None and stack.min() == stack.max():
        return math.inf
    check_learned(denoiser)
    scores, n_frames = [], []
    for each, frames in of_each(fit, stack):
        scores.append(_score_alike(denoiser, each, stack[frames], valid[frames]))
        n_frames.append(len(stack[frames]))
    return float(np.average(scores, weights=n_frames))


def _score_alike(denoiser, fit, stack, valid):
    """Return the score of frames that one fit serves."""
    scheme = denoiser._scheme(fit.grid)
    stack = stack if fit.levels is None else fit.levels.bring(stack)
    n_pixels = stack[0].size / fit.grid.binning**2
    with resources(denoiser, fit.network, n_pixels, scheme.n_passes) as device:
        prepared = (prepare(denoiser, fit.grid, image) for image in stack)
        images = (frame[None].to(device) for frame in with_neighbours(prepared, fit.grid.context))
        valid = list(engine.to_tensor(fit.grid.valid(valid), device)[:, None])
        return fit.predictor(scheme, denoiser.max_memory).score(images, valid, fit.held_out)


def check_learned(denoiser):
    """Raise if the denoiser was fitted on a constant image."""
    if denoiser.network_ is None:
        raise ValueError(
            f"This {type(denoiser).__name__} was fitted on a constant image, from which nothing "
            "can be learned; fit it on an image like the one to denoise."
        )


def check_filter(denoiser):
    """Raise if a filter is asked for that was not fitted."""
    if denoiser.refine and denoiser.filter_ is None:
        raise ValueError(f"refine was False in fit and is {denoiser.refine} now; fit again.")


def _denoise_alike(denoiser, fit, image, valid, refining, return_spread, bar):
    """Denoise an image like those of a fit; return the result and the spread."""
    noisy = prepare(denoiser, fit.grid, image)
    guided, spread = guide(denoiser, fit, image, noisy, return_spread, bar)
    if denoiser.refine:
        with filter_threads(denoiser):
            guided = refining.refine(image, guided, n_passes=denoiser._n_passes, valid=valid)
    return guided, spread


def _average(denoiser, fit, image, noisy, return_spread, bar):
    """Return the mean of the draws, on the grid, and their spread, in the image's units."""
    mean, spread = engine.Moments(spread=False), engine.Moments()
    grid, scheme = fit.grid, denoiser._scheme(fit.grid)
    n_pixels = image.size / grid.binning**2
    with resources(denoiser, fit.network, n_pixels, scheme.n_passes) as device:
        noisy = noisy.to(device)
        for prediction, _ in fit.predictor(scheme, denoiser.max_memory).passes(noisy):
            output = prediction[0, 0].cpu().numpy()
            mean.add(output)
            if return_spread:
                spread.add(grid.restore(output, image.shape))
            if bar is not None:
                bar.update()
    return mean.mean, spread.std() if return_spread else None
