"""NumPy's own files: pixels only, no calibration."""

import math

import numpy as np

from ._record import plain_record
from ._safe_open import check_image, check_length, check_size


def read_npy(path):
    """Read an array; the header is checked first, and nothing is unpickled.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    list of ImageRecord
        One record, uncalibrated.
    """
    check_size(*read_npy_header(path))
    with open(path, "rb") as file:
        return [plain_record(path.stem, np.load(file, allow_pickle=False))]


def read_npy_header(path):
    """Return the shape and the dtype of an image or a stack, without its pixels."""
    with open(path, "rb") as file:
        shape, _, dtype = _read_header(file)
        start = file.tell()
    check_image(shape, dtype)
    check_length(path, start + math.prod(shape) * dtype.itemsize)
    return shape, dtype


def write_npy(path, record, provenance):
    """Write an array in its own dtype; for all else there is no place in the file."""
    # To a name in capitals, numpy would append a second suffix.
    with open(path, "wb") as file:
        np.save(file, record.data, allow_pickle=False)


def _read_header(file):
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    return np.lib.format.read_array_header_2_0(file)
