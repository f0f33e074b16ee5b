"""What a batch that goes on makes of the results it finds."""

import warnings
from pathlib import Path

from .._words import one_line

# Parameters that do not change a result, and noise that is read off the file.
_OF_THE_MACHINE = ("device", "max_memory", "n_threads", "verbose")
_FROM_THE_FILE = (None, "estimate")
_KEEP_NOTES = (".tif", ".tiff", ".hspy", ".zarr")
_ASKED = {
    "crop": "was made from another part of its input",
    "mask": "was made with another mask",
    "fit_frames": "was fitted on other frames",
}


def why_again(source, output, denoiser, fit_frames=None, crop=None, mask=None):
    """Return why a result is to be made again.

    Parameters
    ----------
    source, output : pathlib.Path
        The files.
    denoiser : BaseDenoiser
        What would make it now.
    fit_frames : int or None, default=None
        How many frames of a movie to fit on; the result is read frame by frame then, for it may be
        larger than memory.
    crop : tuple of two slice or None, default=None
        Which rows and columns of the source.
    mask : pathlib.Path or None, default=None
        The file of the mask, or "none".

    Returns
    -------
    str or None
        The end of a sentence; None where the result is what would be made, as far as it tells.
    """
    try:
        _read_through(output, bool(fit_frames))
    except Exception as error:  # a batch goes on, whatever lies at that name
        return f"cannot be used ({one_line(error)})"
    try:
        return _difference(source, output, denoiser, crop=crop, mask=mask, fit_frames=fit_frames)
    except Exception as error:
        return f"does not tell how it was made ({type(error).__name__})"


def keeps_notes(output):
    """Return whether files of this kind tell how they were made."""
    return Path(output).suffix.lower() in _KEEP_NOTES


def _read_through(output, movie):
    from ..io import open_frames, read_images

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # chunks are missing
        if not movie:
            read_images(output)
            return
        with open_frames(output) as frames:
            for number in range(len(frames)):
                frames[number]


def _difference(source, output, denoiser, **asked):
    from ..io import read_provenance
    from ._origin import origin

    old = read_provenance(output)
    if old is None and keeps_notes(output):
        return "does not tell how it was made"
    if old is None or not source.exists():
        return None
    new = origin(denoiser, source, **asked)
    if old["denoiser"] != new["denoiser"]:
        return f"was made with the method {old['denoiser']}"
    if (old["input"] or {}).get("sha256") != new["input"].get("sha256"):
        return "was made with another input of this name"
    for name, words in _ASKED.items():
        if old.get(name) != new.get(name):
            return words
    others = _other_parameters(old["parameters"], new["parameters"])
    return f"was made with another {', '.join(others)}" if others else None


def _other_parameters(old, new):
    """Return the names of parameters that both have, with values that matter and differ."""
    passing = {*_OF_THE_MACHINE, *(["noise"] if new.get("noise") in _FROM_THE_FILE else [])}
    return [name for name in new if name not in passing and old.get(name, new[name]) != new[name]]
