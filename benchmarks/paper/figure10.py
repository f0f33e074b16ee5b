"""Figure 10: PSNR and SSIM over the length of the training, for strides 2, 3 and 4.

    python -m benchmarks.paper.figure10 FILE.jsonl                  print and draw what the file has
    python -m benchmarks.paper.figure10 FILE.jsonl --images DIR     measure what it has not before

Every point is a training of its own, with the whole schedule of its length. The figure goes to
figure10.png, or where "--figure" says. Spread is that over seeds.
"""

import sys

from .._lib.tables import grouped, mean, panels, save_figure, show
from .ablations import EXPECTED, cpu_seconds, lines_of, pages, parse, quality, spread

HEADER = ("stride", "epochs", "n", "PSNR, dB", "SSIM", "CPU s")


def main(argv=None):
    """Measure if asked to, print and draw."""
    arguments = parse(
        __doc__, argv, strides="2,3,4", epochs="5,10,20,50,100", figure="figure10.png"
    )
    variants = [
        ("noise2sr", {"stride": stride, "epochs": epochs}, [{"M": 50}])
        for stride in arguments.strides
        for epochs in arguments.epochs
    ]
    drawn = dict(pages(lines_of(arguments, variants)))
    for title, page in drawn.items():
        show(f"Figure 10, {title}", [HEADER, *rows(page)], arguments.rst)
    print(f"\nThe paper has {EXPECTED['figure10']['about']}.")
    if drawn:
        save_figure(draw(drawn), arguments.figure)
    return 0


def rows(lines):
    """Yield one row for each stride and length."""
    for (stride, epochs), group in sorted(grouped(lines, "stride", "epochs").items()):
        yield str(stride), str(epochs), str(len(group)), *quality(group), cpu_seconds(group)


def draw(drawn):
    """Draw two curves for each page: PSNR and SSIM."""
    figure, axes = panels(len(drawn), 2, 4.5, 3.2)
    for (title, page), row in zip(drawn.items(), axes, strict=True):
        for axis, field, name in zip(row, ("psnr", "ssim"), ("PSNR (dB)", "SSIM"), strict=True):
            for (stride,), lines in sorted(grouped(page, "stride").items()):
                points = sorted(grouped(lines, "epochs").items())
                epochs = [number for (number,), _ in points]
                means = [mean(group, field) for _, group in points]
                spreads = [spread(group, field) for _, group in points]
                axis.errorbar(
                    epochs, means, spreads, marker="o", capsize=3, label=f"stride {stride}"
                )
            axis.set(xscale="log", xlabel="epochs of 40 crops", ylabel=name)
            axis.legend()
        row[0].set_title(title, loc="left", fontsize="small")
    return figure


if __name__ == "__main__":
    sys.exit(main())
