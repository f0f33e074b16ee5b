"""Figure 12: PSNR over the number of draws, independent and stratified, with its spread.

    python benchmarks/paper/figure12.py FILE.jsonl                  print and draw what the file has
    python benchmarks/paper/figure12.py FILE.jsonl --images DIR     measure what it has not before

One fit for each image, level and seed serves all numbers and repeats; draws are not turned. Spread
is that over repeats with other seeds of the draws, averaged over fits. The figure goes to
figure12.png, or where "--figure" says.
"""

import statistics
import sys

from ablations import (
    EXPECTED,
    complete,
    grouped,
    lines_of,
    literals,
    mean,
    pages,
    parse,
    save_figure,
    show,
)

KINDS = {False: "independent", True: "stratified"}
HEADER = ("draws", "M", "fits", "repeats", "paper, dB", "PSNR, dB", "spread, dB", "SSIM")


def main(argv=None):
    """Measure if asked to, print and draw."""
    arguments = parse(
        __doc__, argv, draws="1,2,4,5,8,12,20,32,50", repeats="5", figure="figure12.png"
    )
    then = [
        {"M": M, "stratified": stratified, "symmetries": "none", "repeat": repeat}
        for repeat in range(int(arguments.repeats))
        for stratified in KINDS
        for M in literals(arguments.draws)
    ]
    lines = lines_of(arguments, [("noise2sr", {}, then)])
    drawn = {title: complete(page) for title, page in pages(lines)}
    for title, page in drawn.items():
        show(f"Figure 12, {title}", [HEADER, *rows(page)], arguments)
    print(f"\nThe paper, {EXPECTED['figure12']['about']}.")
    if drawn:
        save_figure(draw(drawn), arguments.figure)
    return 0


def rows(lines):
    """Yield one row for each kind of draws and their number."""
    for (stratified, M), group in sorted(grouped(lines, "stratified", "M").items()):
        fits = grouped(group, "image", "seed")
        yield (
            KINDS[stratified],
            str(M),
            str(len(fits)),
            f"{len(group) / len(fits):g}",
            str(EXPECTED["figure12"].get(str(M), "")) if not stratified else "",
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
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6 * len(drawn)), layout="constrained")
    axes = figure.subplots(len(drawn), 1, squeeze=False)[:, 0]
    for (title, page), axis in zip(drawn.items(), axes, strict=True):
        for (stratified,), lines in sorted(grouped(page, "stratified").items()):
            points = sorted(grouped(lines, "M").items())
            axis.errorbar(
                [M for (M,), _ in points],
                [mean(group, "psnr") for _, group in points],
                [spread(group) for _, group in points],
                marker="o",
                capsize=3,
                label=KINDS[stratified],
            )
        axis.set(xscale="log", xlabel="draws M", ylabel="PSNR (dB)")
        axis.set_title(title, loc="left", fontsize="small")
        axis.legend()
    return figure


if __name__ == "__main__":
    sys.exit(main())
