"""Measure atomic columns in the noisy image itself."""

from pathlib import Path

DESCRIPTION = """\
Find bright atomic columns in a denoised image, and measure their positions and heights in the
noisy image IN, with standard errors. Write a table: CSV, one column of atoms a line.

  sk-noise2sr columns frame.tif -o columns.csv
  sk-noise2sr columns frame.tif --denoised frame_denoised.tif -o columns.csv
"""
_FAR = 4  # standard errors


def add_arguments(parser, words):
    """Add the files."""
    parser.add_argument("input", metavar="IN", type=Path, help="noisy image to read")
    parser.add_argument("-o", "--output", type=Path, required=True, help="CSV file to write")
    parser.add_argument(
        "--denoised",
        type=Path,
        help="result to find columns in; without one, Noise2SR makes it",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of Noise2SR (default: 0)")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")


def run(arguments, parser):
    """Read, denoise where that was not done, measure and write."""
    from ..trust import measure_columns
    from ._inputs import read_noisy

    if arguments.output.exists() and not arguments.force:
        raise FileExistsError(f"{arguments.output} exists; give another name, or overwrite=True.")
    noisy = read_noisy(arguments.input)[0]
    if noisy.ndim != 2:
        raise ValueError(f"Expected one image, got a stack of {len(noisy)}. Give a frame of it.")
    table = measure_columns(noisy, _denoised(noisy, arguments))
    lines = [",".join(map(repr, row.tolist())) for row in table]
    arguments.output.write_text("\n".join([",".join(table.dtype.names), *lines, ""]), "utf8")
    far = int((abs(table["pull_height"]) > _FAR).sum())
    print(
        f"{arguments.output}: {len(table)} columns; in {far} the result is more than {_FAR} "
        "standard errors of the height from the noisy image"
    )
    return 0


def _denoised(noisy, arguments):
    """Return the result, from its file or of Noise2SR."""
    from .. import Noise2SR
    from ._inputs import read_noisy

    if arguments.denoised is not None:
        return read_noisy(arguments.denoised)[0]
    return Noise2SR(random_state=arguments.seed).fit(noisy).transform(noisy)
