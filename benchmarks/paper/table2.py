"""Table II: fixed against random sub-samples, of one draw and of the mean of 50.

    python benchmarks/paper/table2.py FILE.jsonl                  print what the file has
    python benchmarks/paper/table2.py FILE.jsonl --images DIR     measure what it has not, and print

As published: on the full grid, independent draws, none of them turned, no refinement; one fit
serves both values of M. Fixed sub-samples have only stride**2 draws. The column "paper" is the
published gain on top of the noisy PSNR of the image at hand; "difference" is the mean over the
same noisy images, with its spread over seeds and images.
"""

import sys

from ablations import (
    cpu_seconds,
    difference,
    grouped,
    lines_of,
    pages,
    parse,
    published_mean,
    quality,
    show,
    show_misprints,
)

DRAWS = {1: "M=1", 50: "MMSE"}
HEADER = ("variant", "n", "paper, dB", "PSNR, dB", "SSIM", "to fixed", "to M=1", "CPU s")


def main(argv=None):
    """Measure if asked to, and print."""
    arguments = parse(__doc__, argv)
    variants = [
        (
            "noise2sr",
            {"sampling": sampling, "stratified": False},
            [{"M": M, "symmetries": "none"} for M in DRAWS],
        )
        for sampling in ("fixed", "random")
    ]
    for title, page in pages(lines_of(arguments, variants)):
        show(f"Table II, {title}", [HEADER, *rows(page)], arguments)
    show_misprints("table2")
    return 0


def rows(lines):
    """Yield one row for each sampler and M."""
    groups = grouped(lines, "sampling", "M")
    for (sampling, M), group in groups.items():
        name = f"{sampling}, {DRAWS[M]}"
        yield (
            name,
            str(len(group)),
            published_mean("table2", name, group),
            *quality(group),
            difference(group, groups.get(("fixed", M), [])) if sampling == "random" else "",
            difference(group, groups.get((sampling, 1), [])) if M > 1 else "",
            cpu_seconds(group),
        )


if __name__ == "__main__":
    sys.exit(main())
