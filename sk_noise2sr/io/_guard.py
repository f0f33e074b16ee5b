"""What is let in and out, and the sentences that say why not."""

import math
from contextlib import contextmanager

MAX_BYTES = 8 * 2**30


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
        raise ValueError(f"expected real numbers, got {dtype.name}.")
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
    except OSError as error:
        raise OSError(f"{path.name} cannot be {verb}: {_reason(error)}") from error
    except Exception as error:
        raise ValueError(f"{path.name} cannot be {verb}: {_reason(error)}") from error


def _reason(error):
    text = getattr(error, "strerror", None)
    if not isinstance(text, str):
        text = str(error) or type(error).__name__
    return " ".join(text.split())[:300]
