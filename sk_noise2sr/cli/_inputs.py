"""Images that commands read, and what is refused before any work."""

import os
from dataclasses import replace

import numpy as np

from ._parser import crop


def add_part(parser):
    """Add the options that tell which part of a file is meant."""
    parser.add_argument(
        "--image", metavar="NAME", help="which image, by name or number, of a file with several"
    )
    parser.add_argument(
        "--crop", type=crop, metavar="Y0:Y1,X0:X1", help="take these rows and columns alone"
    )


def check_inputs(paths):
    """Raise if a file is not there, before anything that takes a second is loaded."""
    from ..io._read import check_source

    for path in filter(None, paths):
        check_source(path)


def read_record(path, image=None, crop=None):
    """Read the image to denoise with all that its file says; refuse what float32 cannot hold."""
    from .._checks import as_stack
    from ..grid import moments
    from ..io import cropped, read_images, select_image

    record = select_image(read_images(path), image, path)
    if crop is not None:
        record = cropped(record, *crop)
    noisy = record.data
    finite = np.isfinite(noisy)  # other pixels are no picture
    if not finite.any():
        raise ValueError(f"{path.name} contains NaN or infinity alone, and no picture.")
    noisy = noisy if finite.all() else noisy[finite][np.newaxis]
    largest = max(abs(float(noisy.min())), abs(float(noisy.max())))
    if largest > float(np.finfo(np.float32).max):
        raise ValueError(
            f"{path.name}: intensities too large for float32; divide them by a constant."
        )
    if 0 < largest < float(np.finfo(np.float32).tiny):
        raise ValueError(f"{path.name}: intensities too small for float32; multiply by a constant.")
    if 0 < moments(as_stack(noisy))[1] < 16 * np.spacing(np.float32(largest)):
        raise ValueError(
            f"{path.name}: contrast too fine for float32 beside so large an offset; subtract a "
            "constant."
        )
    return record


def crop_text(crop):
    """Return the part of an image as it is typed, such as ``0:256,0:``."""
    return ",".join(f"{part.start or 0}:{'' if part.stop is None else part.stop}" for part in crop)


def read_partner(path, noisy, source, crop=None, finite=True, frame=None):
    """Read an image that shows the same as the noisy one, pixel on pixel; None for no path.

    Where it may be a stack while the noisy one is a frame of such a stack, `frame` is its number.
    """
    from ..io import cropped, read_images, select_image

    if path is None:
        return None
    record = select_image(read_images(path), None, path)
    if frame is not None and record.data.ndim == 3 and frame < len(record.data):
        record = replace(record, data=record.data[frame], axes=record.axes[-2:])
    whole = crop is None or record.data.shape == noisy.shape  # or was made from that part
    partner = (record if whole else cropped(record, *crop)).data
    if partner.shape != noisy.shape:
        raise ValueError(
            f"{path} is {size_of(partner)} and {source} is {size_of(noisy)}; both have to show the "
            "same, pixel on pixel. Crop one of them."
        )
    if finite and not np.isfinite(partner).all():
        raise ValueError(f"{path} contains NaN or infinity; fill these pixels first.")
    return partner


def read_mask(path, noisy, source, crop=None):
    """Read which pixels of an image are no picture, those that are not 0; for "none", nothing."""
    from ..io import cropped, read_images, select_image

    if path is None or str(path) == "none":
        return "auto" if path is None else "none"
    record = select_image(read_images(path), None, path)
    whole = crop is None or record.data.shape[-2:] == noisy.shape[-2:]
    mask = (record if whole else cropped(record, *crop)).data
    if mask.shape not in (noisy.shape, noisy.shape[-2:]):
        raise ValueError(
            f"The mask {path} is {size_of(mask)} and {source} is {size_of(noisy)}; give a mask of "
            "the size of the image, not 0 where it is no picture."
        )
    return mask != 0


def size_of(image):
    """Return the shape in words."""
    return " x ".join(map(str, image.shape))


def refuse_inputs(targets, inputs, parser):
    """End with a message if a file to write is one to read."""
    # Not Path.resolve, which raises for links that lead round in a circle.
    sources = {os.path.realpath(path) for path in inputs if path is not None}
    for target in targets:
        if os.path.realpath(target) in sources:
            parser.error(f"{target} is an input; inputs are never overwritten")


def check_drawing(option, suffix, inputs, arguments, parser):
    """End with a message if a file to draw is an input, of another type, or cannot be written.

    Parameters
    ----------
    option : str
        What names it, such as ``"picture"``.
    suffix : str
        How such files end.
    inputs : iterable of pathlib.Path or None
        Files that are read.
    arguments : argparse.Namespace
        ``force``, the option and, where there is one, ``resume``.
    parser : argparse.ArgumentParser
        Ends the program.
    """
    path = getattr(arguments, option)
    if path is None:
        return
    refuse_inputs([path], inputs, parser)
    if path.suffix.lower() != suffix:
        parser.error(f"--{option} writes {suffix} files, not {path.name}")
    if path.is_dir():
        parser.error(f"{path} is a folder; name a file in it")
    if path.exists() and not (arguments.force or getattr(arguments, "resume", False)):
        parser.error(f"{path} exists; pass --force or choose another name")
    if not path.parent.is_dir():
        parser.error(f"the folder {path.parent} does not exist; create it")
