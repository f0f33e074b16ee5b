"""What an HDF5 file may not do: name other files, or declare more than fits into memory."""

import math
import operator
import warnings

from .._optional import import_optional
from ._hdf5_heap import check_heaps, check_references, has_odd_chunks, is_variable
from ._safe_open import MAX_BYTES


def check_hdf5(path, largest=MAX_BYTES):
    """Raise ValueError unless all that an HDF5 file holds is in it, and of a size to read.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    largest : int, default=MAX_BYTES
        How many bytes it may declare.
    """
    h5py = import_optional("h5py", f"Reading {path.suffix}", "em")
    declared, holed, variable = 0, [], []

    def fault(name, link):  # an error must not pass through HDF5's own visit
        nonlocal declared
        if isinstance(link, h5py.ExternalLink):
            return f"its {name} is a link to another file; copy the data into one file."
        found = file.get(name) if isinstance(link, h5py.HardLink) else None
        if found is not None and _has_strange_text(found, h5py):
            return f"it is damaged: a text of its {name} is of no known type."
        if isinstance(found, h5py.Dataset):
            if found.external or found.is_virtual:
                return f"its {name} lies in another file; copy the data into one file."
            declared += math.prod(found.shape or ()) * found.dtype.itemsize
            if has_odd_chunks(found, h5py):
                return f"it is damaged: a part of its {name} is not as long as it should be."
            holed.extend([name] if _has_holes(found) else [])
            variable.extend([found] if is_variable(found, h5py) else [])
        if declared > largest:
            return f"it declares more than {largest / 2**30:.3g} GiB of pixels; split it."
        return None

    with h5py.File(path, "r") as file:
        strange = _has_strange_text(file, h5py)
        found = "it is damaged: a text is of no known type." if strange else None
        found = found or file.visititems_links(fault)
        if found:
            raise ValueError(found)
        check_heaps(path)
        check_references(path, variable, file.userblock_size)
    if holed:
        warnings.warn(
            f"{path.name} is incomplete: parts of its {holed[0]} were never written, or are lost, "
            "and are read as zeros.",
            UserWarning,
            stacklevel=6,
        )


def _has_strange_text(found, h5py):
    """Return whether an attribute is of a variable number of bytes, which ends HDF5's process."""
    if not hasattr(found, "attrs"):
        return False
    types = [found.attrs.get_id(name).get_type() for name in found.attrs]
    sequences = [each for each in types if isinstance(each, h5py.h5t.TypeVlenID)]
    return any(each.get_super().get_size() == 1 for each in sequences)


def _has_holes(dataset):
    """Return whether chunks of a dataset of several axes are missing."""
    if dataset.chunks is None or dataset.ndim < 2 or dataset.dtype.kind not in "biuf":
        return False
    inside = 0

    def count(chunk):
        nonlocal inside
        inside += all(map(operator.lt, chunk.chunk_offset, dataset.shape))

    dataset.id.chunk_iter(count)
    sides = zip(dataset.shape, dataset.chunks, strict=True)
    return inside < math.prod(-(-side // chunk) for side, chunk in sides)
