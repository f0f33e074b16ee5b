"""A movie from file to file, on the workers of a dask cluster."""

from pathlib import Path
from typing import Any

import numpy as np

from .._checks import float_type
from .._optional import import_optional
from .._types import FilePath
from ..io import check_target, create_zarr, derived_record, open_frames, replacing
from ..persistence import provenance_of
from ._dask import transform_lazily


def denoise_on_cluster(
    estimator: Any,
    source: FilePath,
    target: FilePath,
    client: Any,
    *,
    image: int | str | None = None,
    overwrite: bool = False,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Denoise a movie on a cluster: workers read frames of a file and write into a zarr store.

    The result is that of :func:`transform_lazily` on the whole movie, bit by bit, whichever workers
    do what.

    Parameters
    ----------
    estimator : BaseDenoiser
        A fitted denoiser.
    source : str or path-like
        A file that :func:`~sk_noise2sr.io.open_frames` opens, on a disk that all workers see.
    target : str or path-like
        A ``.zarr`` store to write, as a whole or not at all, on such a disk.
    client : distributed.Client
        The cluster.
    image : str, int or None, default=None
        Which image of a file that holds several.
    overwrite : bool, default=False
        Whether an existing store may be replaced.
    provenance : dict or None, default=None
        How the result is made, to be noted in the store; None takes
        :func:`~sk_noise2sr.persistence.provenance_of` estimator and source.

    Raises
    ------
    ImportError
        If dask or zarr is not installed.
    ValueError
        If the target is no .zarr, the source is no movie, or a frame cannot be denoised.
    FileExistsError
        If the store exists and `overwrite` is False.
    """
    dask_array = import_optional("dask.array", "denoise_on_cluster", "dask")
    source, target = Path(source).resolve(), Path(target).resolve()
    if target.suffix.lower() != ".zarr":
        raise ValueError(
            f"{target.name} cannot be written by several workers at once; name a .zarr store."
        )
    check_target(target, overwrite=overwrite)
    with open_frames(source, image) as frames:
        record, shape, dtype = frames.record, frames.shape, frames.dtype
    numbers = dask_array.arange(shape[0], chunks=1)
    movie = numbers.map_blocks(
        _read_frame,
        path=source,
        image=image,
        dtype=dtype,
        new_axis=(1, 2),
        chunks=((1,) * shape[0], *((side,) for side in shape[1:])),
        meta=np.empty((0, 0, 0), dtype),
    )
    denoised = transform_lazily(estimator, movie)
    blank = derived_record(target.stem, denoised, source=record)
    with replacing(target) as temporary:
        provenance = provenance or provenance_of(estimator, source)
        array = create_zarr(temporary, blank, float_type(dtype), provenance)
        stored = dask_array.store(denoised, array, lock=False, compute=False)
        client.compute(stored).result()


def _read_frame(numbers, path, image):
    with open_frames(path, image) as frames:
        return np.stack([frames[number] for number in numbers])
