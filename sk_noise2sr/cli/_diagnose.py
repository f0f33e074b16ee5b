"""Look at the noise of an image, and say which methods suit it."""

from pathlib import Path

from ._inputs import add_part, check_inputs, read_record
from ._json import as_json

DESCRIPTION = """\
Measure the noise of IN, a grey image or a stack of them: its strength, dark level, saturation,
bad pixels, correlation along rows and columns, offsets and shifts of scan lines. Say in words
what breaks an assumption of denoisers, and which method suits. Takes a second.

  sk-noise2sr diagnose frame.tif
  sk-noise2sr diagnose frame.tif --json       for programs
  sk-noise2sr diagnose turned.tif --transpose where the beam scanned along columns
"""


def add_arguments(parser, words):
    """Add the file and the form of the answer."""
    parser.add_argument("input", metavar="IN", type=Path, help="file to read")
    add_part(parser)
    parser.add_argument(
        "--transpose",
        action="store_true",
        help="exchange rows and columns: for an image whose scan lines are its columns",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")


def run(arguments, parser):
    """Read, diagnose and print."""
    check_inputs([arguments.input])
    from ..noise import diagnose

    noisy = read_record(arguments.input, arguments.image, arguments.crop).data
    diagnosis = diagnose(noisy.swapaxes(-1, -2) if arguments.transpose else noisy)
    if arguments.json:
        print(as_json(diagnosis.as_dict()))
    else:
        if arguments.transpose:
            print("Rows below are columns of the file, and columns its rows.")
        print(diagnosis)
    return 0
