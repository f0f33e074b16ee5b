"""What rows and columns of an image have in common: correlation, offsets and shifts."""

import numpy as np

from ..grid import LineOffsets, find_row_shifts

_SMALLEST_SIDE = 64  # below, correlations and offsets drown in chance
# Sideways shifts: in standard errors of what halves of rows agree on, and against the other axis.
_SHIFTED, _SHIFTED_MORE = 4.5, 2.0
_STRAIGHT = {"shifted_rows": False, "row_shift": 0.0, "rows_worth_moving": False}


def geometry(stack, colours):
    """Return the figures of rows and of columns.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Noisy images.
    colours : list of Colour
        The colours of their noise, as far as they can be told.
    """
    if min(stack.shape[1:]) < _SMALLEST_SIDE:
        unknown = {"rows": (np.nan, np.nan), "columns": (np.nan, np.nan)}
        return {"correlation": unknown, "offsets": dict.fromkeys(unknown, 0.0), **_STRAIGHT}
    lines = [LineOffsets.find(image) for image in stack]
    agreement = [
        np.mean([find_row_shifts(image, rounds=1).agreement for image in view])
        for view in (stack, stack.transpose(0, 2, 1))
    ]
    least = _SHIFTED / np.sqrt(len(stack) * stack.shape[1])
    shifted = bool(agreement[0] > max(least, _SHIFTED_MORE * agreement[1]))
    return {
        "correlation": {
            "rows": _correlation(colours, (0, 1)),
            "columns": _correlation(colours, (1, 0)),
        },
        "offsets": {
            axis: float(np.mean([each.strength(axis) for each in lines]))
            for axis in ("rows", "columns")
        },
        **(_shifts(stack) if shifted else _STRAIGHT),
    }


def _correlation(colours, lag):
    """Return the correlation of noise at neighbours, and its standard error."""
    if not colours:
        return np.nan, np.nan
    values, errors = np.transpose([colour.correlation(*lag) for colour in colours])
    return float(values.mean()), float(np.sqrt(np.mean(errors**2) / len(errors)))


def _shifts(stack):
    """Return the figures of rows that are shifted."""
    found = [find_row_shifts(image) for image in stack]
    strength = np.sqrt(np.mean([shifts.strength**2 for shifts in found]))
    return {
        "shifted_rows": True,
        "row_shift": float(strength),
        "rows_worth_moving": all(shifts.worth_moving for shifts in found),
    }


def line_noise(colours):
    """Return the share of the noise at low frequencies that whole rows have in common."""
    shares = [colour.share if colour.streaks > 0 else 0.0 for colour in colours]
    return float(np.mean(shares)) if shares else 0.0
