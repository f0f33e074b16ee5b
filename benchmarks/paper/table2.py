"""Table II: fixed against random sub-samples, of one draw and of the mean of 50.

    python -m benchmarks.paper.table2 FILE.jsonl [--images DIR]

As published: on the full grid, independent draws, none of them turned, no refinement; one fit
serves both values of M. Fixed sub-samples have only stride**2 draws. The column "paper" is the
published gain on top of the noisy PSNR of the image at hand; "difference" is the mean over the
same noisy images, with its spread over seeds and images.
"""

import sys

from .._lib.tables import grouped
from .ablations import (
    cpu_seconds,
    difference,
    parse,
    published_mean,
    quality,
    tell,
)

KINDS = {"fixed": "fixed", "independent": "random"}  # the word of the paper
DRAWS = {1: "M=1", 50: "MMSE"}
HEADER = ("variant", "n", "paper, dB", "PSNR, dB", "SSIM", "to fixed", "to M=1", "CPU s")


def main(argv=None):
    """Measure if asked to, and print."""
    arguments = parse(__doc__, argv)
    variants = [
        (
            "noise2sr",
            {"sampling": sampling},
            [{"M": M, "training__symmetries": "none"} for M in DRAWS],
        )
        for sampling in KINDS
    ]
    tell("Table II", arguments, variants, HEADER, rows)
    return 0


def rows(lines):
    """Yield one row for each sampler and M."""
    groups = grouped(lines, "sampling", "M")
    for (sampling, M), group in groups.items():
        name = f"{KINDS[sampling]}, {DRAWS[M]}"
        yield (
            name,
            str(len(group)),
            published_mean("table2", name, group),
            *quality(group),
            difference(group, groups.get(("fixed", M), [])) if sampling != "fixed" else "",
            difference(group, groups.get((sampling, 1), [])) if M > 1 else "",
            cpu_seconds(group),
        )


if __name__ == "__main__":
    sys.exit(main())
