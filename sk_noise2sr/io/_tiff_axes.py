"""What the first axis of a TIFF is: time, depth or channels; and whether 0 is white in it."""

from dataclasses import replace

import tifffile

from ._calibration import positive, spelled

# DigitalMicrograph's tags for the columns; the rows' are one higher, the frames' two.
DM_UNIT, DM_OFFSET, DM_SCALE = 65003, 65006, 65009
COLUMN, ROW, FRAME = range(3)

_NAMES = {"Z": "z", "C": "Channel"}
_LETTERS = {name: letter for letter, name in _NAMES.items()}
_LENGTHS = {"pm", "Å", "nm", "µm", "mm"}
_WHITE = {"photometric": "WhiteIsZero"}


def with_first_axis(record, page, letter, depths):
    """Return the record of a TIFF with what it says of its first axis and of black and white.

    Parameters
    ----------
    record : ImageRecord
        Pixels and calibration.
    page : tifffile.TiffPage
        Its first page.
    letter : str
        ``"Z"``, ``"C"``, ``"T"`` or another, as the file has it.
    depths : iterable of (object, object)
        Distances between slices and their units, as headers have them, the best first.

    Returns
    -------
    ImageRecord
        Depth is ``"z"``, a detector ``"Channel"``; all else stays as it is. A frame interval
        beside them is kept as metadata.
    """
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        record = replace(record, metadata=dict(_WHITE))
    if record.data.ndim < 3:
        return record
    known = [(positive(step), spelled(unit)) for step, unit in depths]
    step, unit = next(((s, u) for s, u in known if s and u in _LENGTHS), (1.0, ""))
    if unit and letter not in ("C", "T"):
        letter = "Z"
    if letter not in _NAMES:
        return record
    record = _with_interval_beside(record)
    scale = {"scale": step, "unit": unit} if letter == "Z" else {"scale": 1.0, "unit": ""}
    first = replace(record.axes[0], name=_NAMES[letter], **scale)
    return replace(record, axes=(first, *record.axes[1:]))


def _with_interval_beside(record):
    """Return the record with its frame interval as metadata: Fiji may call a movie's frames Z."""
    calibration = record.calibration
    if calibration.frame_interval is None:
        return record
    beside = {
        "frame_interval": calibration.frame_interval,
        "frame_unit": calibration.frame_unit,
    }
    return replace(record, metadata={**(record.metadata or {}), **beside})


def letters_of(record):
    """Return the axes of a record as TIFF names them, such as ``"ZYX"``."""
    first = _LETTERS.get(record.axes[0].name, "T")
    return f"{first}YX"[-record.data.ndim :]


def photometric_of(record):
    """Return which end of the scale is black."""
    white = (record.metadata or {}).get("photometric") == _WHITE["photometric"]
    return "miniswhite" if white else "minisblack"
