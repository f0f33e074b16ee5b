"""Quality of Noise2SR over CPU seconds, for all encoders: where transformers pay, and where not.

    python -m benchmarks.paper.encoders FILE.jsonl [--images DIR]

Every point is a training of its own, with the whole schedule of its length. Seconds are those of
fit and transform together. "at equal time" is what the first encoder has after as many seconds, on
a line through its points, seconds on a logarithmic scale; "difference" is to that. The figure goes
to encoders.png, or where "--figure" says. Spread is that over seeds.
"""

import math
import statistics
import sys

import numpy as np

from sk_noise2sr.networks import ENCODERS

from .._lib.tables import grouped, mean
from .ablations import draw, parse, quality, tell

HEADER = (
    "encoder", "epochs", "n", "CPU s", "PSNR, dB", "SSIM", "at equal time", "difference",
)  # fmt: skip


def main(argv=None):
    """Measure if asked to, print and draw."""
    arguments = parse(
        __doc__,
        argv,
        encoders="compact,restormer_compact,uformer_compact",
        epochs="5,10,20,40,50",
        figure="encoders.png",
    )
    measured = arguments.encoders.split(",") if arguments.images else ENCODERS
    variants = [
        ("noise2sr", {"encoder": encoder, "epochs": epochs}, [{"M": 50}])
        for encoder in measured
        for epochs in arguments.epochs
    ]
    told = tell("Encoders", arguments, variants, HEADER, rows)
    draw(arguments, told, timed_curves, "CPU seconds of fit and transform")
    return 0


def timed_curves(lines):
    """Yield the points of each encoder over its seconds."""
    for encoder, points in curves(lines).items():
        yield encoder, [(seconds(group), group) for _, group in points]


def rows(lines):
    """Yield one row for each encoder and length."""
    encoders = curves(lines)
    first = next(iter(encoders.values()))
    for encoder, points in encoders.items():
        for epochs, group in points:
            there = at_equal_time(first, seconds(group)) if points is not first else math.nan
            yield (
                encoder,
                str(epochs),
                str(len(group)),
                f"{seconds(group):.0f}",
                *quality(group),
                f"{there:.2f}" if there == there else "",
                f"{mean(group, 'psnr') - there:+.2f}" if there == there else "",
            )


def curves(lines):
    """Return the points of each encoder, shortest training first, in the order of ENCODERS."""
    groups = grouped(lines, "encoder")
    return {
        name: [
            (epochs, group) for (epochs,), group in sorted(grouped(groups[name,], "epochs").items())
        ]
        for name in ENCODERS
        if (name,) in groups
    }


def seconds(lines):
    """Return the mean CPU seconds of fit and transform."""
    return statistics.fmean(line["fit_cpu"] + line["transform_cpu"] for line in lines)


def at_equal_time(points, cpu_seconds):
    """Return the PSNR that a curve has after as many seconds; NaN where it has no points."""
    times = [math.log(seconds(group)) for _, group in points]
    levels = [mean(group, "psnr") for _, group in points]
    return float(np.interp(math.log(cpu_seconds), times, levels, left=math.nan, right=math.nan))


if __name__ == "__main__":
    sys.exit(main())
