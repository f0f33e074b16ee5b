"""TIFF that Fiji, DigitalMicrograph and HyperSpy calibrate alike."""

import json

import numpy as np
import tifffile

from ._calibration import spelled
from ._record import jsonable
from ._tiff_axes import (
    COLUMN,
    DM_OFFSET,
    DM_SCALE,
    DM_UNIT,
    FRAME,
    ROW,
    letters_of,
    photometric_of,
)

# ImageJ TIFF counts bytes in 32 bits; the margin is that of tifffile, for the headers.
IMAGEJ_MAX_BYTES = 2**32 - 2**25
_IMAGEJ_DTYPES = ("uint8", "uint16", "float32")
_LARGEST = 2.0**31  # of a resolution: TIFF writes it as a fraction of 32 bits


def write_tiff(path, record, provenance):
    """Write ImageJ TIFF with DigitalMicrograph's tags; above 4 GB, BigTIFF with those tags.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    record : ImageRecord
        Pixels and axes: uint8, uint16 and float32 are kept; other dtypes become float32.
    provenance : dict or None
        How the pixels were made; Fiji shows it under "Show Info".
    """
    data = record.data
    if data.dtype.name not in _IMAGEJ_DTYPES:
        data = data.astype(np.float32)
    tifffile.imwrite(path, data, **tiff_layout(record, data.nbytes, provenance))


def tiff_layout(record, n_bytes, provenance):
    """Return the options of tifffile beside the pixels.

    Parameters
    ----------
    record : ImageRecord
        Axes and calibration.
    n_bytes : int
        Size of the pixels: above 4 GB a file is no longer ImageJ's.
    provenance : dict or None
        How the pixels were made.

    Returns
    -------
    dict
        Keywords of ``tifffile.imwrite`` and ``TiffWriter.write``.
    """
    axes = letters_of(record)
    info = {} if provenance is None else {"Info": json.dumps(jsonable(provenance), indent=1)}
    if n_bytes <= IMAGEJ_MAX_BYTES:
        layout = {"imagej": True, **_imagej_header(record, axes)}
        layout["metadata"].update(info)
    else:
        layout = {"bigtiff": True, "metadata": {"axes": axes, **info}}
    # Said outright, since tifffile takes three frames or columns of bytes for RGB.
    return {"photometric": photometric_of(record), "extratags": _dm_tags(record), **layout}


def _imagej_header(record, axes):
    calibration, first = record.calibration, record.axes[0]
    header = {"metadata": {"axes": axes}}
    if calibration.pixel_size:
        rows, columns = calibration.pixel_size
        if all(1 / _LARGEST < size < _LARGEST for size in (rows, columns)):
            header["resolution"] = 1 / columns, 1 / rows
        header["metadata"]["unit"] = _escaped(calibration.unit)
    if axes[0] == "Z" and first.unit and first.unit == calibration.unit:
        header["metadata"]["spacing"] = first.scale
    if calibration.frame_interval:
        header["metadata"]["finterval"] = calibration.frame_interval
        header["metadata"]["tunit"] = _escaped(calibration.frame_unit)
    return header


def _escaped(unit):
    """Return a unit as ImageJ writes it: ASCII, with the code of any other character."""
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04X}" for letter in unit)


def _in_latin(unit):
    """Return a unit as DigitalMicrograph has it; letters that it does not know as ImageJ has."""
    try:
        return unit.encode("latin-1")
    except UnicodeEncodeError:
        return _escaped(unit).encode("ascii")


def _dm_tags(record):
    calibration, first = record.calibration, record.axes[0]
    rows, columns = calibration.pixel_size or (None, None)
    frames = (calibration.frame_interval, calibration.frame_unit)
    if letters_of(record)[0] == "Z" and first.unit:
        frames = first.scale, first.unit
    axes = (
        (COLUMN, columns, calibration.unit),
        (ROW, rows, calibration.unit),
        (FRAME, *frames),
    )
    tags = []
    for axis, scale, unit in axes:
        if scale:
            tags.append((DM_UNIT + axis, "s", 0, _in_latin(spelled(unit)), True))
            tags.append((DM_OFFSET + axis, "d", 1, 0.0, True))
            tags.append((DM_SCALE + axis, "d", 1, scale, True))
    return sorted(tags)
