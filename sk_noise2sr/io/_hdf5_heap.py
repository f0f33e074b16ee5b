"""Texts of HDF5 whose length is damaged: HDF5 takes gigabytes for them, or ends the process."""

import math
import re
import struct

_SCANNED = 2**26  # bytes from the start, where texts lie
_SIGNATURE = b"GCOL\x01\x00\x00\x00"
_HEAP = re.compile(re.escape(_SIGNATURE))
_REFERENCE = struct.Struct("<IQI")  # length, heap, and number there
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
                length, _, number = _REFERENCE.unpack_from(content, place.start() - 4)
                if length > sizes.get(number, length):
                    raise ValueError(_DAMAGED)


def is_variable(dataset, h5py):
    """Return whether the items of a dataset are texts or sequences of variable length.

    Parameters
    ----------
    dataset : h5py.Dataset
        The dataset.
    h5py : module
        The library.

    Returns
    -------
    bool
        Whether they are, and stand in the file as they are, not packed.
    """
    text = h5py.check_string_dtype(dataset.dtype)
    variable = h5py.check_vlen_dtype(dataset.dtype) or (text and text.length is None)
    return bool(variable) and dataset.id.get_create_plist().get_nfilters() == 0


def has_odd_chunks(dataset, h5py):
    """Return whether a chunk is not as long as it should be; HDF5 would leave the rest to chance.

    Parameters
    ----------
    dataset : h5py.Dataset
        The dataset.
    h5py : module
        The library.

    Returns
    -------
    bool
        Whether one is; packed chunks are of any length.
    """
    identity, variable = dataset.id, is_variable(dataset, h5py)
    packed = identity.get_create_plist().get_nfilters() > 0
    if dataset.chunks is None or packed or (dataset.dtype.hasobject and not variable):
        return False
    step = _REFERENCE.size if variable else identity.get_type().get_size()
    expected, odd = math.prod(dataset.chunks) * step, 0

    def count(chunk):
        nonlocal odd
        odd += chunk.size != expected

    identity.chunk_iter(count)
    return odd > 0


def check_references(path, datasets, base):
    """Raise ValueError where an item of variable length is not in the heap that it names.

    HDF5 takes memory for the length that is told, 4 GiB at most, before it looks.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    datasets : list of h5py.Dataset
        Those of :func:`is_variable`.
    base : int
        Where the file begins that HDF5 sees, in bytes.
    """
    sizes = {}
    with open(path, "rb") as file:
        for dataset in datasets:
            for length, heap, number in _references(file, dataset):
                if length and heap not in sizes:
                    sizes[heap] = _sizes_at(file, base + heap)
                if length > sizes.get(heap, {}).get(number, 0):
                    raise ValueError(_DAMAGED)


def _references(file, dataset):
    """Yield length in bytes, heap and number of each item."""
    identity = dataset.id
    step = identity.get_type().get_super().get_size()
    places = [(identity.get_offset(), identity.get_storage_size())]
    if dataset.chunks:
        chunks = map(identity.get_chunk_info, range(identity.get_num_chunks()))
        places = [(chunk.byte_offset, chunk.size) for chunk in chunks]
    for place, n_bytes in places:
        if place is not None:
            file.seek(place)
            content = file.read(n_bytes)
            if len(content) % _REFERENCE.size:
                raise ValueError(_DAMAGED)
            for length, heap, number in _REFERENCE.iter_unpack(content):
                yield length * step, heap, number


def _sizes_at(file, start):
    """Return the bytes of each item of the heap at a place in the file; no heap has none."""
    if start >= 2**63:
        return {}
    file.seek(start)
    head = file.read(16)
    if len(head) < 16 or not head.startswith(_SIGNATURE):
        return {}
    (size,) = struct.unpack_from("<Q", head, 8)
    return _sizes(head + file.read(min(size, _SCANNED)), 0)


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
