"""Figures as JSON, for programs."""

import json
import math

import numpy as np


def as_json(value):
    """Return a value as text, with null for numbers that JSON does not know.

    Parameters
    ----------
    value : object
        Numbers, texts, and lists, tuples and dicts of them.

    Returns
    -------
    str
        Indented JSON.

    Examples
    --------
    >>> print(as_json({"gain": float("nan")}))
    {
      "gain": null
    }
    """
    return json.dumps(_finite(value), indent=2, allow_nan=False)


def _finite(value):
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value
