"""Texts of HDF5 whose length is damaged: HDF5 takes gigabytes for them, or ends the process."""

import re
import struct

_SCANNED = 2**26  # bytes from the start, where texts lie
_HEAP = re.compile(rb"GCOL\x01\x00\x00\x00")
_DAMAGED = "it is damaged: a text in it is longer than its place."


def check_heaps(path):
    """Raise ValueError where a text of variable length is longer than its place in the file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    with open(path, "rb") as file:
        content = file.read(_SCANNED)
    for heap in _HEAP.finditer(content):
        sizes = _sizes(content, heap.start())
        # Who refers to a text tells its length, the heap and its number there.
        for place in re.finditer(re.escape(struct.pack("<Q", heap.start())), content):
            if 4 <= place.start() <= len(content) - 12:
                length, _, number = struct.unpack_from("<IQI", content, place.start() - 4)
                if length > sizes.get(number, length):
                    raise ValueError(_DAMAGED)


def _sizes(content, start):
    """Return the bytes of each text in a heap, by its number."""
    (size,) = struct.unpack_from("<Q", content.ljust(start + 16, b"\0"), start + 8)
    place, end, sizes = start + 16, min(start + size, len(content)), {}
    while place + 16 <= end:
        number, n_bytes = struct.unpack_from("<H6xQ", content, place)
        if number == 0:  # what is left of the heap
            break
        if place + 16 + n_bytes > start + size:
            raise ValueError(_DAMAGED)
        sizes[number] = n_bytes
        place += 16 + -(-n_bytes // 8) * 8
    return sizes
