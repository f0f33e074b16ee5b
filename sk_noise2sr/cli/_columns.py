"""Measure atomic columns in the noisy image itself."""

from pathlib import Path

from .._optional import import_optional
from .._words import counted
from ._inputs import add_part, check_drawing, check_inputs, read_partner, read_record, refuse_inputs
from ._parser import whole
from ._say import say

DESCRIPTION = """\
Find bright atomic columns in a denoised image, and measure their positions and heights in the
noisy image IN, with standard errors. Write a table: CSV, one column of atoms a line.

  sk-noise2sr columns frame.tif                           write frame_columns.csv
  sk-noise2sr columns frame.tif --denoised frame_denoised.tif -o columns.csv
  sk-noise2sr columns frame.tif --picture columns.png     and draw them on the result
  sk-noise2sr columns movie.tif --frame 0                 measure a frame of a stack
"""


def add_arguments(parser, words):
    """Add the files."""
    parser.add_argument("input", metavar="IN", type=Path, help="noisy image to read")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT.csv",
        type=Path,
        help="table to write; the default is IN with _columns.csv in the place of its suffix",
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument(
        "--picture",
        metavar="FILE.png",
        type=Path,
        help="draw the columns on the denoised image, those that it shows wrongly in red",
    )
    add_part(parser)
    parser.add_argument(
        "--frame",
        metavar="N",
        type=whole,
        help="which frame of a stack, from 0; columns are of one",
    )
    parser.add_argument(
        "--denoised",
        metavar="FILE",
        type=Path,
        help="result to find columns in; without one, Noise2SR makes it",
    )
    parser.add_argument(
        "--seed", metavar="INT", type=int, default=0, help="seed of Noise2SR (default: 0)"
    )


def run(arguments, parser):
    """Read, denoise where that was not done, measure and write."""
    check_inputs((arguments.input, arguments.denoised))
    from ..io import replacing, together
    from ..report import far_columns, save_columns
    from ..trust import measure_columns

    output = arguments.output or arguments.input.with_name(f"{arguments.input.stem}_columns.csv")
    _check_output(output, arguments, parser)
    record = read_record(arguments.input, arguments.image, arguments.crop)
    noisy = _frame(record.data, arguments.frame, arguments.input)
    frame = None if record.data.ndim == 2 else arguments.frame or 0
    denoised = _denoised(noisy, frame, arguments)
    table = measure_columns(noisy, denoised)
    lines = [",".join(map(repr, row.tolist())) for row in table]
    with together():
        with replacing(output) as temporary:
            temporary.write_text("\n".join([",".join(table.dtype.names), *lines, ""]), "utf8")
        if arguments.picture is not None:
            save_columns(arguments.picture, denoised, table, calibration=record.calibration)
    far = int(far_columns(table).sum())
    say(
        f"{output}: {counted(len(table), 'column')}; in {far} the result is more than 4 "
        "standard errors from the noisy image, in place or height"
    )
    if arguments.picture is not None:
        say(f"picture -> {arguments.picture}")
    return 0


def _check_output(output, arguments, parser):
    """Refuse, before any work, what would destroy a file or fail in the end."""
    inputs = (arguments.input, arguments.denoised)
    refuse_inputs([output], inputs, parser)
    if output.suffix.lower() != ".csv":
        parser.error(f"--output writes .csv files, not {output.name}")
    if arguments.picture is not None:
        import_optional("matplotlib", "--picture", "plot")
        check_drawing("picture", ".png", inputs, arguments, parser)
    if output.is_dir():
        parser.error(f"{output} is a folder; name a file in it")
    if not output.parent.is_dir():
        parser.error(f"the folder {output.parent} does not exist; create it")
    if output.exists() and not arguments.force:
        raise FileExistsError(f"{output} exists; pass --force or choose another name")


def _frame(images, number, path):
    """Return a frame of a stack, or the image if it is one."""
    if images.ndim == 2 and number is None:
        return images
    if images.ndim == 2:
        raise ValueError(f"{path} holds a single image; leave out --frame.")
    if number is None and len(images) > 1:
        raise ValueError(
            f"{path} holds a stack of {len(images)} frames; choose one, such as --frame 0."
        )
    number = number or 0
    if number >= len(images):
        raise ValueError(f"{path} has frames from 0 to {len(images) - 1}, and no frame {number}.")
    return images[number]


def _denoised(noisy, frame, arguments):
    """Return the result, from its file or of Noise2SR; `frame` is that of a stack, or None."""
    from .. import Noise2SR

    if arguments.denoised is not None:
        return read_partner(
            arguments.denoised, noisy, arguments.input, arguments.crop, finite=False, frame=frame
        )
    return Noise2SR(random_state=arguments.seed).fit(noisy).transform(noisy)
