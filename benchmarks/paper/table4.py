"""Table IV: three ways to bring features to full size, with seconds.

    python -m benchmarks.paper.table4 FILE.jsonl [--images DIR]

"difference" is to pixelshuffle on the same noisy images, with its spread over seeds and images.
"""

import sys

from .._lib.tables import grouped, mean
from .ablations import (
    EXPECTED,
    difference,
    parse,
    published_image,
    quality,
    tell,
)

UPSAMPLERS = "transposed,pixelshuffle,bilinear"
HEADER = (
    "up-sampler", "n", "paper, dB / SSIM", "PSNR, dB", "SSIM", "difference", "paper s",
    "fit, CPU s", "transform, CPU s", "fit, s", "transform, s",
)  # fmt: skip
SECONDS = ("fit_cpu", "transform_cpu", "fit_wall", "transform_wall")


def main(argv=None):
    """Measure if asked to, and print."""
    arguments = parse(__doc__, argv, upsamplers=UPSAMPLERS)
    variants = [
        ("noise2sr", {"upsampler": upsampler}, [{"M": 50}])
        for upsampler in arguments.upsamplers.split(",")
    ]
    tell("Table IV", arguments, variants, HEADER, rows)
    return 0


def rows(lines):
    """Yield one row for each up-sampler."""
    groups = grouped(lines, "upsampler")
    for (upsampler,), group in groups.items():
        yield (
            upsampler,
            str(len(group)),
            published_image("table4", upsampler, group),
            *quality(group),
            difference(group, groups.get(("pixelshuffle",), []))
            if upsampler != "pixelshuffle"
            else "",
            f"{EXPECTED['table4'][upsampler]['seconds']:.2f}",
            *(f"{mean(group, name):.1f}" for name in SECONDS),
        )


if __name__ == "__main__":
    sys.exit(main())
