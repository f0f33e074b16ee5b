"""Figure 12: PSNR over the number of draws, independent and stratified, with its spread.

    python -m benchmarks.paper.figure12 FILE.jsonl                  print and draw what the file has
    python -m benchmarks.paper.figure12 FILE.jsonl --images DIR     measure what it has not before

One fit for each image, level, seed and kind serves all numbers and repeats; draws are not turned.
Spread is that over repeats with other seeds of the draws, averaged over fits. The figure goes to
figure12.png, or where "--figure" says.
"""

import statistics
import sys

from .._lib.tables import grouped, mean, panels, save_figure, show
from .ablations import EXPECTED, complete, lines_of, pages, parse

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
    lines = lines_of(arguments, [("noise2sr", {"sampling": kind}, then) for kind in KINDS])
    drawn = {title: complete(page) for title, page in pages(lines)}
    for title, page in drawn.items():
        show(f"Figure 12, {title}", [HEADER, *rows(page)], arguments.rst)
    print(f"\nThe paper, {EXPECTED['figure12']['about']}.")
    if drawn:
        save_figure(draw(drawn), arguments.figure)
    return 0


def rows(lines):
    """Yield one row for each kind of draws and their number."""
    for (kind, M), group in sorted(grouped(lines, "sampling", "M").items()):
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


def spread(lines):
    """Return the standard deviation over the repeats of a fit, averaged over fits."""
    fits = grouped(lines, "image", "seed").values()
    spreads = [statistics.stdev(line["psnr"] for line in fit) for fit in fits if len(fit) > 1]
    return statistics.fmean(spreads) if spreads else float("nan")


def draw(drawn):
    """Draw one panel for each page."""
    figure, axes = panels(len(drawn))
    for (title, page), axis in zip(drawn.items(), axes.flat, strict=True):
        for (kind,), lines in sorted(grouped(page, "sampling").items()):
            points = sorted(grouped(lines, "M").items())
            axis.errorbar(
                [M for (M,), _ in points],
                [mean(group, "psnr") for _, group in points],
                [spread(group) for _, group in points],
                marker="o",
                capsize=3,
                label=KINDS[kind],
            )
        axis.set(xscale="log", xlabel="draws M", ylabel="PSNR (dB)")
        axis.set_title(title, loc="left", fontsize="small")
        axis.legend()
    return figure


if __name__ == "__main__":
    sys.exit(main())
