"""A movie: every frame is denoised together with those around it, as the frames come."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from operator import attrgetter

import numpy as np

from .. import movies, refine
from .._checks import float_type, varied
from ._draw import check_filter, guide, prepare
from ._resources import filter_threads


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a movie, with what has been computed for it so far.

    Parameters
    ----------
    original : ndarray of shape (height, width)
        The frame as given.
    mask : Mask or None
        Its invalid pixels.
    image : ndarray of shape (height, width)
        The frame with these filled.
    noisy : Tensor of shape (1, binned height, binned width)
        The frame on the grid.
    link : Link or None, default=None
        How it follows the frame before it.
    guide, spread : ndarray of shape (height, width) or None, default=None
        The result of the network, and the spread of its draws.
    residual : ndarray or None, default=None
        The frame minus the guide, on the grid of the filter.
    step : ndarray of shape (2,) or tuple, default=(0.0, 0.0)
        How far it has moved since the frame before it, in pixels down and to the right.
    """

    original: np.ndarray
    mask: object
    image: np.ndarray
    noisy: object
    link: object | None = None
    guide: np.ndarray | None = None
    spread: np.ndarray | None = None
    residual: np.ndarray | None = None
    step: object = (0.0, 0.0)


def denoise_movie(denoiser, images, return_spread=False, bar=None):
    """Denoise the frames of a movie one after the other.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser with a fit.
    images : iterable of (ndarray, Mask or None, ndarray)
        Checked frames, in order of time: each with its mask, and with its invalid pixels filled.
    return_spread : bool, default=False
        Whether to compute the spread.
    bar : tqdm or None, default=None
        The progress bar, which counts draws.

    Yields
    ------
    denoised, spread : ndarray of shape (height, width)
        The result, and the spread of the draws or None.
    """
    check_filter(denoiser)
    context = denoiser.grid_.context
    frames = _linked(map(partial(_prepare, denoiser), images), context)
    guided = (
        _guide(denoiser, window, centre, return_spread, bar)
        for window, centre in movies.sliding(frames, context.span)
    )
    if denoiser.refine:
        guided = _followed(guided, np.array(denoiser.grid_.factors))
    for window, centre in movies.sliding(guided, context.filtered if denoiser.refine else 0):
        yield _finish(denoiser, window, centre)


def _linked(frames, context):
    frames, copies = tee(frames)
    links = movies.linked((frame.noisy for frame in copies), context)
    for frame, (_, link) in zip(frames, links, strict=True):
        yield replace(frame, link=link)


def _prepare(denoiser, image):
    original, mask, filled = image
    return Frame(original, mask, filled, prepare(denoiser, denoiser.grid_, filled))


def _guide(denoiser, window, centre, return_spread, bar):
    """Return the frame in the middle of a window, with the result of the network."""
    frame = window[centre]
    neighbours = denoiser.grid_.context.neighbours(_links(window))
    if not varied(frame.image):
        return replace(frame, guide=frame.image, spread=np.zeros(frame.image.shape))
    noisy = movies.surround([each.noisy for each in window], centre, neighbours)
    made, spread = guide(denoiser, denoiser.fit_, frame.image, noisy, return_spread, bar)
    left = None
    if denoiser.refine:
        refining = denoiser.filter_
        left = refine.residual(frame.image, made, refining.grid, refining.anscombe)
    return replace(frame, guide=made, spread=spread, residual=left)


def _followed(frames, factors):
    """Yield guided frames with the motion since the frame before, to a part of a pixel."""
    before = None
    for frame in frames:
        if before is not None and not frame.link.cut:
            start = np.rint(factors * frame.link.step)
            step = movies.refined_step(before.guide, frame.guide, start, max(factors))
            frame = replace(frame, step=step)
        yield frame
        before = frame


def _finish(denoiser, window, centre):
    """Return the result for the frame in the middle of a window, and the spread."""
    frame, denoised, spread = window[centre], window[centre].guide, window[centre].spread
    if frame.residual is not None:
        denoised = _refine(denoiser, window, centre)
    denoised = denoised.astype(float_type(frame.original.dtype), copy=False)
    if frame.mask is not None:
        denoised = frame.mask.put_back(frame.original, denoised)
        if spread is not None:
            spread[frame.mask.regions] = 0
    return denoised, spread


def _refine(denoiser, window, centre):
    """Filter a frame, guided by the mean of the frames around it along the motion."""
    frame, refining = window[centre], denoiser.filter_
    places = np.cumsum([each.step for each in window], axis=0)
    around = [
        refine.Around(window[n].guide, window[n].residual, places[n] - places[centre])
        for n in denoiser.grid_.context.filtered_with(_links(window)).frames[centre]
        if n >= 0 and window[n].residual is not None
    ]
    deviation = refining.anscombe.deviation(frame.guide)
    guide, residuals = refine.along_time(frame.guide, around, deviation, refining.grid.factors)
    regions = frame.mask is not None and frame.mask.regions.any()
    valid = ~frame.mask.regions if regions else None
    with filter_threads(denoiser):
        return refining.refine(frame.image, guide, residuals, denoiser._n_passes, valid)


def _links(window):
    return list(map(attrgetter("link"), window))
