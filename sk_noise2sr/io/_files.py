"""Read and write images; the suffix of the name chooses the format."""

from pathlib import Path

import numpy as np

from ._atomic import replacing
from ._calibration import Calibration
from ._guard import check_image, one_sentence
from ._npy import read_npy, write_npy
from ._tiff import read_tiff, write_tiff

# A reader takes a path and returns (data, calibration); a writer takes (path, data, calibration).
READERS = {".npy": read_npy, ".tif": read_tiff, ".tiff": read_tiff}
WRITERS = {".npy": write_npy, ".tif": write_tiff, ".tiff": write_tiff}


def read_image(path):
    """Read an image or a stack, with what its file says about the axes.

    The size that the header declares is checked before pixels are read, and
    nothing in a file is ever executed.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff`` or ``.npy`` file, in upper or lower case.

    Returns
    -------
    data : ndarray of shape (height, width) or (n, height, width)
        The pixels in the file's own real dtype, in native byte order.
    calibration : Calibration
        Pixel size and frame interval, as far as the file knows them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If the file cannot be opened, or is a folder.
    ValueError
        If the suffix is unknown, or if the file does not hold exactly one
        complete, real-valued image or stack of less than 8 GiB.

    See Also
    --------
    write_image : The way back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import Calibration, read_image, write_image
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "frame.tif")
    ...     write_image(path, np.ones((4, 5)), Calibration((0.02, 0.02), "nm"))
    ...     data, calibration = read_image(path)
    >>> data.shape, calibration.pixel_size, calibration.unit
    ((4, 5), (0.02, 0.02), 'nm')
    """
    path = Path(path)
    _check_source(path)
    read = _chosen(READERS, path)
    with one_sentence(path, "read"):
        data, calibration = read(path)
        return np.ascontiguousarray(data, data.dtype.newbyteorder("=")), calibration


def write_image(path, data, calibration=None, *, overwrite=False):
    """Write an image or a stack, as a whole or not at all.

    Until the new file is complete it has another name, so that an error or
    Ctrl-C leaves an older file of that name as it was.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff`` or ``.npy`` file, in upper or lower case.
    data : array-like of shape (height, width) or (n, height, width)
        Real numbers. TIFF keeps uint8, uint16 and float32, and converts any
        other dtype to float32; npy keeps all.
    calibration : Calibration or None, default=None
        Pixel size and frame interval; None if unknown. npy has no place for it.
    overwrite : bool, default=False
        Whether an existing file may be replaced.

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
    write = _chosen(WRITERS, path)
    data = np.asarray(data)
    with one_sentence(path, "written"):
        check_image(data.shape, data.dtype)
        with replacing(path) as temporary:
            write(temporary, data, calibration or Calibration())


def check_target(path, *, overwrite=False):
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
    ValueError
        If the suffix is unknown.

    Examples
    --------
    >>> from sk_noise2sr.io import check_target
    >>> check_target("frame.docx")
    Traceback (most recent call last):
    ValueError: frame.docx has the suffix '.docx'; known are .npy, .tif, .tiff.
    """
    path = Path(path)
    _chosen(WRITERS, path)
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path.name} cannot be written: the folder {path.parent} does not exist; create it."
        )
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path.name} exists; pass overwrite=True or choose another name.")


def _chosen(formats, path):
    try:
        return formats[path.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"{path.name} has the suffix {path.suffix!r}; known are {', '.join(sorted(formats))}."
        ) from None


def _check_source(path):
    if not path.exists():
        raise FileNotFoundError(f"{path.name} does not exist in {path.resolve().parent}.")
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder; name a file in it.")
    # Reading a pipe or a device might never end.
    if not path.is_file():
        raise OSError(f"{path.name} is no regular file.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path.name} is empty.")
