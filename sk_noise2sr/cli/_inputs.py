"""Images that commands read, and what is refused before any work."""

import numpy as np

from .._checks import as_stack
from ..grid import moments


def read_noisy(path):
    """Read the image to denoise, with its calibration; refuse what float32 cannot hold."""
    record = read_record(path)
    return record.data, record.calibration


def read_record(path, image=None):
    """Read the image to denoise with all that its file says; refuse what float32 cannot hold."""
    from ..io import read_images, select_image

    record = select_image(read_images(path), image, path)
    noisy = record.data
    largest = max(abs(float(noisy.min())), abs(float(noisy.max())))
    if largest > float(np.finfo(np.float32).max):
        raise ValueError("Intensities are too large for float32; divide them by a constant.")
    if 0 < largest < float(np.finfo(np.float32).tiny):
        raise ValueError("Intensities are too small for float32; multiply them by a constant.")
    if 0 < moments(as_stack(noisy))[1] < 16 * np.spacing(np.float32(largest)):
        raise ValueError(
            "The contrast is too fine for float32 beside so large an offset; subtract a constant."
        )
    return record


def read_partner(path, noisy, source):
    """Read an image that shows the same as the noisy one, pixel on pixel; None for no path."""
    from ..io import read_image

    if path is None:
        return None
    partner = read_image(path)[0]
    if partner.shape != noisy.shape:
        raise ValueError(
            f"{path} is {size_of(partner)} and {source} is {size_of(noisy)}; both have to show the "
            "same, pixel on pixel. Crop one of them."
        )
    if not np.isfinite(partner).all():
        raise ValueError(f"{path} contains NaN or infinity; fill these pixels first.")
    return partner


def size_of(image):
    """Return the shape in words."""
    return " x ".join(map(str, image.shape))


def refuse_inputs(targets, inputs, parser):
    """End with a message if a file to write is one to read."""
    sources = {path.resolve() for path in inputs if path is not None}
    for target in targets:
        if target.resolve() in sources:
            parser.error(f"{target} is an input; inputs are never overwritten")
