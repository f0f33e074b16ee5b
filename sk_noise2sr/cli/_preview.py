"""A look at a part of an image, in seconds; and the pictures of results."""

import os
import sys
import tempfile
import webbrowser
from pathlib import Path

from ._inputs import crop_text, read_mask, read_partner, read_record
from ._say import say

_SIDE = 256  # pixels: as many as a preset "instant" denoises in seconds


def preview(source, denoiser, arguments):
    """Denoise a part of an image, draw it, and return the exit code.

    Parameters
    ----------
    source : pathlib.Path
        The file.
    denoiser : BaseDenoiser
        Fitted here.
    arguments : argparse.Namespace
        ``image``, ``crop``, ``picture``, ``target``, ``mask``, ``evidence`` and ``method``.

    Returns
    -------
    int
        0.
    """
    from ._task import denoise_record, describe

    crop = arguments.crop or _liveliest(source, arguments.image)
    record = read_record(source, arguments.image, crop)
    target = read_partner(arguments.target, record.data, source, crop)
    mask = read_mask(arguments.mask, record.data, source, crop)
    outcome = denoise_record(record, denoiser, target, mask, evidence=arguments.evidence)
    say(f"{source}, {crop_text(crop)}: {describe(outcome.facts, arguments.method)}")
    path = arguments.picture or _temporary(f"{source.stem}_preview.png")
    draw(path, outcome)
    say(f"picture -> {path}")
    if arguments.picture is None:
        _show(path)
    return 0


def _liveliest(source, image):
    from ..report import liveliest_part

    data = read_record(source, image).data
    return liveliest_part(data if data.ndim == 2 else data[0], _SIDE)


def _temporary(name):
    return Path(tempfile.mkdtemp(prefix="sk-noise2sr-"), name)


def _show(path):
    """Open a picture where there is a desktop, and somebody who looks at it."""
    x11 = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.stdout.isatty() and (x11 or sys.platform in ("darwin", "win32")):
        webbrowser.open(path.as_uri())


def draw(path, outcome):
    """Draw an image, or the first of a stack, beside its result."""
    from ..report import save_comparison

    noisy, denoised, std = outcome.first()
    save_comparison(
        path,
        noisy,
        denoised,
        calibration=outcome.record.calibration,
        evidence=None if outcome.evidence is None else outcome.evidence[0],
        std=std,
    )
