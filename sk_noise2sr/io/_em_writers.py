"""HyperSpy's and MRC files (optional extra "em")."""

import json
import textwrap

import numpy as np

from .._optional import import_optional
from .._words import storable
from ._atomic import check_room
from ._em import _quietly
from ._record import jsonable
from ._units import normalized

_NANOMETRE = 10  # in Å
# Bytes are signed to some readers and unsigned to others.
_MRC_DTYPES = ("int16", "uint16", "float32")
_MRC_LABELS, _LABEL_LENGTH = 9, 80
_HDF5_OVERHEAD = 2**16  # bytes: axes, and metadata of the usual length
_MRC_HEADER, _MRC_DENSITIES = 1024, 76  # in bytes: its length, and where the smallest value stands


def write_hspy(path, record, provenance):
    """Write HyperSpy's HDF5 format: all axes, the metadata of the source, and provenance.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    record : ImageRecord
        What to write.
    provenance : dict or None
        How the pixels were made.
    """
    _write_hspy(path, record, provenance, np.asarray(record.data).reshape(record.shape))


def write_hspy_frames(path, frames, record, provenance):
    """Write a movie in HyperSpy's format, one frame after the other; a chunk is a frame.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    frames : iterable of ndarray of shape (height, width)
        The frames.
    record : ImageRecord
        Axes and metadata; its pixels are not looked at.
    provenance : dict or None
        How the pixels were made.
    """
    dask_array = import_optional("dask.array", "Writing .hspy", "em")
    n_axes = len(record.shape) - 2
    chunks = (*(1 for _ in range(n_axes)), *record.shape[-2:])
    blank = dask_array.zeros(record.shape, dtype=record.data.dtype, chunks=chunks)
    _write_hspy(path, record, provenance, blank)
    with import_optional("h5py", "Writing .hspy", "em").File(path, "r+") as file:
        (signal,) = file["Experiments"].values()
        for number, frame in enumerate(frames):
            signal["data"][np.unravel_index(number, record.shape[:n_axes])] = frame


def _write_hspy(path, record, provenance, data):
    plugin = import_optional("rsciio.hspy", "Writing .hspy", "em")
    import_optional("h5py", "Writing .hspy", "em")
    about = dict(record.metadata or {})
    metadata = {name: dict(part) for name, part in about.get("metadata", {}).items() if part}
    metadata.setdefault("General", {})["title"] = storable(record.name)
    metadata.setdefault("Signal", {}).setdefault("signal_type", "")
    metadata["_HyperSpy"] = {}
    original = dict(about.get("original_metadata", {}))
    if provenance is not None:
        # The noise of the source is no longer in the image.
        metadata["Signal"].pop("Noise_properties", None)
        original["sk_noise2sr"] = jsonable(provenance)
    signal = {
        "data": data,
        "axes": [_hspy_axis(record, position) for position in range(len(record.axes))],
        "metadata": metadata,
        "original_metadata": original,
        "tmp_parameters": {},
        "attributes": {"_lazy": False, "ragged": False},
        "learning_results": {},
        "models": {},
        # Any other name makes HyperSpy ask for a package.
        "package_info": {"package": "", "package_version": ""},
    }
    # HDF5 itself would end the process, and a batch with it.
    check_room(path, data.nbytes + _HDF5_OVERHEAD)
    with _quietly():
        plugin.file_writer(str(path), signal, show_progressbar=False)


def _hspy_axis(record, position):
    axis = record.axes[position]
    return {
        "_type": "UniformDataAxis",
        "name": axis.name,
        "units": axis.unit,
        "scale": axis.scale,
        "offset": axis.offset,
        "size": axis.size,
        "navigate": position < len(record.axes) - 2,
        "is_binned": False,
    }


def write_mrc(path, record, provenance):
    """Write MRC: int16, uint16 or float32, lengths as voxel size, provenance as labels.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    record : ImageRecord
        What to write.
    provenance : dict or None
        How the pixels were made; there is room for 720 letters of it.
    """
    mrcfile = import_optional("mrcfile", "Writing .mrc", "em")
    data = np.asarray(record.data)
    if data.dtype.name not in _MRC_DTYPES:
        data = data.astype(np.float32)
    with mrcfile.new(path) as file:
        file.set_data(data)
        _fill_mrc_header(file, record, provenance)


def write_mrc_frames(path, frames, record, provenance):
    """Write a movie as MRC, one frame after the other.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    frames : iterable of ndarray of shape (height, width)
        The frames.
    record : ImageRecord
        Axes; its pixels are not looked at.
    provenance : dict or None
        How the pixels were made.
    """
    mrcfile = import_optional("mrcfile", "Writing .mrc", "em")
    dtype = record.data.dtype if record.data.dtype.name in _MRC_DTYPES else np.dtype("float32")
    mode = mrcfile.utils.mode_from_dtype(dtype)
    with mrcfile.new_mmap(path, record.data.shape, mode) as file:
        _fill_mrc_header(file, record, provenance)
    low, high, total = np.inf, -np.inf, 0.0
    with open(path, "r+b") as file:  # pages of a memory map would count as memory in use
        file.seek(_MRC_HEADER)
        for frame in frames:
            frame.astype(dtype, copy=False).tofile(file)
            low, high = min(low, frame.min()), max(high, frame.max())
            total += float(frame.mean(dtype=np.float64))
        file.seek(_MRC_DENSITIES)
        np.array([low, high, total / record.data.shape[0]], np.float32).tofile(file)


def _fill_mrc_header(file, record, provenance):
    *frames, rows, columns = record.axes
    apart = normalized(frames[0].scale, frames[0].unit) if len(frames) == 1 else (0, "")
    slices = apart[1] == "nm"  # a volume, and no series of images
    if len(record.data.shape) == 3 and not slices:
        file.set_image_stack()
    sizes = [normalized(axis.scale, axis.unit) for axis in (columns, rows)]
    if all(unit == "nm" for _, unit in sizes):
        size = (*(number for number, _ in sizes), apart[0] if slices else 0)
        file.voxel_size = tuple(_NANOMETRE * abs(number) for number in size)
    for label in _labels(provenance):
        file.add_label(label)


def _labels(provenance):
    """Return the beginning of what is known as lines of ASCII; `metadata` would not fit."""
    if provenance is None:
        return []
    text = json.dumps(jsonable(provenance))
    return textwrap.wrap(text, _LABEL_LENGTH)[:_MRC_LABELS]
