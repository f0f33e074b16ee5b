"""Figure 12: PSNR over the number of draws, independent and stratified, with its spread.

    python -m benchmarks.paper.figure12 FILE.jsonl [--images DIR]

One fit for each image, level, seed and kind serves all numbers and repeats; draws are not turned.
Spread is that over repeats with other seeds of the draws, averaged over fits. The figure goes to
figure12.png, or where "--figure" says.
"""

import statistics
import sys

from .._lib.tables import grouped, mean
from .ablations import EXPECTED, complete, draw, parse, tell

KINDS = {"independent": "independent", "random": "stratified"}  # values of sampling
HEADER = ("draws", "M", "fits", "repeats", "paper, dB", "PSNR, dB", "spread, dB", "SSIM")


def main(argv=None):
    """Measure if asked to, print and draw."""
    arguments = parse(
        __doc__, argv, draws="1,2,4,5,8,12,20,32,50", repeats="5", figure="figure12.png"
    )
    then = [
        {"M": M, "training__symmetries": "none", "repeat": repeat}
        for repeat in range(int(arguments.repeats))
        for M in arguments.draws
    ]
    variants = [("noise2sr", {"sampling": kind}, then) for kind in KINDS]
    told = tell("Figure 12", arguments, variants, HEADER, rows)
    print(f"\nThe paper, {EXPECTED['figure12']['about']}.")
    draw(arguments, told, curves, "draws M", spread)
    return 0


def curves(lines):
    """Yield the points of each kind of draws."""
    for (kind,), group in sorted(grouped(complete(lines), "sampling").items()):
        yield KINDS[kind], [(M, at) for (M,), at in sorted(grouped(group, "M").items())]


def rows(lines):
    """Yield one row for each kind of draws and their number."""
    for (kind, M), group in sorted(grouped(complete(lines), "sampling", "M").items()):
        fits = grouped(group, "image", "seed")
        yield (
            KINDS[kind],
            str(M),
            str(len(fits)),
            f"{len(group) / len(fits):g}",
            str(EXPECTED["figure12"].get(str(M), "")) if kind == "independent" else "",
            f"{mean(group, 'psnr'):.3f}",
            f"{spread(group):.3f}",
            f"{mean(group, 'ssim'):.4f}",
        )


def spread(lines, field="psnr"):
    """Return the standard deviation over the repeats of a fit, averaged over fits."""
    fits = grouped(lines, "image", "seed").values()
    spreads = [statistics.stdev(line[field] for line in fit) for fit in fits if len(fit) > 1]
    return statistics.fmean(spreads) if spreads else float("nan")


if __name__ == "__main__":
    sys.exit(main())
