"""Whether a MRC file is as long as its header says."""

import math
import struct

from ._safe_open import check_length

_HEADER = 1024
_BYTES = {0: 1, 1: 2, 2: 4, 3: 4, 4: 8, 6: 2, 12: 2}  # of a pixel, by the mode of the file


def check_mrc(path):
    """Raise ValueError if a file is shorter than its header says; warn if it is longer.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    with open(path, "rb") as file:
        head = file.read(_HEADER).ljust(_HEADER, b"\0")
    *sides, mode = struct.unpack_from("<4i", head)
    (extended,) = struct.unpack_from("<i", head, 92)
    if min(sides) < 1 or extended < 0 or mode not in _BYTES:
        raise ValueError(f"it is damaged: its header tells of {sides} pixels of the mode {mode}.")
    declared = _HEADER + extended + math.prod(sides) * _BYTES[mode]
    if declared > path.stat().st_size:
        raise ValueError("it is damaged, or ends too early: its header tells of more pixels.")
    check_length(path, declared)
