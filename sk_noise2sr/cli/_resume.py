"""What a batch that goes on makes of the results it finds."""

import warnings

# Parameters that do not change a result, and noise that is read off the file.
_OF_THE_MACHINE = ("device", "max_memory", "n_threads", "verbose")
_FROM_THE_FILE = (None, "estimate")
_KEEP_NOTES = (".tif", ".tiff", ".hspy", ".zarr")


def why_again(source, output, denoiser, movie=False, crop=None):
    """Return why a result is to be made again.

    Parameters
    ----------
    source, output : pathlib.Path
        The files.
    denoiser : BaseDenoiser
        What would make it now.
    movie : bool, default=False
        Whether the result is read frame by frame, for it may be larger than memory.

    crop : tuple of two slice or None, default=None
        Which rows and columns of the source.

    Returns
    -------
    str or None
        The end of a sentence; None where the result is what would be made, as far as it tells.
    """
    try:
        _read_through(output, movie)
    except Exception as error:  # a batch goes on, whatever lies at that name
        return f"cannot be used ({' '.join(str(error).split())})"
    try:
        return _difference(source, output, denoiser, crop)
    except Exception as error:
        return f"does not tell how it was made ({type(error).__name__})"


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


def _difference(source, output, denoiser, crop):
    from ..io import read_provenance
    from ._task import origin

    old = read_provenance(output)
    if old is None and output.suffix.lower() in _KEEP_NOTES:
        return "does not tell how it was made"
    if old is None or not source.exists():
        return None
    new = origin(denoiser, source, crop)
    if old["denoiser"] != new["denoiser"]:
        return f"was made with the method {old['denoiser']}"
    if (old["input"] or {}).get("sha256") != new["input"].get("sha256"):
        return "was made with another input of this name"
    if old.get("crop") != new.get("crop"):
        return "was made from another part of its input"
    others = _other_parameters(old["parameters"], new["parameters"])
    return f"was made with another {', '.join(others)}" if others else None


def _other_parameters(old, new):
    """Return the names of parameters that both have, with values that matter and differ."""
    passing = {*_OF_THE_MACHINE, *(["noise"] if new.get("noise") in _FROM_THE_FILE else [])}
    return [name for name in new if name not in passing and old.get(name, new[name]) != new[name]]
