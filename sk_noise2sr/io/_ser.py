"""Whether the frames of a SER series lie where its header says."""

import os
import struct
import warnings

import numpy as np

_IMAGES, _LONG_OFFSETS = 0x4122, 0x0220
_KIND = slice(40, 50)  # of an image's own header: type of the pixels, width and height


def check_ser(path):
    """Warn if frames or their tags do not lie where the header of a series says.

    Parameters
    ----------
    path : pathlib.Path
        The file. One that is no series of images is left to its reader.
    """
    with open(path, "rb") as file:
        head = file.read(30)
        if len(head) < 30:
            return
        version, kind, tag, n_frames, valid = struct.unpack_from("<4xHIIII", head)
        if kind != _IMAGES:
            return
        word = "Q" if version >= _LONG_OFFSETS else "I"
        (table,) = struct.unpack_from(f"<{word}", head, 22)
        places = _read(file, table, 2 * n_frames * struct.calcsize(word))
        places = np.frombuffer(places[: len(places) // 8 * 8], f"<{word}").tolist()
        starts, tags = places[:valid], places[n_frames:][:valid]
        kinds = {_read(file, start, 50)[_KIND] for start in starts}
        marks = {_read(file, start, 2) for start in tags}
    if len(kinds) > 1 or marks - {struct.pack("<H", tag & 0xFFFF)}:
        warnings.warn(
            f"{path.name} is damaged: its frames do not lie where its header says, and some of "
            "its pixels may be wrong.",
            UserWarning,
            stacklevel=6,
        )


def _read(file, start, n_bytes):
    """Return bytes from a place; none from beyond the end."""
    file.seek(min(start, os.fstat(file.fileno()).st_size))
    return file.read(n_bytes)
