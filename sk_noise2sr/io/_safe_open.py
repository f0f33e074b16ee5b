"""What is let in and out, and the sentences that say why not."""

import math
import traceback
import warnings
from contextlib import contextmanager

from .._words import counted

MAX_BYTES = 8 * 2**30
_TELLING = (ValueError, OSError, ImportError, MemoryError, RuntimeError, NotImplementedError)


def check_image(shape, dtype):
    """Raise ValueError unless shape and dtype are those of an image or a stack.

    Parameters
    ----------
    shape : tuple of int
        Expected to be (height, width) or (n, height, width), without a zero.
    dtype : numpy.dtype
        Expected to be boolean, integer or real.
    """
    if dtype.kind not in "biuf":
        how = "; take their modulus or phase" if dtype.kind == "c" else ""
        raise ValueError(f"expected real numbers, got {dtype.name}{how}.")
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            "expected an image (height, width) or a stack (n, height, width), "
            f"got the shape {tuple(map(int, shape))}."
        )


def check_size(shape, dtype):
    """Raise ValueError if a header declares more than `MAX_BYTES` of pixels."""
    declared = math.prod(map(int, shape)) * dtype.itemsize
    if declared > MAX_BYTES:
        raise ValueError(
            f"its header declares {declared / 2**30:.3g} GiB of pixels, above the limit of "
            f"{MAX_BYTES / 2**30:.3g} GiB; split the stack."
        )


def check_length(path, declared):
    """Warn if a file is longer than its header declares: its pixels may be shifted.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    declared : int
        Bytes of header and pixels.
    """
    beyond = path.stat().st_size - declared
    if beyond > 0:
        warnings.warn(
            f"{path.name} is {counted(beyond, 'byte')} longer than its header says; it may be "
            "damaged, and its pixels wrong.",
            UserWarning,
            stacklevel=6,
        )


@contextmanager
def one_sentence(path, verb):
    """Turn whatever a file library raises into one line that begins with the file's name.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    verb : str
        What was being done to it: 'read' or 'written'.
    """
    try:
        yield
    except Exception as error:
        _forget_frames(error)
        kind = OSError if isinstance(error, OSError) else ValueError
        reason = _reason(error)
        if reason.startswith(path.name):
            raise kind(reason) from error
        raise kind(f"{path.name} cannot be {verb}: {reason}") from error


def _forget_frames(error):
    """Let go of the files that a library opened and lost: the frames of its error hold them."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _reason(error):
    text = getattr(error, "strerror", None)
    if not isinstance(text, str):
        text = str(error)
    text = " ".join(text.split())[:300]
    if not isinstance(error, _TELLING):  # the bare key of a KeyError says nothing to a reader
        text = f"it is damaged, or of an unknown kind ({type(error).__name__}: {text})."
    return text or type(error).__name__
