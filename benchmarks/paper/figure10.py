"""Figure 10: PSNR and SSIM over the length of the training, for strides 2, 3 and 4.

    python -m benchmarks.paper.figure10 FILE.jsonl [--images DIR]

Every point is a training of its own, with the whole schedule of its length. The figure goes to
figure10.png, or where "--figure" says. Spread is that over seeds.
"""

import sys

from .._lib.tables import grouped
from .ablations import EXPECTED, cpu_seconds, draw, parse, quality, tell

HEADER = ("stride", "epochs", "n", "PSNR, dB", "SSIM", "CPU s")


def main(argv=None):
    """Measure if asked to, print and draw."""
    arguments = parse(
        __doc__, argv, strides="2,3,4", epochs="5,10,20,48,50,100", figure="figure10.png"
    )
    variants = [
        ("noise2sr", {"stride": stride, "epochs": epochs}, [{"M": 50}])
        for stride in arguments.strides
        for epochs in arguments.epochs
    ]
    told = tell("Figure 10", arguments, variants, HEADER, rows)
    print(f"\nThe paper has {EXPECTED['figure10']['about']}.")
    draw(arguments, told, curves, "epochs of 40 crops", fields=("psnr", "ssim"))
    return 0


def curves(lines):
    """Yield the points of each stride."""
    for (stride,), group in sorted(grouped(lines, "stride").items()):
        points = sorted(grouped(group, "epochs").items())
        yield f"stride {stride}", [(epochs, at) for (epochs,), at in points]


def rows(lines):
    """Yield one row for each stride and length."""
    for (stride, epochs), group in sorted(grouped(lines, "stride", "epochs").items()):
        yield str(stride), str(epochs), str(len(group)), *quality(group), cpu_seconds(group)


if __name__ == "__main__":
    sys.exit(main())
