"""What the header of a MRC file tells of its pixels, and whether the file is as long as that."""

import math
import struct

import numpy as np

from ._safe_open import check_length

_HEADER = 1024
_BYTES = {0: 1, 1: 2, 2: 4, 3: 4, 4: 8, 6: 2, 12: 2}  # of a pixel, by the mode of the file
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2"}
_SMALLEST, _EXTENDED, _VERSION, _STAMP, _FLAGS = 76, 92, 108, 152, 156  # where they stand
_MRC2014 = (20140, 20141)
_IMOD = 1146047817  # of whose flags the first tells whether bytes have a sign


def check_mrc(path):
    """Raise ValueError if a file is shorter than its header says; warn if it is longer.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    head = _head(path)
    packed = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
    if packed:
        raise ValueError(f"it is packed with {packed}; unpack it first.")
    order = byte_order(path)
    *sides, mode = struct.unpack_from(f"{order}4i", head)
    (extended,) = struct.unpack_from(f"{order}i", head, _EXTENDED)
    if min(sides) < 1 or extended < 0:
        raise ValueError(f"it is damaged: its header tells of {sides} pixels of the mode {mode}.")
    if mode not in _BYTES:
        raise ValueError(
            f"it is damaged, or its pixels are of a kind that is not known: expected one of the "
            f"modes {', '.join(map(str, _BYTES))}, got {mode}; convert it to mode 2."
        )
    declared = _HEADER + extended + math.prod(sides) * _BYTES[mode]
    if declared > path.stat().st_size:
        raise ValueError("it is damaged, or ends too early: its header tells of more pixels.")
    check_length(path, declared)


def byte_order(path):
    """Return ``"<"``, or ``">"`` for a file that only makes sense in the other order.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    head = _head(path)
    makes_sense = {
        order: min(sides) > 0 and mode in _BYTES
        for order in "<>"
        for *sides, mode in [struct.unpack_from(f"{order}4i", head)]
    }
    return ">" if makes_sense[">"] and not makes_sense["<"] else "<"


def mrc_pixels(path, data):
    """Return pixels with the order and the sign of their bytes, which RosettaSciIO passes over.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    data : ndarray or dask array
        Its pixels as they lie there; bytes without a sign.

    Returns
    -------
    ndarray or dask array
        Of the same shape.
    """
    order = byte_order(path)
    dtype = np.dtype(data.dtype).newbyteorder(order)
    if dtype.itemsize == 1:
        return data.view(np.int8) if _has_sign(_head(path), order) else data
    return data if dtype == data.dtype else data.view(dtype)


def _has_sign(head, order):
    """Return whether bytes have a sign: by IMOD's flags, by the standard of 2014, by the smallest.

    Files from before 2014 do not say, and were mostly written without.
    """
    (smallest,) = struct.unpack_from(f"{order}f", head, _SMALLEST)
    (version,) = struct.unpack_from(f"{order}i", head, _VERSION)
    stamp, flags = struct.unpack_from(f"{order}2i", head, _STAMP)
    if stamp == _IMOD:
        return bool(flags & 1)
    return version in _MRC2014 or smallest < 0


def _head(path):
    with open(path, "rb") as file:
        return file.read(_HEADER).ljust(_HEADER, b"\0")
