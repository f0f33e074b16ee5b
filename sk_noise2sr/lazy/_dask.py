"""Dask arrays: frames are denoised when they are asked for, where the scheduler says."""

import threading
from contextlib import contextmanager

import numpy as np
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from .._checks import float_type
from .._optional import import_optional
from ._movie import quiet


def transform_lazily(estimator, array):
    """Denoise a dask array when its blocks are computed; whole frames are the blocks.

    A denoiser looks at a whole frame: at its spectrum, at patterns that repeat, at the intensity
    of all pixels. So no frame is cut, the result is that of ``estimator.transform`` bit by bit,
    and neither the scheduler nor the number of workers nor a worker that dies can change it.
    Several frames may share a block, those of a chunk in the first axis.

    Parameters
    ----------
    estimator : BaseDenoiser
        A fitted denoiser. It is one node of the graph: a worker gets it once.
    array : dask.array.Array of shape (height, width) or (n, height, width)
        Noisy images, in chunks of any shape.

    Returns
    -------
    dask.array.Array of the shape of `array`
        The denoised images, of the floating type of `array`; not yet computed.

    Raises
    ------
    ImportError
        If dask is not installed.
    TypeError
        If `array` is no dask array.
    ValueError
        If it is no image or stack.

    Notes
    -----
    Inside a block one thread computes, for the scheduler has a block for each core; where blocks
    are threads of one process, this holds for the first of them, and of the others for what counts
    its threads by process.

    See Also
    --------
    denoise_frames : One frame after the other, from file to file.

    Examples
    --------
    >>> import dask.array
    >>> import numpy as np
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.lazy import transform_lazily
    >>> movie = np.random.default_rng(0).poisson(9, (4, 32, 32)).astype("float32")
    >>> denoiser = AdaptiveWiener().fit(movie[0])
    >>> lazy = transform_lazily(denoiser, dask.array.from_array(movie, chunks=(2, 16, 16)))
    >>> lazy.chunks
    ((2, 2), (32,), (32,))
    >>> bool((lazy.compute() == denoiser.transform(movie)).all())
    True
    """
    dask = import_optional("dask", "transform_lazily", "dask")
    dask_array = import_optional("dask.array", "transform_lazily", "dask")
    check_is_fitted(estimator)
    if not isinstance(array, dask_array.Array):
        raise TypeError(
            f"Expected a dask array, got a {type(array).__name__}; transform takes arrays in "
            "memory, denoise_frames files."
        )
    if array.ndim not in (2, 3):
        raise ValueError(
            f"Expected an image (height, width) or a stack (n, height, width), got {array.shape}."
        )
    frames = array.rechunk({-2: -1, -1: -1})
    dtype = float_type(array.dtype)
    # An object of its own in the graph, and not inlined into each of its tasks.
    node = dask.delayed(quiet(estimator), pure=False)
    return frames.map_blocks(
        _transform, denoiser=node, dtype=dtype, meta=np.empty((0,) * array.ndim, dtype)
    )


def _transform(block, denoiser):
    with _one_thread():
        return denoiser.transform(block)


_guard = threading.Lock()
_inside = []  # the blocks at work in this process, and the limits that the first of them set


@contextmanager
def _one_thread():
    """Limit each block to one thread; the last to leave restores what the first has found.

    Limits belong to the process: blocks that overlap in time would otherwise restore one
    another's.
    """
    with _guard:
        limits = _inside[0] if _inside else threadpool_limits(1)
        _inside.append(limits)
    try:
        yield
    finally:
        with _guard:
            _inside.pop()
            if not _inside:
                limits.restore_original_limits()
