"""Frames of a stack that one fit does not serve: named in a warning."""

import warnings

import numpy as np

from ..noise import estimate_noise

_UNLIKE = 4.0  # ratio of signal to noise, in variances, from that of most frames
_FRAMES_LOOKED_AT = 16


def warn_of_constant_frames(stack):
    """Warn of frames of a stack that hold one value.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Frames.
    """
    constant = stack.min(axis=(1, 2)) == stack.max(axis=(1, 2))
    if constant.any() and not constant.all():
        _warn(
            f"{_named(np.flatnonzero(constant))} of {len(stack)}: a single value in all pixels. "
            "Nothing is learned there, and it comes back as it is."
        )


def warn_of_unlike_noise(stack, name):
    """Warn of frames that have far more or less noise beside their signal than most.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Frames at common intensities.
    name : str
        What the message calls the estimator.
    """
    chosen = np.arange(len(stack))[:: -(-len(stack) // _FRAMES_LOOKED_AT)]
    strengths = np.log([_signal_to_noise(stack[number]) for number in chosen])
    unlike = chosen[np.abs(strengths - np.median(strengths)) > np.log(_UNLIKE)]
    if len(unlike):
        _warn(
            f"{_named(unlike)} of {len(stack)}: far more or less noise beside the signal than in "
            f"most, and one {name} does not serve all. Fit and denoise the frames one by one."
        )


def _signal_to_noise(frame):
    try:
        noise = estimate_noise(frame).variance
    except ValueError:  # there is none
        return np.finfo(float).max
    return max(float(frame.var(dtype=np.float64)) / noise - 1, 1e-3)


def _named(numbers):
    shown = ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
    return f"Frame {shown}" if len(numbers) == 1 else f"Frames {shown}"


def _warn(message):
    warnings.warn(message, UserWarning, stacklevel=5)
