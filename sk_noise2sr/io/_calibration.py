"""What a file says about its axes."""

import math
import re
from dataclasses import dataclass

import numpy as np

_SPELLINGS = {
    **dict.fromkeys(["pixel", "pixels", "px", "none", "[]", "<undefined>"], ""),
    **dict.fromkeys(["nanometer", "nanometers", "nanometre", "n_m", "[n_m]"], "nm"),
    # The Greek letter mu looks like the micro sign, and is another character.
    **dict.fromkeys(["micron", "microns", "micrometer", "um", "\u03bcm"], "µm"),
    **dict.fromkeys(["angstrom", "angstroms", "å"], "Å"),
    "inches": "inch",
    **dict.fromkeys(["sec", "second", "seconds"], "s"),
    "msec": "ms",
    **dict.fromkeys(["us", "usec", "\u03bcs"], "µs"),
}
_IN_NANOMETRES = {"m": 1e9, "cm": 1e7, "inch": 2.54e7}
TIMES = {
    "fs": 1e-15,
    "ps": 1e-12,
    "ns": 1e-9,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
}


@dataclass(frozen=True)
class Calibration:
    """Pixel size and frame interval of an image or a stack.

    ``Calibration()`` stands for an uncalibrated image.

    Parameters
    ----------
    pixel_size : (float, float) or None, default=None
        Distances between neighbouring rows and between neighbouring columns,
        in `unit`. None where they are unknown.
    unit : str, default=''
        Unit of `pixel_size`, such as 'nm', 'µm', 'Å' or '1/nm'.
    frame_interval : float or None, default=None
        Time between neighbouring images of a stack, in `frame_unit`. None
        where it is unknown.
    frame_unit : str, default='s'
        Unit of `frame_interval`.

    Raises
    ------
    ValueError
        If a number is not positive and finite, if `pixel_size` has no `unit`,
        or if a unit is not one line of text.

    Examples
    --------
    >>> from sk_noise2sr.io import Calibration
    >>> Calibration(pixel_size=(0.02, 0.02), unit="nm")
    Calibration(pixel_size=(0.02, 0.02), unit='nm', frame_interval=None, frame_unit='s')
    """

    pixel_size: tuple[float, float] | None = None
    unit: str = ""
    frame_interval: float | None = None
    frame_unit: str = "s"

    def __post_init__(self):
        if self.pixel_size is not None:
            sizes = tuple(positive(size) for size in np.ravel(self.pixel_size))
            if len(sizes) != 2 or None in sizes:
                raise ValueError(
                    "Expected a pixel_size of two positive, finite numbers (row, column), "
                    f"got {self.pixel_size!r}."
                )
            if not self.unit:
                raise ValueError("A pixel_size needs a unit, such as unit='nm'.")
            object.__setattr__(self, "pixel_size", sizes)
        if self.frame_interval is not None:
            interval = positive(self.frame_interval)
            if interval is None:
                raise ValueError(
                    f"Expected a positive, finite frame_interval, got {self.frame_interval!r}."
                )
            object.__setattr__(self, "frame_interval", interval)
        for unit in (self.unit, self.frame_unit):
            if not unit.isprintable():
                raise ValueError(f"Expected a unit of one line of text, got {unit!r}.")


def calibration_of(pixel_size=(None, None), unit="", frame_interval=None, frame_unit="s"):
    """Return the calibration of a header, without entries that make no sense.

    Parameters
    ----------
    pixel_size : sequence of two objects, default=(None, None)
        Row and column, as they stand in the header.
    unit : object, default=''
        Unit of `pixel_size`, in any spelling. Metres, centimetres and inches
        become nanometres.
    frame_interval : object, default=None
        Time between frames.
    frame_unit : object, default='s'
        Unit of `frame_interval`; the interval is left out if it is no time.

    Returns
    -------
    calibration : Calibration
    """
    unit, frame_unit = spelled(unit), spelled(frame_unit)
    sizes = [positive(size) for size in pixel_size]
    interval = positive(frame_interval)
    if unit in _IN_NANOMETRES and None not in sizes:
        sizes, unit = [size * _IN_NANOMETRES[unit] for size in sizes], "nm"
    known = {}
    if unit and None not in sizes:
        known.update(pixel_size=sizes, unit=unit)
    if interval and frame_unit in TIMES:
        known.update(frame_interval=interval, frame_unit=frame_unit)
    return Calibration(**known)


def spelled(unit):
    r"""Return a unit in this package's spelling, and '' for what is no unit.

    Examples
    --------
    >>> from sk_noise2sr.io._calibration import spelled
    >>> [spelled(unit) for unit in ("micron", r"\u00B5m", "1/nm", "pixels")]
    ['µm', 'µm', '1/nm', '']
    """
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), str(unit)).strip()
    text = _SPELLINGS.get(text.lower(), text)
    return text if text.isprintable() else ""


def positive(value):
    """Return a value as a float, or None if it is no positive, finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < math.inf else None
