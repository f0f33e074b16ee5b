"""Files of electron microscopes, through RosettaSciIO (optional extra "em")."""

import glob
import logging
import math
import warnings
from contextlib import ExitStack, contextmanager

import numpy as np

from .._optional import import_optional
from ._handles import Leftovers
from ._hdf5 import check_hdf5
from ._mrc import byte_order, check_mrc, mrc_pixels
from ._ncem import is_simulation, upright
from ._record import Axis, ImageRecord, jsonable
from ._safe_open import MAX_BYTES, check_image, check_size
from ._ser import check_ser
from ._units import normalized
from ._velox import is_velox, open_velox

_DM, _TIA, _EMD, _HSPY = "digitalmicrograph", "tia", "emd", "hspy"
# Suffix -> the module of rsciio, and what keeps it to the one file.
PLUGINS = {
    ".dm3": (_DM, {}),
    ".dm4": (_DM, {}),
    ".emd": (_EMD, {}),
    ".ser": (_TIA, {}),
    ".emi": (_TIA, {}),
    ".mrc": ("mrc", {"metadata_file": None}),
    ".hspy": (_HSPY, {}),
    ".hdf5": (_HSPY, {}),
    ".blo": ("blockfile", {}),
}
_HDF5 = (_EMD, _HSPY)
_CHECKS = {".ser": check_ser, ".mrc": check_mrc}
_SPECTRA = ("EELS", "EDS", "EDX", "CL")


def read_em(path):
    """Read all images of a microscope's file; when it returns, the file is closed.

    Parameters
    ----------
    path : pathlib.Path
        The file, of a suffix in `PLUGINS`.

    Returns
    -------
    list of ImageRecord
        Images, in the order of the file; spectra are left out.

    Raises
    ------
    ImportError
        If RosettaSciIO is not installed.
    ValueError
        If there is no image in the file, or more pixels are declared than fit.
    """
    with _entries(path, lazy=False) as entries:
        return _records(entries, path, lazy=False)


@contextmanager
def open_em(path):
    """Open a microscope's file, whose pixels are read when they are asked for.

    Parameters
    ----------
    path : pathlib.Path
        The file, of a suffix in `PLUGINS`.

    Yields
    ------
    records : list of ImageRecord
        As those of :func:`read_em`, with dask arrays that can be computed in the block.
    """
    with _entries(path, lazy=True) as entries:
        yield _records(entries, path, lazy=True)


@contextmanager
def _entries(path, lazy):
    """Yield what RosettaSciIO finds, and close behind it what it leaves open."""
    module, options = PLUGINS[path.suffix.lower()]
    plugin = import_optional(f"rsciio.{module}", f"Reading {path.suffix}", "em")
    if module in _HDF5:
        check_hdf5(path, math.inf if lazy else MAX_BYTES)
    if path.suffix.lower() in _CHECKS:
        _CHECKS[path.suffix.lower()](path)
    with ExitStack() as stack:
        with _quietly(), _damage_named():
            if module == _EMD and is_velox(path):
                entries = stack.enter_context(open_velox(path, lazy))
            else:
                # Lazily, sizes are known before pixels are read; of HDF5 they are known by now.
                options = {**options, "lazy": lazy or module not in _HDF5}
                if module == _EMD:
                    options["stack_group"] = is_simulation(path)
                if path.suffix.lower() == ".mrc" and byte_order(path) == ">":
                    options["endianness"] = ">"
                leftovers = Leftovers(path)
                stack.callback(leftovers.close)
                with leftovers:
                    entries = _read(plugin, path, options)
        yield entries


def _read(plugin, path, options):
    if path.suffix.lower() == ".emi" and not any(path.parent.glob(_series_of(path))):
        raise ValueError(
            f"its pixels lie in {path.stem}_1.ser and the like, which are not in its folder; copy "
            "them there."
        )
    try:
        return plugin.file_reader(str(path), **options)
    except ValueError as error:
        if "RGB" not in str(error):
            raise
        return plugin.file_reader(str(path), **options | {"lazy": False})  # colours beside images


def _series_of(path):
    return f"{glob.escape(path.stem)}_[0-9]*.ser"


def _records(entries, path, lazy):
    records, refusals = [], []
    for number, entry in enumerate(entries):
        try:
            records.append(_record(entry, number, path, lazy))
        except _NoImageError as refusal:
            refusals.append(str(refusal))
    if not records:
        raise ValueError("; ".join(["it holds no image", *dict.fromkeys(refusals)]) + ".")
    return records


class _NoImageError(Exception):
    """What an entry of a file is instead of an image."""


@contextmanager
def _damage_named():
    """Explain errors of RosettaSciIO, whose words tell a reader little."""
    try:
        yield
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:
        words = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"it is damaged, or not known to RosettaSciIO ({words}).") from error


@contextmanager
def _quietly():
    """Keep to itself what RosettaSciIO remarks about metadata."""
    logger = logging.getLogger("rsciio")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _record(entry, number, path, lazy):
    metadata = entry.get("metadata") or {}
    axes = sorted(entry["axes"], key=lambda axis: axis.get("index_in_array", 0))
    data, axes = _squeezed(*_mended(entry, axes, path))
    _check_signal(data, axes, metadata.get("Signal", {}))
    if not lazy:
        check_size(data.shape, data.dtype)
    order = _frames_first(axes)
    data, axes = data.transpose(order), [axes[position] for position in order]
    if data.ndim > 3:
        data = data.reshape((math.prod(data.shape[:-2]), *data.shape[-2:]))
    check_image(data.shape, data.dtype)
    if not lazy:
        compute = getattr(data, "compute", None)
        # A copy: of a memory map, pixels would change with the file.
        data = np.array(compute(scheduler="synchronous") if compute else data)
    title = str(metadata.get("General", {}).get("title") or "").strip()
    about = {"metadata": metadata, "original_metadata": entry.get("original_metadata") or {}}
    return ImageRecord(
        name=title or (path.stem if number == 0 else f"{path.stem} {number + 1}"),
        data=data,
        axes=tuple(map(_axis, axes)),
        metadata=jsonable(about),
    )


def _mended(entry, axes, path):
    """Return pixels and axes, with what RosettaSciIO drops of them."""
    about = entry.get("original_metadata") or {}
    if path.suffix.lower() == ".mrc":
        return _mended_mrc(mrc_pixels(path, entry["data"]), axes, about.get("std_header") or {})
    return upright(entry["data"], axes, about.get("EMD_version"))


def _mended_mrc(data, axes, header):
    """Return pixels and axes with the units of slices, and with axes of one row or column."""
    if header.get("ISPG") == 1 and header.get("Zlen") and len(axes) == 3:
        axes[0]["units"] = "nm"
    if data.ndim == 1 and data.size == header.get("NX", 0) * header.get("NY", 0):
        rows, columns = int(header["NY"]), int(header["NX"])
        missing = {"size": 1, "scale": axes[0].get("scale", 1.0), "units": axes[0].get("units")}
        axes = [missing, *axes] if rows == 1 else [*axes, missing]
        data = data.reshape(rows, columns)
        axes = [dict(axis, navigate=False) for axis in axes]
    return data, axes


def _squeezed(data, axes):
    """Leave out frames of which there is one; an image keeps both its axes."""
    if len(axes) != data.ndim:
        raise ValueError(f"it declares {len(axes)} axes for pixels of the shape {data.shape}.")
    axes = [_evenly(axis, size) for axis, size in zip(axes, data.shape, strict=True)]
    sizes = tuple(int(axis["size"]) for axis in axes)
    if sizes != data.shape:
        raise ValueError(f"it declares the shape {sizes} for pixels of the shape {data.shape}.")
    keep = [position for position, size in enumerate(data.shape) if size > 1]
    if len(keep) < 2:
        keep = list(range(data.ndim))[-2:]
    shape = tuple(data.shape[position] for position in keep)
    return data.reshape(shape), [axes[position] for position in keep]


def _evenly(axis, size):
    """Return an axis with size and scale; HyperSpy may list places instead, even or uneven."""
    if "axis" not in axis:
        return {"size": size, **axis}
    places = np.asarray(axis["axis"], dtype=float)
    steps = np.diff(places)
    even = steps.size > 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0)
    known = {"scale": steps.mean(), "offset": places[0]} if even else {"units": None}
    return {**axis, "size": places.size, **known}


def _check_signal(data, axes, signal):
    kind = str(signal.get("signal_type") or "")
    signal_axes = sum(not axis.get("navigate", False) for axis in axes)
    if kind.startswith(_SPECTRA) or signal_axes == 1 or data.ndim < 2:
        raise _NoImageError(f"spectra ({kind})" if kind else "spectra")
    if data.dtype.names:
        raise _NoImageError("a colour image (RGB); convert it to grey")
    if data.dtype.kind not in "biuf":
        raise _NoImageError(f"pixels of the type {data.dtype}")


def _frames_first(axes):
    """Return an order of the axes in which the image comes last."""
    frames = [position for position, axis in enumerate(axes) if axis.get("navigate", False)]
    others = [position for position in range(len(axes)) if position not in frames]
    return [*frames, *others]


def _axis(axis):
    scale, unit = normalized(axis.get("scale", 1.0), axis.get("units"))
    offset = normalized(axis.get("offset", 0.0), axis.get("units"))[0] if unit else 0.0
    if scale == 0:
        scale, offset, unit = 1.0, 0.0, ""
    name = axis.get("name")
    return Axis(str(name) if isinstance(name, str) else "", int(axis["size"]), scale, offset, unit)
