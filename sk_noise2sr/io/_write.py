"""Write images; the suffix of the name chooses the format."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._types import FilePath
from ._atomic import replacing
from ._calibration import Calibration
from ._em_writers import write_hspy, write_mrc
from ._npy import write_npy
from ._record import ImageRecord, chosen_format, plain_record
from ._safe_open import check_image, one_sentence
from ._tiff_writer import write_tiff
from ._zarr import is_zarr, write_zarr

# Each takes (path, record, provenance).
WRITERS = {
    ".hspy": write_hspy,
    ".mrc": write_mrc,
    ".npy": write_npy,
    ".tif": write_tiff,
    ".tiff": write_tiff,
    ".zarr": write_zarr,
}


def write_image(
    path: FilePath,
    data: ArrayLike,
    calibration: Calibration | None = None,
    *,
    overwrite: bool = False,
    record: ImageRecord | None = None,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Write an image or a stack, as a whole or not at all.

    Until the new file is complete it has another name, so that an error or
    Ctrl-C leaves an older file of that name as it was.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff``, ``.npy`` or ``.zarr`` file; with the extra
        ``em`` also ``.hspy`` and ``.mrc``. In upper or lower case.
    data : array-like of shape (height, width) or (n, height, width)
        Real numbers. TIFF keeps uint8, uint16 and float32, MRC int16, uint16
        and float32; both convert other dtypes to float32. The others keep all.
    calibration : Calibration or None, default=None
        Pixel size and frame interval; None takes those of `record`. npy has no
        place for it, MRC only for lengths.
    overwrite : bool, default=False
        Whether an existing file may be replaced.
    record : ImageRecord or None, default=None
        What `data` was made from: hspy and zarr keep its axes, names and
        metadata. Its pixels are not looked at.
    provenance : dict or None, default=None
        How `data` was made, such as
        :func:`~sk_noise2sr.persistence.provenance_of` tells it; kept by all
        formats but npy.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written, or `path` is a folder.
    ValueError
        If the suffix is unknown, or `data` is no real-valued image or stack.

    See Also
    --------
    read_image : The way back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import write_image
    >>> with TemporaryDirectory() as folder:
    ...     write_image(Path(folder, "frame.npy"), np.ones((4, 5)))
    ...     write_image(Path(folder, "frame.npy"), np.ones((4, 5)))
    Traceback (most recent call last):
    FileExistsError: frame.npy exists; pass overwrite=True or choose another name.
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    write = chosen_format(WRITERS, path)
    data = np.asarray(data)
    if not isinstance(calibration, Calibration | None):
        raise ValueError(
            f"Expected calibration to be a Calibration or None, got {calibration!r}. Give "
            "Calibration(pixel_size=(0.1, 0.1), unit='nm')."
        )
    with one_sentence(path, "written"):
        check_image(data.shape, data.dtype)
        record = derived_record(path.stem, data, calibration, record)
        with replacing(path) as temporary:
            write(temporary, record, provenance)


def derived_record(
    name: str,
    data: np.ndarray,
    calibration: Calibration | None = None,
    source: ImageRecord | None = None,
) -> ImageRecord:
    """Return the content to write: pixels with a calibration, or with the axes of their source.

    Parameters
    ----------
    name : str
        What to call an image without a source.
    data : array of shape (height, width) or (n, height, width)
        The pixels.
    calibration : Calibration or None, default=None
        Pixel size and frame interval.
    source : ImageRecord or None, default=None
        What the pixels were made from.

    Returns
    -------
    ImageRecord
        A record of `data`.
    """
    if source is None:
        return plain_record(name, data, calibration)
    if source.data.shape != data.shape:
        raise ValueError(f"it has the shape {data.shape}, its record {source.data.shape}.")
    if calibration is None:
        return replace(source, data=data)
    return replace(source, data=data, axes=plain_record(name, data, calibration).axes)


def check_target(path: FilePath, *, overwrite: bool = False) -> None:
    """Raise, before any work is done, what :func:`write_image` would raise about a name.

    Parameters
    ----------
    path : str or path-like
        The file to be written.
    overwrite : bool, default=False
        Whether an existing file may be replaced.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If `path` is a folder.
    OSError
        If `path` is a pipe or a device.
    ValueError
        If the suffix is unknown.

    Examples
    --------
    >>> from sk_noise2sr.io import check_target
    >>> check_target("frame.docx")
    Traceback (most recent call last):
    ValueError: frame.docx has the suffix '.docx'; known are .hspy, .mrc, .npy, .tif, .tiff, .zarr.
    """
    path = Path(path)
    chosen_format(WRITERS, path)
    if path.is_dir() and not _is_store(path):
        raise IsADirectoryError(f"{path.name} is a folder; name a file in it.")
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(f"{path.name} is no regular file; choose another name.")
    if os.path.islink(os.path.realpath(path)):
        raise OSError(f"{path.name} is a link that leads round in a circle; choose another name.")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path.name} cannot be written: the folder {path.parent} does not exist; create it."
        )
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path.name} exists; pass overwrite=True or choose another name.")


def _is_store(path):
    """Whether a folder is one that a zarr store may take the place of."""
    return path.suffix.lower() == ".zarr" and is_zarr(path)
