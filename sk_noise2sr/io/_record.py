"""An image as its file has it: pixels, axes, and what else was written down."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._words import storable
from ._calibration import Calibration, calibration_of

_LONGEST_LIST = 1000
_DEEPEST = 30


@dataclass(frozen=True)
class Axis:
    """One axis of an image, a movie or a scan.

    Parameters
    ----------
    name : str
        Such as ``"x"`` or ``"Time"``; empty if it has none.
    size : int
        Number of rows, columns or frames.
    scale : float, default=1.0
        Distance between neighbours, in `unit`. Its sign is the direction.
    offset : float, default=0.0
        Where the first one is, in `unit`.
    unit : str, default=''
        ``"nm"``, ``"1/nm"``, ``"s"``, or empty for an axis without calibration.
    """

    name: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class ImageRecord:
    """One image, stack or scan of a file.

    Parameters
    ----------
    name : str
        What the file calls it, such as ``"HAADF"``.
    data : array of shape (height, width) or (n, height, width)
        The pixels. Frames of several navigation axes, such as those of a scan, follow one another.
    axes : tuple of Axis
        All axes, in the order of the array; the last two are rows and columns.
    metadata : dict, default=None
        What else the file says, of texts, numbers, lists and dicts. None for nothing.
    """

    name: str
    data: np.ndarray = field(repr=False)
    axes: tuple
    metadata: dict | None = field(default=None, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of all axes: that of `data`, unless there are several navigation axes."""
        return tuple(axis.size for axis in self.axes)

    @property
    def calibration(self) -> Calibration:
        """Pixel size and frame interval, as :func:`~sk_noise2sr.io.write_image` takes them."""
        *frames, rows, columns = self.axes
        unit = rows.unit if rows.unit == columns.unit else ""
        time = frames[0] if len(frames) == 1 else Axis("", 1)
        sizes = abs(rows.scale), abs(columns.scale)
        known = calibration_of(sizes, unit, *((abs(time.scale), time.unit) if time.unit else ()))
        if len(frames) != 1 or known.frame_interval:
            return known
        about = self.metadata or {}  # beside a depth or channels
        return calibration_of(sizes, unit, about.get("frame_interval"), about.get("frame_unit"))


class Shaped:
    """What is known of an array without its pixels.

    Parameters
    ----------
    shape : tuple of int
        Its shape.
    dtype : dtype
        Its type.
    """

    def __init__(self, shape, dtype):
        self.shape, self.dtype, self.ndim = tuple(shape), np.dtype(dtype), len(shape)

    def __len__(self):
        return self.shape[0]


def plain_record(name, data, calibration=None):
    """Return the record of an image of which no more than pixels and calibration are known.

    Parameters
    ----------
    name : str
        What to call it.
    data : ndarray of shape (height, width) or (n, height, width)
        The pixels.
    calibration : Calibration or None, default=None
        Pixel size and frame interval.

    Returns
    -------
    ImageRecord
        Its calibration is the one given.
    """
    calibration = calibration or Calibration()
    scales = calibration.pixel_size or (1.0, 1.0)
    axes = [
        Axis(axis, size, scale, unit=calibration.unit if calibration.pixel_size else "")
        for axis, size, scale in zip("yx", data.shape[-2:], scales, strict=True)
    ]
    if data.ndim == 3:
        interval = calibration.frame_interval
        unit = calibration.frame_unit if interval else ""
        axes.insert(0, Axis("Time" if interval else "", len(data), interval or 1.0, unit=unit))
    return ImageRecord(name, data, tuple(axes))


def cropped(record: ImageRecord, rows: slice, columns: slice) -> ImageRecord:
    """Return a part of an image, whose axes begin where the part lies.

    Parameters
    ----------
    record : ImageRecord
        The image, or a stack.
    rows, columns : slice
        Of every frame, in pixels, in steps of 1.

    Returns
    -------
    ImageRecord
        The part.

    Raises
    ------
    ValueError
        If it does not lie in the image.
    """
    height, width = record.data.shape[-2:]
    axes = list(record.axes)
    for place, part in ((-2, rows), (-1, columns)):
        start, stop = part.start or 0, axes[place].size if part.stop is None else part.stop
        if not 0 <= start < stop <= axes[place].size:
            raise ValueError(
                f"The rows {_ends(rows)} and columns {_ends(columns)} do not lie in an image of "
                f"{height} x {width} pixels."
            )
        axis = axes[place]
        axes[place] = replace(axis, size=stop - start, offset=axis.offset + start * axis.scale)
    data = record.data[..., rows, columns]
    return replace(record, data=data, axes=tuple(axes))


def _ends(part):
    return f"{part.start or 0}:{'' if part.stop is None else part.stop}"


def jsonable(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it: what JSON does not know becomes text, long arrays a remark.

    Parameters
    ----------
    value : object
        Metadata of a file.
    depth : int, default=0
        How deep it lies.

    Returns
    -------
    object
        None, a bool, a number, a text, or a list or dict of them.

    Examples
    --------
    >>> jsonable({"dwell": np.float32(0.5), 3: b"note", "lut": np.zeros((64, 64))})
    {'dwell': 0.5, '3': 'note', 'lut': '(array of 64 x 64 left out)'}
    """
    if depth > _DEEPEST:
        return "(left out)"
    if isinstance(value, np.ndarray) and value.size > _LONGEST_LIST:
        return f"(array of {' x '.join(map(str, value.shape))} left out)"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, dict):
        return {storable(str(name)): jsonable(each, depth + 1) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(each, depth + 1) for each in value[:_LONGEST_LIST]]
    if isinstance(value, bytes):
        return value.decode("utf8", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (bool, int)) else storable(str(value))


def chosen_format(formats, path):
    """Return the entry of a table of formats for a suffix; raise if there is none."""
    try:
        return formats[path.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"{path.name} has the suffix {path.suffix!r}; known are {', '.join(sorted(formats))}."
        ) from None
