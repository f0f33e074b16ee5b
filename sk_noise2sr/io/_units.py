"""Units as files spell them, brought to nm, 1/nm and s; all others count as none."""

import math
import re

from ._calibration import TIMES, spelled

_LENGTHS = {"pm": 1e-3, "Å": 0.1, "nm": 1.0, "µm": 1e3, "mm": 1e6, "cm": 1e7, "m": 1e9}
_LENGTHS |= {"inch": 2.54e7}
_WORDS = {"meter": "m", "meters": "m", "metre": "m", "angstroem": "Å", "a": "Å"}
_INVERSE = (r"1\s*/\s*\(?(?P<unit>\w+)\)?", r"(?P<unit>[^\W\d]+)\s*(\^|\*\*)?\s*\(?[-⁻]\s*[1¹]\)?")


def normalized(number, unit):
    """Bring a length to nm, a reciprocal length to 1/nm and a time to s.

    Parameters
    ----------
    number : object
        How much, as it stands in a file.
    unit : object
        Of what, in any spelling.

    Returns
    -------
    number : float
        In the new unit; 1.0 if that is none.
    unit : str
        ``"nm"``, ``"1/nm"``, ``"s"``, or ``""`` for what is no calibration.

    Examples
    --------
    >>> normalized(12.5, "pm"), normalized(0.5, "1 / Å"), normalized(40, "msec")
    ((0.0125, 'nm'), (5.0, '1/nm'), (0.04, 's'))
    >>> normalized(3, "<undefined>")
    (1.0, '')
    """
    try:
        number = float(number)
    except (TypeError, ValueError, OverflowError):
        return 1.0, ""
    factor, kind = _meaning(str(unit).strip())
    scaled = number * factor
    return (scaled, kind) if kind and math.isfinite(scaled) else (1.0, "")


def _meaning(unit):
    """Return the factor of a unit, and the unit that it leads to."""
    for pattern in _INVERSE:
        inverse = re.fullmatch(pattern, unit)
        if inverse and (length := _LENGTHS.get(_base(inverse["unit"]))):
            return 1 / length, "1/nm"
    base = _base(unit)
    if base in _LENGTHS:
        return _LENGTHS[base], "nm"
    return (TIMES[base], "s") if base in TIMES else (1.0, "")


def _base(unit):
    """Return the spelling of a unit that the tables have."""
    return _WORDS.get(unit.lower(), spelled(unit))
