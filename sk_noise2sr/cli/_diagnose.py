"""Look at the noise of an image, and say which methods suit it."""

import json
import math
from pathlib import Path

DESCRIPTION = """\
Measure the noise of IN, a grey image or a stack of them: its strength, dark level, saturation,
bad pixels, correlation along rows and columns, offsets and shifts of scan lines. Say in words
what breaks an assumption of denoisers, and which method suits. Takes a second.

  sk-noise2sr diagnose frame.tif
  sk-noise2sr diagnose frame.tif --json       for programs
"""


def add_arguments(parser, words):
    """Add the file and the form of the answer."""
    parser.add_argument("input", metavar="IN", type=Path, help="file to read")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")


def run(arguments, parser):
    """Read, diagnose and print."""
    from ..noise import diagnose
    from ._inputs import read_noisy

    diagnosis = diagnose(read_noisy(arguments.input)[0])
    if arguments.json:
        print(json.dumps(_finite(diagnosis.as_dict()), indent=2, allow_nan=False))
    else:
        print(diagnosis)
    return 0


def _finite(value):
    """Return the value with None for numbers that JSON does not know."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
