"""Movies one frame at a time: files larger than memory come in and go out in constant memory."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import ArrayLike, DTypeLike

from .._types import FilePath
from ._atomic import replacing
from ._em import PLUGINS, open_em
from ._em_writers import write_hspy_frames, write_mrc_frames
from ._npy import read_npy_header
from ._read import check_source, named_apart, select_image
from ._record import ImageRecord, Shaped, plain_record
from ._safe_open import check_image, check_size, one_sentence
from ._tiff import open_tiff
from ._tiff_damage import strictly
from ._tiff_writer import tiff_layout
from ._write import check_target, derived_record
from ._zarr import create_zarr, open_zarr


class Frames:
    """Frames of a movie in a file, read when they are asked for.

    Made by :func:`open_frames`; ``frames[i]`` reads one, ``len(frames)`` counts them.

    Parameters
    ----------
    record : ImageRecord
        Name, axes and metadata; its data has the shape and the dtype of the movie.
    read : callable
        Maps a number from 0 to an image (height, width).
    path : pathlib.Path
        The file, for messages.
    """

    def __init__(self, record: ImageRecord, read: Callable[..., Any], path: Path):
        self.record = record
        self.path = path
        self.shape = tuple(record.data.shape)
        self.dtype = np.dtype(record.data.dtype).newbyteorder("=")
        self._read = read

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, number):
        if not -len(self) <= number < len(self):
            raise IndexError(f"Expected a frame from 0 to {len(self) - 1}, got {number}.")
        with one_sentence(self.path, "read"):
            return np.ascontiguousarray(self._read(int(number) % len(self)), self.dtype)


@contextmanager
def open_frames(path: FilePath, image: int | str | None = None) -> Iterator[Frames]:
    """Open a movie whose frames are read one at a time.

    Parameters
    ----------
    path : str or path-like
        A file of any format that :func:`~sk_noise2sr.io.read_images` knows, of any size: only a
        frame has to fit into memory. A TIFF that is compressed, and most ``.emd``, take longer.
    image : str, int or None, default=None
        Which image, by its name or its number from 0, if the file holds several.

    Yields
    ------
    frames : Frames
        ``frames[i]`` is an ndarray (height, width); ``len(frames)``, ``frames.shape``,
        ``frames.dtype`` and ``frames.record`` are known without reading pixels.

    Raises
    ------
    ValueError
        If the file holds a single image and no movie, or as :func:`read_images` does.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import open_frames, write_image
    >>> with TemporaryDirectory() as folder:
    ...     write_image(Path(folder, "movie.npy"), np.ones((7, 4, 5)))
    ...     with open_frames(Path(folder, "movie.npy")) as frames:
    ...         print(len(frames), frames[3].shape)
    7 (4, 5)
    """
    path = Path(path)
    check_source(path)
    with ExitStack() as stack:
        with one_sentence(path, "read"):
            frames = _open(path, image, stack)
            if len(frames.shape) != 3:
                raise ValueError(
                    "expected a movie (n, height, width), got a single image of the shape "
                    f"{frames.shape}."
                )
            check_size(frames.shape[1:], frames.dtype)
        yield frames


def _open(path, image, stack):
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _open_npy(path)
    if suffix in (".tif", ".tiff"):
        return _open_tiff(path, image, *stack.enter_context(open_tiff(path)))
    if suffix == ".zarr":
        record = open_zarr(path)
        return Frames(record, lambda number: record.data[number], path)
    if suffix in PLUGINS:
        records = named_apart(stack.enter_context(open_em(path)))
        record = select_image(records, image, path)

        def read(number):
            frame = record.data[number]
            return frame.compute(scheduler="synchronous") if hasattr(frame, "compute") else frame

        return Frames(record, read, path)
    raise ValueError(f"movies with the suffix {path.suffix!r} are not known.")


def _open_npy(path):
    shape, dtype = read_npy_header(path)

    def read(number):
        # Mapped anew each time: pages of a mapping that stays would count as memory in use.
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False)[number])

    return Frames(plain_record(path.stem, Shaped(shape, dtype)), read, path)


def _open_tiff(path, image, tiff, images):
    record = select_image([record for record, _ in images], image, path)
    (series,) = (series for each, series in images if each is record)
    shape, dtype = record.data.shape, record.data.dtype

    @strictly()
    def read(number):
        if series.dataoffset is None:
            return series.pages[number].asarray()
        n_pixels = int(np.prod(shape[1:]))
        offset = series.dataoffset + number * n_pixels * dtype.itemsize
        stored = dtype.newbyteorder(tiff.byteorder)
        return tiff.filehandle.read_array(stored, n_pixels, offset).reshape(shape[1:])

    return Frames(record, read, path)


def write_frames(
    path: FilePath,
    frames: Iterable[ArrayLike],
    shape: tuple[int, ...],
    dtype: DTypeLike = "float32",
    *,
    overwrite: bool = False,
    record: ImageRecord | None = None,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Write a movie frame by frame, as a whole or not at all.

    Parameters
    ----------
    path : str or path-like
        A file of any format that :func:`write_image` knows.
    frames : iterable of array of shape (height, width)
        The frames, `n` of them; each is written before the next is asked for.
    shape : tuple of int
        ``(n, height, width)``.
    dtype : dtype, default="float32"
        Type in the file; TIFF takes uint8, uint16 and float32, MRC int16, uint16 and float32, and
        both float32 for all others.
    overwrite : bool, default=False
        Whether an existing file may be replaced.
    record : ImageRecord or None, default=None
        What the frames were made from: axes and metadata.
    provenance : dict or None, default=None
        How they were made.

    Raises
    ------
    ValueError
        If there are more or fewer frames than `shape` says, or one is of another size.
    FileExistsError
        If the file exists and `overwrite` is False.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import read_image, write_frames
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "movie.tif")
    ...     write_frames(path, (np.full((4, 5), t) for t in range(3)), (3, 4, 5))
    ...     read_image(path)[0][:, 0, 0]
    array([0., 1., 2.], dtype=float32)
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    shape, dtype = tuple(map(int, shape)), np.dtype(dtype)
    check_image(shape, dtype)
    blank = derived_record(path.stem, Shaped(shape, dtype), source=record)
    with replacing(path) as temporary:
        write = _WRITERS[path.suffix.lower()]
        write(temporary, _checked(frames, shape, dtype), blank, provenance)


def _checked(frames, shape, dtype):
    """Yield as many frames as there have to be, each of the right size and type."""
    count = 0
    for frame in frames:
        frame = np.asarray(frame)
        if count == shape[0] or frame.shape != shape[1:]:
            raise ValueError(f"frame {count} of the shape {frame.shape} is not of {shape}.")
        yield np.ascontiguousarray(frame, dtype)
        count += 1
    if count < shape[0]:
        raise ValueError(f"expected {shape[0]} frames, got {count}.")


def _write_tiff(path, frames, record, provenance):
    shape, dtype = record.data.shape, record.data.dtype
    if dtype.name not in ("uint8", "uint16", "float32"):
        dtype = np.dtype("float32")
        frames = (frame.astype(dtype) for frame in frames)
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    layout = tiff_layout(record, n_bytes, provenance)
    kind = {name: layout.pop(name) for name in ("imagej", "bigtiff") if name in layout}
    with tifffile.TiffWriter(path, **kind) as writer:
        writer.write(frames, shape=shape, dtype=dtype, **layout)


def _write_npy(path, frames, record, provenance):
    header = {
        "shape": record.data.shape,
        "fortran_order": False,
        "descr": np.lib.format.dtype_to_descr(record.data.dtype),
    }
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for frame in frames:
            frame.tofile(file)


def _write_zarr(path, frames, record, provenance):
    array = create_zarr(path, record, record.data.dtype, provenance)
    for number, frame in enumerate(frames):
        array[number] = frame


_WRITERS = {
    ".hspy": write_hspy_frames,
    ".mrc": write_mrc_frames,
    ".npy": _write_npy,
    ".tif": _write_tiff,
    ".tiff": _write_tiff,
    ".zarr": _write_zarr,
}
