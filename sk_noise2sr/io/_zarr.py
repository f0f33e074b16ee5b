"""Zarr stores in the layout of OME-Zarr: chunks that readers and writers share (extra "zarr")."""

import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .._optional import import_optional
from .._words import storable
from ._record import Axis, ImageRecord, jsonable
from ._safe_open import check_image, check_size
from ._zarr_axes import Squeezed, kept_axes, letter_of, zarr_axes

_LARGEST_CHUNK = 1024
_HEADERS, _LARGEST_HEADER = {"zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata"}, 2**24
_OME_UNITS = {"nm": "nanometer", "s": "second"}
# Filters named in a store are code that is looked up and run; one of zarr's own unpickles.
_CODECS = {
    *("bytes", "blosc", "zstd", "gzip", "transpose", "crc32c", "sharding_indexed"),
    *("numcodecs.blosc", "numcodecs.zstd", "numcodecs.zlib", "numcodecs.gzip", "numcodecs.lz4"),
    *("lz4", "zlib", "delta", "shuffle"),
}


def is_zarr(path):
    """Return whether a folder is a zarr store."""
    return any((path / name).is_file() for name in ("zarr.json", ".zgroup", ".zarray"))


def open_zarr(path):
    """Open the only image of a store; pixels are read when they are asked for.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    ImageRecord
        Its data is a zarr array.
    """
    zarr = import_optional("zarr", "Reading .zarr", "zarr")
    if not is_zarr(path):
        raise ValueError("it is a folder without zarr.json; name the store itself.")
    _check_files(path)
    root = zarr.open(str(path), mode="r")
    scales = _multiscales(root)
    array, scales = _only_array(root, scales)
    _check_codecs(array)
    check_size(array.chunks, array.dtype)
    stored, keep = array.shape, kept_axes(array.shape)
    array = array if len(keep) == array.ndim else Squeezed(array, keep)
    check_image(array.shape, array.dtype)
    axes = zarr_axes(stored, scales)
    about = root.attrs.asdict().get("sk_noise2sr_source")
    metadata = about if isinstance(about, dict) else None
    return ImageRecord(path.stem, array, axes, metadata)


def read_zarr(path):
    """Read the only image of a store.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    list of ImageRecord
        One record.
    """
    record = open_zarr(path)
    check_size(record.data.shape, record.data.dtype)
    missing = record.data.nchunks - record.data.nchunks_initialized
    if missing:  # zarr leaves out chunks of zeros, so that this may be in order
        warnings.warn(
            f"{missing} of {record.data.nchunks} chunks of {path.name} are not there and count as "
            f"{record.data.fill_value}; was the store copied as a whole?",
            RuntimeWarning,
            stacklevel=4,
        )
    return [replace(record, data=np.asarray(record.data[...]))]


def create_zarr(
    path: Path, record: ImageRecord, dtype: DTypeLike, provenance: dict[str, Any] | None = None
) -> Any:
    """Make a store with calibration and provenance, and an array to fill.

    Parameters
    ----------
    path : pathlib.Path
        A folder that does not exist.
    record : ImageRecord
        Axes and metadata; its pixels are not looked at.
    dtype : dtype
        Type of the pixels.
    provenance : dict or None, default=None
        How the pixels are made.

    Returns
    -------
    zarr.Array of shape (height, width) or (n, height, width)
        Filled with zeros, in chunks of a frame or a part of one.
    """
    zarr = import_optional("zarr", "Writing .zarr", "zarr")
    root = zarr.create_group(str(path), zarr_format=3)
    root.attrs.update(_attributes(record, provenance))
    shape = tuple(record.data.shape)
    chunks = (*(1 for _ in shape[:-2]), *(min(side, _LARGEST_CHUNK) for side in shape[-2:]))
    # Zeros are written too, so that a chunk that is not there is one that got lost.
    config = {"write_empty_chunks": True}
    return root.create_array("0", shape=shape, chunks=chunks, dtype=dtype, config=config)


def write_zarr(path, record, provenance):
    """Write a store.

    Parameters
    ----------
    path : pathlib.Path
        A folder that does not exist.
    record : ImageRecord
        What to write.
    provenance : dict or None
        How the pixels were made.
    """
    data = np.asarray(record.data)
    create_zarr(path, record, data.dtype, provenance)[...] = data


def _attributes(record, provenance):
    flat = _flat_axes(record)
    names = [letter_of(flat[0]), "y", "x"][-len(flat) :]
    axes = []
    for name, axis in zip(names, flat, strict=True):
        kind = {"t": "time" if axis.unit == "s" else "channel", "c": "channel"}.get(name, "space")
        unit = {"unit": _OME_UNITS.get(axis.unit, axis.unit)} if axis.unit else {}
        axes.append({"name": name, "type": kind, **unit})
    transformations = [
        {"type": "scale", "scale": [axis.scale for axis in flat]},
        {"type": "translation", "translation": [axis.offset for axis in flat]},
    ]
    scales = {
        "name": storable(record.name),
        "axes": axes,
        "datasets": [{"path": "0", "coordinateTransformations": transformations}],
    }
    attributes = {"ome": {"version": "0.5", "multiscales": [scales]}}
    if record.metadata:
        attributes["sk_noise2sr_source"] = jsonable(record.metadata)
    if provenance is not None:
        attributes["sk_noise2sr"] = jsonable(provenance)
    return attributes


def _flat_axes(record):
    """Return an axis for each of the array's; frames of a scan have lost theirs."""
    if len(record.axes) == record.data.ndim:
        return record.axes
    return (Axis("", len(record.data)), *record.axes[-2:])


def _multiscales(root):
    """Return the OME-Zarr metadata of the image, or an empty dict."""
    attributes = root.attrs.asdict()
    ome = attributes.get("ome")
    found = (ome if isinstance(ome, dict) else attributes).get("multiscales")
    first = found[0] if isinstance(found, list) and len(found) == 1 else {}
    return first if isinstance(first, dict) else {}


def _only_array(root, scales):
    """Return the only image of a store, and what OME-Zarr says of it; coordinates are none."""
    if hasattr(root, "shape"):
        return root, scales
    found = _pyramid("", root, scales)
    if not found:
        found = {name: (array, {}) for name, array in root.arrays() if array.ndim > 1}
        for name, group in root.groups():  # of bioformats2raw
            found |= _pyramid(name, group, _multiscales(group))
    if len(found) != 1:
        names = ", ".join(sorted(found)[:10])
        raise ValueError(
            f"expected a store of one image, got {len(found)}{names and f': {names}'}; copy one "
            "into a store of its own."
        )
    return next(iter(found.values()))


def _pyramid(name, group, scales):
    """Return the finest image of a pyramid by its name, or nothing."""
    finest = next(iter(scales.get("datasets", [])), None)
    return {} if finest is None else {name: (group[finest.get("path")], scales)}


def _check_files(path):
    """Raise where a store would have pipes read, which never end, or files outside of it."""
    root = path.resolve()
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            entry = Path(folder, name)
            if not entry.resolve().is_relative_to(root):
                raise ValueError(f"its {name} is a link out of the store; copy the data into it.")
            if not (entry.is_file() or entry.is_dir()):
                raise ValueError(f"its {name} is no regular file.")
            if name in _HEADERS and entry.stat().st_size > _LARGEST_HEADER:
                raise ValueError(f"its {name} has more than {_LARGEST_HEADER >> 20} MiB of text.")


def _check_codecs(array):
    about = array.metadata.to_dict()
    packing = [about.get(key) for key in ("codecs", "filters", "compressor")]
    unknown = {name for name in _names(packing) if name.lower() not in _CODECS}
    if unknown:
        raise ValueError(f"its pixels are packed by {min(unknown)!r}, which is not let run.")


def _names(value):
    """Yield the names of all codecs, those inside shards too."""
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _names(each)
    elif isinstance(value, dict):
        yield from (str(value[key]) for key in ("name", "id") if key in value)
        yield from _names(list(value.values()))
    elif hasattr(value, "get_config"):
        yield str(value.get_config()["id"])
    elif hasattr(value, "to_dict"):
        yield from _names(value.to_dict())
