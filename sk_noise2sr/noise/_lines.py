"""What rows and columns of an image have in common: correlation, offsets and shifts."""

import numpy as np
from scipy.fft import dctn

from ..grid import find_row_offsets, find_row_shifts

_SMALLEST_SIDE = 64  # below, correlations and offsets drown in chance

# Noise is looked at where images have the least structure: in high frequencies along one axis,
# as a function of those along the other, from _LOW on.
_HIGH, _LOW, _LAGS = 0.35, 0.1, 3
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
_MEDIAN_EFFICIENCY = 2.7  # how many more values a median needs than a mean, there

_OFFSET, _MORE_THAN_ACROSS = 4.0, 3.0  # in deviations by noise, and against the other axis
# Sideways shifts: in standard errors of what halves of rows agree on, and against the other axis.
_SHIFTED, _SHIFTED_MORE = 4.5, 2.0
_STRAIGHT = {"shifted_rows": False, "row_shift": 0.0, "rows_worth_moving": False}


def geometry(stack):
    """Return the figures of rows and of columns."""
    if min(stack.shape[1:]) < _SMALLEST_SIDE:
        unknown = {"rows": (np.nan, np.nan), "columns": (np.nan, np.nan)}
        nothing = {"rows": (0.0, 0.0), "columns": (0.0, 0.0)}
        return {"correlation": unknown, "strengths": nothing, **_STRAIGHT}
    views = {"rows": stack, "columns": stack.transpose(0, 2, 1)}
    correlation, strengths, agreement = {}, {}, {}
    for axis, view in views.items():
        values, errors = np.transpose([_correlate(image) for image in view])
        error = np.sqrt(np.mean(errors**2) / len(view))
        correlation[axis] = (float(values.mean()), float(error))
        strengths[axis] = tuple(np.mean([_offsets(image) for image in view], axis=0))
        agreement[axis] = np.mean([find_row_shifts(image, rounds=1).agreement for image in view])
    least = _SHIFTED / np.sqrt(len(stack) * stack.shape[1])
    shifted = bool(agreement["rows"] > max(least, _SHIFTED_MORE * agreement["columns"]))
    return {
        "correlation": correlation,
        "strengths": strengths,
        **(_shifts(stack) if shifted else _STRAIGHT),
    }


def _correlate(image):
    """Return the correlation of noise at neighbours in a row, and its standard error."""
    power = dctn(image - image.mean(), norm="ortho", workers=1) ** 2
    down, right = (np.arange(side) / (2 * side) for side in image.shape)
    seen = power[down > _HIGH][:, right > _LOW]
    spectrum = np.median(seen, axis=0) / _MEDIAN_OF_CHI_SQUARE  # Bragg spots do no harm
    # The spectrum of noise with covariances c: c_0 + 2 sum c_k cos(2 pi k f).
    waves = 2 * np.cos(2 * np.pi * np.outer(right[right > _LOW], np.arange(_LAGS + 1)))
    waves[:, 0] = 1
    solve = np.linalg.pinv(waves)
    covariances = solve @ spectrum
    if covariances[0] <= 0:
        return np.nan, np.nan
    errors = np.maximum(waves @ covariances, 0) * np.sqrt(2 * _MEDIAN_EFFICIENCY / len(seen))
    error = np.sqrt(np.sum((solve[1] * errors) ** 2))
    return covariances[1] / covariances[0], error / covariances[0]


def _offsets(image):
    """Return the strength of the offsets of rows, and the strength that noise gives to them."""
    found = find_row_offsets(image)
    return np.hypot(found.strength, found.even.offset), found.noise


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


def stands_out(strengths, axis):
    """Whether the offsets along an axis exceed those by noise, and by structure."""
    other = "columns" if axis == "rows" else "rows"
    strength, noise = strengths[axis]
    return strength > max(_OFFSET * noise, _MORE_THAN_ACROSS * strengths[other][0]) > 0
