"""Frames of a stack that differ: named in a warning."""

import warnings

import numpy as np

from .._checks import varied


def warn_of_constant_frames(stack):
    """Warn of frames of a stack that hold one value.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Frames.
    """
    constant = ~varied(stack)
    if constant.any() and not constant.all():
        _warn(
            f"{_named(np.flatnonzero(constant))} of {len(stack)}: a single value in all pixels. "
            "Nothing is learned there, and it comes back as it is."
        )


def warn_of_groups(groups, n_frames, name):
    """Warn that frames need several networks.

    Parameters
    ----------
    groups : list of ndarray of int
        The frames of each network.
    n_frames : int
        Number of frames.
    name : str
        What the message calls the estimator.
    """
    told = "; ".join(map(_numbers, groups))
    _warn(
        f"The frames are of unlike dose. {name} trains {len(groups)} networks, "
        f"for frames {told} of {n_frames}."
    )


def naming_frames(transform, frames):
    """Yield denoised frames; an error tells which frame was read last.

    Parameters
    ----------
    transform : callable
        Maps an iterable of frames to an iterator over results.
    frames : iterable of ndarray of shape (height, width)
        Frames.
    """
    number = -1

    def counted():
        nonlocal number
        for number, frame in enumerate(frames):  # noqa: B007
            yield frame

    try:
        yield from transform(counted())
    except ValueError as error:
        raise ValueError(f"Frame {number}: {error}") from error


def _named(numbers):
    return f"Frame{'s' if len(numbers) > 1 else ''} {_numbers(numbers)}"


def _numbers(numbers):
    return ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")


def _warn(message):
    warnings.warn(message, UserWarning, stacklevel=5)
