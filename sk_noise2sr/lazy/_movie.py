"""A movie, denoised frame by frame in constant memory."""

import copy
import mmap
import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._checks import float_type
from .._progress import progress_bar
from ..io import open_frames, write_frames
from ..persistence import provenance_of


def denoise_frames(
    estimator: Any,
    source: Any,
    target: Any,
    *,
    image: int | str | None = None,
    overwrite: bool = False,
    verbose: int = 1,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Denoise a movie frame by frame: no more than a frame is ever in memory.

    The result is that of ``estimator.transform`` on the whole movie, bit by bit. A denoiser with
    ``context`` keeps as many frames as it looks at, whatever the length of the movie.

    Parameters
    ----------
    estimator : BaseDenoiser
        A fitted denoiser, for instance fitted on a few frames of the movie.
    source : str, path-like or array of shape (n, height, width)
        A file that :func:`~sk_noise2sr.io.open_frames` opens; or anything with a shape whose
        ``source[i]`` is a frame, such as a memory map, a zarr or a dask array.
    target : str, path-like or array of shape (n, height, width)
        A file of any format that :func:`~sk_noise2sr.io.write_image` knows, to write as a whole
        or not at all, with the calibration of `source` and with provenance; or an array to fill,
        such as a memory map.
    image : str, int or None, default=None
        Which image of a file that holds several.
    overwrite : bool, default=False
        Whether an existing file may be replaced.
    verbose : int, default=1
        0 is silent, 1 shows a bar if stderr is a terminal, 2 always.
    provenance : dict or None, default=None
        How the result is made, to be noted in a file; None takes
        :func:`~sk_noise2sr.persistence.provenance_of` estimator and source.

    Raises
    ------
    ValueError
        If source and target are no movies of one shape, or a frame cannot be denoised: the
        message tells which.
    FileExistsError
        If the file exists and `overwrite` is False.

    See Also
    --------
    transform_lazily : The same on all cores, or a cluster.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.lazy import denoise_frames
    >>> movie = np.random.default_rng(0).poisson(9, (4, 32, 32)).astype("float32")
    >>> denoised = np.empty_like(movie)
    >>> denoiser = AdaptiveWiener().fit(movie[0])
    >>> denoise_frames(denoiser, movie, denoised)
    >>> bool((denoised == denoiser.transform(movie)).all())
    True
    """
    check_is_fitted(estimator)
    denoiser = quiet(estimator)
    with ExitStack() as stack:
        path = Path(source) if isinstance(source, (str, os.PathLike)) else None
        frames = source if path is None else stack.enter_context(open_frames(path, image))
        shape = getattr(frames, "shape", None)
        if shape is None or len(shape) != 3:
            got = f"a {type(frames).__name__}" if shape is None else f"the shape {tuple(shape)}"
            raise ValueError(
                f"Expected a movie (n, height, width) in a file or an array, got {got}; transform "
                "denoises single images."
            )
        bar = stack.enter_context(progress_bar(frames.shape[0], "denoise", "frame", verbose))
        denoised = _denoised(denoiser, frames, bar)
        if isinstance(target, (str, os.PathLike)):
            write_frames(
                target,
                denoised,
                frames.shape,
                float_type(frames.dtype),
                overwrite=overwrite,
                record=None if path is None else frames.record,
                provenance=provenance or provenance_of(estimator, path),
            )
        else:
            _fill(target, denoised, frames.shape)


def quiet(estimator):
    """Return a denoiser that gives the same and shows no bars of its own."""
    if not getattr(estimator, "verbose", 0):
        return estimator
    return copy.copy(estimator).set_params(verbose=0)


def _denoised(denoiser, frames, bar):
    transform = getattr(denoiser, "transform_frames", partial(map, denoiser.transform))
    numbers = []
    try:
        for denoised in transform(_read(frames, numbers)):
            yield denoised
            del denoised
            bar.update()
    except ValueError as error:
        why = str(error).removeprefix(f"Frame {numbers[-1]}: ")
        raise ValueError(f"Frame {numbers[-1]} of {frames.shape[0]}: {why}") from error


def _read(frames, numbers):
    """Yield frames, and note the number of the last one that was read."""
    for number in range(frames.shape[0]):
        numbers[:] = [number]
        frame = frames[number]
        yield np.asarray(frame.compute() if hasattr(frame, "compute") else frame)
        del frame
        _let_go(frames)


def _fill(target, frames, shape):
    if tuple(target.shape) != tuple(shape):
        raise ValueError(f"Expected a target of the shape {shape}, got {tuple(target.shape)}.")
    for number, frame in enumerate(frames):
        target[number] = frame
        _let_go(target)


def _let_go(array):
    """Let the system have the pages of a memory map back; they would count as memory in use."""
    mapped = isinstance(array, np.memmap) and array.mode in ("r", "r+", "w+")
    if mapped and isinstance(array._mmap, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)
