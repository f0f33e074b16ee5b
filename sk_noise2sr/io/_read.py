"""Read images; the suffix of the name chooses the format."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from .._types import FilePath
from .._words import counted
from ._calibration import Calibration
from ._em import PLUGINS, open_em, read_em
from ._npy import read_npy
from ._picture import read_picture
from ._record import ImageRecord, chosen_format
from ._safe_open import one_sentence
from ._tiff import open_tiff, read_tiff
from ._zarr import read_zarr

_FINEST, _COARSEST = 1e-4, 1e5  # in nm
_PICTURES = (".jpeg", ".jpg", ".png")
_OF_ONE = (*_PICTURES, ".npy", ".zarr")  # formats of one image

# Each takes a path and returns records.
READERS = {
    **dict.fromkeys(PLUGINS, read_em),
    ".npy": read_npy,
    **dict.fromkeys(_PICTURES, read_picture),
    ".tif": read_tiff,
    ".tiff": read_tiff,
    ".zarr": read_zarr,
}


def read_images(path: FilePath) -> list[ImageRecord]:
    """Read all images of a file, each with its name, its axes and its metadata.

    Nothing in a file is ever executed, no other file is opened because of what it says, and the
    sizes that it declares are checked before pixels are read.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff``, ``.npy`` or ``.zarr`` file, or a grey ``.png`` or ``.jpg``; or, with
        the extra ``em``, one of ``.dm3``, ``.dm4``, ``.emd``, ``.ser``, ``.emi``, ``.mrc``,
        ``.hspy``, ``.hdf5`` of HyperSpy, and ``.blo``. In upper or lower case.

    Returns
    -------
    list of ImageRecord
        In the order of the file, at least one. Spectra are left out.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If the file cannot be opened, or is a folder.
    ValueError
        If the suffix is unknown, if there is no complete, real-valued image of less than 8 GiB,
        or if a package to read it is missing.

    See Also
    --------
    read_image : One image alone.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import read_images, write_image
    >>> with TemporaryDirectory() as folder:
    ...     write_image(Path(folder, "frame.npy"), np.ones((4, 5)))
    ...     for record in read_images(Path(folder, "frame.npy")):
    ...         print(record.name, record.data.shape)
    frame (4, 5)
    """
    path = Path(path)
    check_source(path)
    read = chosen_format(READERS, path)
    with one_sentence(path, "read"):
        records = [_native(record) for record in read(path)]
    _doubt_scales(records, path)
    return named_apart(records)


def _doubt_scales(records, path):
    """Warn of pixel sizes that no microscope has: a detector's, or a slip of the unit."""
    for calibration in (record.calibration for record in records):
        if calibration.unit == "nm" and not all(
            _FINEST <= size <= _COARSEST for size in calibration.pixel_size
        ):
            warnings.warn(
                f"{path.name} says that a pixel is {calibration.pixel_size[0]:.3g} nm wide, which "
                "no image of an electron microscope is; check its calibration.",
                UserWarning,
                stacklevel=3,
            )
            return


def image_names(path: FilePath) -> list[str]:
    """Return the names of the images in a file, without reading their pixels.

    Parameters
    ----------
    path : str or path-like
        A file of any format that :func:`read_images` knows.

    Returns
    -------
    list of str
        Each of them names one image to :func:`read_image`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If the file cannot be opened, or is a folder.
    ValueError
        If the suffix is unknown, or no image can be found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import image_names, write_image
    >>> with TemporaryDirectory() as folder:
    ...     write_image(Path(folder, "frame.npy"), np.ones((4, 5)))
    ...     image_names(Path(folder, "frame.npy"))
    ['frame']
    """
    path = Path(path)
    check_source(path)
    chosen_format(READERS, path)
    if path.suffix.lower() in _OF_ONE:
        return [path.stem]
    with one_sentence(path, "read"):
        if path.suffix.lower() in (".tif", ".tiff"):
            with open_tiff(path) as (_, images):
                return [record.name for record, _ in images]
        with open_em(path) as records:
            return [record.name for record in named_apart(records)]


def select_image(records: list[ImageRecord], image: int | str | None, path: Path) -> ImageRecord:
    """Return the one image that is meant; never silently the first of several.

    Parameters
    ----------
    records : list of ImageRecord
        All images of a file.
    image : str, int or None
        A name, or a number from 0; None if there is but one.
    path : pathlib.Path
        The file, for messages.

    Returns
    -------
    ImageRecord
        One of them.

    Raises
    ------
    ValueError
        If it is not clear which one.
    """
    if image is None and len(records) == 1:
        return records[0]
    names = [record.name for record in records]
    if image in names:
        return records[names.index(image)]
    if str(image).isdecimal() and int(image) < len(records):
        return records[int(image)]
    listed = ", ".join(
        f"{number}: {record.name!r} {' x '.join(map(str, record.shape))}"
        for number, record in enumerate(records)
    )
    wrong = "" if image is None else f", and none of them is {image!r}"
    raise ValueError(
        f"{path.name} holds {counted(len(records), 'image')}{wrong}; choose one: {listed}."
    )


def read_image(path: FilePath, image: int | str | None = None) -> tuple[np.ndarray, Calibration]:
    """Read an image or a stack, with what its file says about the axes.

    The size that the header declares is checked before pixels are read, and
    nothing in a file is ever executed.

    Parameters
    ----------
    path : str or path-like
        A file of any format that :func:`read_images` knows.
    image : str, int or None, default=None
        Which image, by its name or its number from 0, if the file holds several.

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
        If the suffix is unknown, if the file does not hold a complete,
        real-valued image or stack of less than 8 GiB, or if it holds several
        and `image` names none of them.

    See Also
    --------
    read_images : All images of a file, with their metadata.
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
    record = select_image(read_images(path), image, path)
    return record.data, record.calibration


def _native(record):
    dtype = record.data.dtype.newbyteorder("=")
    return replace(record, data=np.ascontiguousarray(record.data, dtype))


def named_apart(records):
    """Give images of one name a number too, so that each name means one."""
    seen, apart = {}, []
    for record in records:
        seen[record.name] = seen.get(record.name, 0) + 1
        number = f" {seen[record.name]}" if seen[record.name] > 1 else ""
        apart.append(replace(record, name=f"{record.name}{number}"))
    return apart


def check_source(path):
    """Raise if there is nothing to read, or reading might never end."""
    if not path.exists():
        raise FileNotFoundError(f"{path.name} does not exist in {path.parent.resolve()}.")
    if path.suffix.lower() == ".zspy":
        raise ValueError(
            f"{path.name} needs a zarr older than 3, which this package does not work with; save "
            "the signal as .hspy in HyperSpy."
        )
    if path.suffix.lower() == ".zarr" and path.is_dir():
        return
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder; name a file in it.")
    # Reading a pipe or a device might never end.
    if not path.is_file():
        raise OSError(f"{path.name} is no regular file.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path.name} is empty.")
