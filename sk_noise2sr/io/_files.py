"""Read and write images; the suffix of the name chooses the format."""

from pathlib import Path

import numpy as np

from ._atomic import replacing
from ._em import PLUGINS, read_em
from ._em_writers import write_hspy, write_mrc
from ._guard import check_image, one_sentence
from ._npy import read_npy, write_npy
from ._record import ImageRecord, plain_record
from ._tiff import open_tiff, read_tiff, write_tiff
from ._zarr import is_zarr, read_zarr, write_zarr

# A reader takes a path and returns records; a writer takes (path, record, provenance).
READERS = {
    **dict.fromkeys(PLUGINS, read_em),
    ".npy": lambda path: [plain_record(path.stem, *read_npy(path))],
    ".tif": read_tiff,
    ".tiff": read_tiff,
    ".zarr": read_zarr,
}


def _write_npy(path, record, provenance):
    write_npy(path, record.data, record.calibration)


def _write_tiff(path, record, provenance):
    write_tiff(path, record.data, record.calibration, provenance)


WRITERS = {
    ".hspy": write_hspy,
    ".mrc": write_mrc,
    ".npy": _write_npy,
    ".tif": _write_tiff,
    ".tiff": _write_tiff,
    ".zarr": write_zarr,
}


def read_images(path):
    """Read all images of a file, each with its name, its axes and its metadata.

    Nothing in a file is ever executed, no other file is opened because of what it says, and the
    sizes that it declares are checked before pixels are read.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff``, ``.npy`` or ``.zarr`` file; or, with the extra ``em``, one of
        ``.dm3``, ``.dm4``, ``.emd``, ``.ser``, ``.emi``, ``.mrc``, ``.hspy`` and ``.blo``. In
        upper or lower case.

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
    read = _chosen(READERS, path)
    with one_sentence(path, "read"):
        records = [_native(record) for record in read(path)]
    return named_apart(records)


def image_names(path):
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
    _chosen(READERS, path)
    if path.suffix.lower() in (".npy", ".zarr"):
        return [path.stem]  # formats of one image
    with one_sentence(path, "read"):
        if path.suffix.lower() in (".tif", ".tiff"):
            with open_tiff(path) as (_, images):
                return [record.name for record, _ in images]
        return [record.name for record in named_apart(read_em(path, lazy=True))]


def select_image(records, image, path):
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
    raise ValueError(f"{path.name} holds {len(records)} images{wrong}; choose one: {listed}.")


def read_image(path, image=None):
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


def write_image(path, data, calibration=None, *, overwrite=False, record=None, provenance=None):
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
    write = _chosen(WRITERS, path)
    data = np.asarray(data)
    with one_sentence(path, "written"):
        check_image(data.shape, data.dtype)
        record = derived_record(path.stem, data, calibration, record)
        with replacing(path) as temporary:
            write(temporary, record, provenance)


def derived_record(name, data, calibration=None, source=None):
    """Return what to write: pixels with a calibration, or with the axes of their source.

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
        return ImageRecord(source.name, data, source.axes, source.metadata)
    axes = plain_record(name, data, calibration).axes
    return ImageRecord(source.name, data, axes, source.metadata)


def _native(record):
    dtype = record.data.dtype.newbyteorder("=")
    data = np.ascontiguousarray(record.data, dtype)
    return ImageRecord(record.name, data, record.axes, record.metadata)


def named_apart(records):
    """Give images of one name a number too, so that each name means one."""
    seen, apart = {}, []
    for record in records:
        seen[record.name] = seen.get(record.name, 0) + 1
        number = f" {seen[record.name]}" if seen[record.name] > 1 else ""
        name = f"{record.name}{number}"
        apart.append(ImageRecord(name, record.data, record.axes, record.metadata))
    return apart


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
    ValueError: frame.docx has the suffix '.docx'; known are .hspy, .mrc, .npy, .tif, .tiff, .zarr.
    """
    path = Path(path)
    _chosen(WRITERS, path)
    if path.is_dir() and not _is_store(path):
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


def _is_store(path):
    """Whether a folder is one that a zarr store may take the place of."""
    return path.suffix.lower() == ".zarr" and is_zarr(path)


def check_source(path):
    """Raise if there is nothing to read, or reading might never end."""
    if not path.exists():
        raise FileNotFoundError(f"{path.name} does not exist in {path.resolve().parent}.")
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
