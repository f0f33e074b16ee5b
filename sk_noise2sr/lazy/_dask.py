"""Dask arrays: frames are denoised when they are asked for, where the scheduler says."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from .._blas import sequential_blas
from .._checks import float_type
from .._optional import import_optional
from ._movie import quiet


def transform_lazily(estimator: Any, array: Any) -> Any:
    """Denoise a dask array when its blocks are computed; whole frames are the blocks.

    A denoiser looks at a whole frame: at its spectrum, at patterns that repeat, at the intensity
    of all pixels. So no frame is cut, and neither the scheduler nor the number of workers nor a
    worker that dies changes a bit. The result is that of ``estimator.transform`` in one thread.
    Several frames may share a block, those of a chunk in the first axis. To a denoiser with
    ``context``, blocks are shown with the frames before and after them.

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
    Inside a block one thread computes, for the scheduler has a block for each core. ``transform``
    takes more for large networks on large frames. Convolutions then add up in another order: before
    refinement, the two differ by a few units in the last place of the largest intensity.

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
    options = {"denoiser": node, "dtype": dtype, "meta": np.empty((0,) * array.ndim, dtype)}
    context = getattr(estimator, "context_", None)
    if not context or not context.span or array.ndim == 2:
        return frames.map_blocks(_transform, **options)
    # The filter looks at results of frames around, and these at frames around them.
    depth = {0: min(context.delay, array.shape[0] - 1), 1: 0, 2: 0}
    around = frames.map_overlap(_transform, depth=depth, boundary="none", **options)
    return around.rechunk(frames.chunks)


def _transform(block, denoiser):
    with sequential_blas, threadpool_limits(1, user_api="openmp"):
        return denoiser.transform(block)
