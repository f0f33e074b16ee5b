"""Values of an estimator as JSON and arrays, and the way back; nothing else is let through."""

import math
from dataclasses import fields
from types import MappingProxyType

import numpy as np

from ..engine import Fit, Training
from ..grid import Colour, Levels, StabilizedGrid, WorkingGrid
from ..movies import Context
from ..noise import Anscombe
from ..refine import CollaborativeFilter

_DATACLASSES = {
    kind.__name__: kind
    for kind in (
        Anscombe,
        WorkingGrid,
        StabilizedGrid,
        Colour,
        Levels,
        CollaborativeFilter,
        Context,
        Fit,
    )
}


def pack(value, arrays):
    """Turn a value into what JSON knows, and put arrays aside.

    Parameters
    ----------
    value : object
        None, a number, a text, a tuple, a list or a dict with texts as keys, an array of numbers,
        a RandomState, a class, of which the name is kept, or one of the package's own dataclasses.
    arrays : dict of str to ndarray
        Gets the arrays, by new names.

    Returns
    -------
    object
        Lists and plain values stay as they are; all else becomes a dict of one key, its kind.

    Raises
    ------
    ValueError
        If a value is anything else, such as a function.

    Examples
    --------
    >>> arrays = {}
    >>> pack({"noise": (0.05, np.zeros(2))}, arrays), list(arrays)
    ({'dict': {'noise': {'tuple': [0.05, {'array': '0'}]}}}, ['0'])
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, (np.ndarray, np.generic)):
        return _put_aside(value, arrays)
    if type(value) is list:
        return [pack(each, arrays) for each in value]
    if type(value) is tuple:
        return {"tuple": [pack(each, arrays) for each in value]}
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dict": {name: pack(each, arrays) for name, each in value.items()}}
    if type(value) in _DATACLASSES.values():
        values = {field.name: getattr(value, field.name) for field in fields(value)}
        return {type(value).__name__: {name: pack(each, arrays) for name, each in values.items()}}
    if type(value) is Training:
        return {"Training": {name: pack(each, arrays) for name, each in value.get_params().items()}}
    if isinstance(value, type):
        return {"class": value.__name__}
    if isinstance(value, np.random.RandomState):
        return {"RandomState": [pack(each, arrays) for each in value.get_state()]}
    raise ValueError(f"a {type(value).__name__} has no place in the file")


def _put_aside(value, arrays):
    if value.dtype.kind not in "biuf":
        raise ValueError(f"an array of {value.dtype.name} has no place in the file")
    name = str(len(arrays))
    arrays[name] = np.asarray(value)
    return {"scalar" if isinstance(value, np.generic) else "array": name}


def unpack(value, arrays, classes=MappingProxyType({})):
    """Undo :func:`pack`.

    Parameters
    ----------
    value : object
        What `pack` returned.
    arrays : dict of str to ndarray
        The arrays that it put aside.
    classes : dict of str to type, default={}
        The classes that may occur, by their names.

    Returns
    -------
    object
        The value.

    Raises
    ------
    ValueError
        If `pack` cannot have made this, or if a class is none of `classes`.
    """
    if isinstance(value, list):
        return [unpack(each, arrays, classes) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise ValueError("a value of no known kind")
    ((kind, inner),) = value.items()
    if kind in ("array", "scalar"):
        return arrays[inner] if kind == "array" else arrays[inner][()]
    if kind == "class":
        return _class_named(inner, classes)
    if kind in _DATACLASSES:
        return _DATACLASSES[kind](**_unpack_all(inner, arrays, classes))
    if kind not in _MAKERS:
        raise ValueError(f"a value of the unknown kind {kind!r}")
    return _MAKERS[kind](_unpack_all(inner, arrays, classes))


def _unpack_all(inner, arrays, classes):
    if isinstance(inner, dict):
        return {name: unpack(each, arrays, classes) for name, each in inner.items()}
    return unpack(inner, arrays, classes)


def _class_named(name, classes):
    if name not in classes:
        raise ValueError(f"the class {name} is not known; pass it, classes=[{name}]")
    return classes[name]


def _random_state(state):
    random_state = np.random.RandomState()
    random_state.set_state(tuple(state))
    return random_state


_MAKERS = {
    "float": float,
    "tuple": tuple,
    "dict": dict,
    "RandomState": _random_state,
    "Training": lambda settings: Training(**settings),
}
