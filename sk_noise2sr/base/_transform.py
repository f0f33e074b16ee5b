"""All images of one call, denoised one by one or as a movie, with one progress bar."""

from functools import partial
from itertools import chain

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._progress import progress_bar
from ..grid import UNBINNED
from ._draw import denoise_image
from ._frames import naming_frames
from ._movie import denoise_movie


def transform(denoiser, masked, return_spread=False):
    """Denoise images.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser with a fit.
    masked : Masked
        The images.
    return_spread : bool, default=False
        Whether to return the spread of the draws too.

    Returns
    -------
    ndarray or tuple of two ndarray
        The results, of the shape of the images, and their spread.
    """
    scheme = denoiser._scheme(denoiser.grid_ or UNBINNED)
    name, total = f"{type(denoiser).__name__}.transform", len(masked.masks) * scheme.n_passes
    with progress_bar(total, name, "draw", denoiser.verbose) as bar:
        if denoiser.sees_neighbours:
            return _transform_movie(denoiser, masked, return_spread, bar)
        denoise = partial(denoise_image, denoiser, return_spread=return_spread, bar=bar)
        if not return_spread:
            return masked.map(lambda *image: denoise(*image)[0], weigh=True)
        both = masked.map(lambda *image: np.stack(denoise(*image)), weigh=True)
        return tuple(np.moveaxis(both, -3, 0))


def transform_frames(denoiser, frames):
    """Yield denoised frames as they come; see ``transform_frames`` of a denoiser."""
    check_is_fitted(denoiser)
    transform = _along_time if denoiser.sees_neighbours else _each
    return naming_frames(partial(transform, denoiser), frames)


def _along_time(denoiser, frames):
    checked = map(denoiser._check_masked, frames)
    images = chain.from_iterable(frame.frames() for frame in checked)
    return (denoised for denoised, _ in denoise_movie(denoiser, images))


def _each(denoiser, frames):
    return map(denoiser.transform, frames)


def _transform_movie(denoiser, masked, return_spread, bar):
    frames = denoise_movie(denoiser, masked.frames(), return_spread, bar)
    outputs = [frame if return_spread else frame[:1] for frame in frames]
    outputs = [np.stack(each).reshape(masked.images.shape) for each in zip(*outputs, strict=True)]
    return tuple(outputs) if return_spread else outputs[0]
