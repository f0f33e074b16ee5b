"""What the axes of a zarr array are, and arrays without those of one frame or channel."""

import math

import numpy as np

from ._record import Axis, plain_record
from ._units import normalized

_NAMES = {"c": "Channel", "z": "z"}
_LETTERS = {name: letter for letter, name in _NAMES.items()}


class Squeezed:
    """A zarr array without axes of one frame, slice or channel; rows and columns stay.

    Parameters
    ----------
    array : zarr.Array
        The array, of four axes or more.
    keep : list of int
        The axes that stay.
    """

    def __init__(self, array, keep):
        self.array, self._keep = array, keep
        self.shape = tuple(array.shape[axis] for axis in keep)
        self.dtype, self.ndim = array.dtype, len(keep)

    def __getattr__(self, name):
        return getattr(self.array, name)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        if index is ...:
            return np.asarray(self.array[...]).reshape(self.shape)
        place = [slice(None) if axis in self._keep else 0 for axis in range(self.array.ndim)]
        place[self._keep[0]] = index
        return self.array[tuple(place)]


def kept_axes(shape):
    """Return which axes tell something: of four or more, those of one frame are left out."""
    last = len(shape) - 2
    return [axis for axis, size in enumerate(shape) if size > 1 or axis >= last or last < 2]


def zarr_axes(shape, scales):
    """Return the axes of an image, as OME-Zarr describes them.

    Parameters
    ----------
    shape : tuple of int
        Of the array as stored.
    scales : dict
        OME-Zarr's multiscales, or an empty dict.

    Returns
    -------
    tuple of Axis
        One for each that :func:`kept_axes` keeps.
    """
    keep = kept_axes(shape)
    sizes = [shape[axis] for axis in keep]
    plain = plain_record("", np.empty((0,) * len(keep))).axes
    axes = [Axis(axis.name, size) for axis, size in zip(plain, sizes, strict=True)]
    about = scales.get("axes")
    if not isinstance(about, list) or len(about) != len(shape):
        return tuple(axes)
    datasets = scales.get("datasets") or [{}]
    steps = datasets[0].get("coordinateTransformations") or []
    known = {step.get("type"): step.get(step.get("type")) for step in steps}
    scale = known.get("scale") or [1.0] * len(shape)
    offset = known.get("translation") or [0.0] * len(shape)
    told = [[each[axis] for axis in keep] for each in (about, scale, offset)]
    return tuple(_axis(*each) for each in zip(axes, *told, strict=True))


def _axis(axis, about, scale, offset):
    about = about if isinstance(about, dict) else {}
    name = axis.name or _NAMES.get(about.get("name"), "")
    number, unit = normalized(scale, about.get("unit", ""))
    if not unit or number == 0 or not math.isfinite(number):
        return Axis(name, axis.size)
    return Axis(name, axis.size, number, normalized(offset, about["unit"])[0], unit)


def letter_of(axis):
    """Return the name of a first axis in OME-Zarr."""
    return _LETTERS.get(axis.name, "t")
