"""Grey pictures that programs export: PNG, and JPEG with a warning."""

import warnings

import numpy as np
from PIL import Image

from ._record import plain_record
from ._safe_open import check_image, check_size

_DEPTH = 24  # byte of a PNG file that says how many bits a value has; the next one is its kind
_SEVERAL = (2, 4, 6)  # kinds of several channels: colours, grey and transparency, both


def read_picture(path):
    """Read the one picture of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    list of ImageRecord
        One record, uncalibrated: the resolution of a picture is that of a screen.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # twice as many are refused
        picture = Image.open(path, formats=("PNG", "JPEG"))
    with picture:
        width, height = picture.size
        check_size((height, width, len(picture.getbands())), np.dtype(np.uint16))
        if getattr(picture, "n_frames", 1) > 1:
            raise ValueError("expected one picture, got an animation; save its frames as TIFF.")
        if picture.format == "PNG":
            _check_depth(path)
        else:
            _warn_of_loss(path)
        pixels = _grey(picture)
    check_image(pixels.shape, pixels.dtype)
    return [plain_record(path.stem, pixels)]


def _check_depth(path):
    """Raise if a value has more bits than Pillow keeps beside others."""
    with open(path, "rb") as file:
        bits, kind = file.read(_DEPTH + 2)[_DEPTH:]
    if bits > 8 and kind in _SEVERAL:
        raise ValueError(
            f"expected grey values, got {bits} bits of several channels; convert it to grey."
        )


def _warn_of_loss(path):
    warnings.warn(
        f"{path.name} is a JPEG file, whose compression has changed the noise and made the small "
        "blocks that it shows; take the file that the microscope wrote.",
        UserWarning,
        stacklevel=6,
    )


def _grey(picture):
    """Return the values of a picture whose channels are equal, and that is nowhere transparent."""
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    pixels = np.array(picture)
    if pixels.ndim == 2:
        return pixels
    if picture.mode in ("LA", "RGBA"):
        if (pixels[..., -1] < pixels[..., -1].max()).any():
            raise ValueError("expected grey values, got transparency; save it without.")
        pixels = pixels[..., :-1]
    if (pixels != pixels[..., :1]).any():
        raise ValueError("expected grey values, got a colour image; convert it to grey.")
    return pixels[..., 0].copy()
