"""Does the filter ever harm? The same network with and without, over draws of the noise.

    python -m benchmarks.scores.refine FILE.jsonl --images DIR --levels 0.05,0.2,0.5 --draws 10
    python -m benchmarks.scores.refine FILE.jsonl

A network is fitted to the first draw of each image, and denoises all of them. ``worst`` is the
smallest gain of ``refine=True`` over ``refine=False`` of any draw, in dB.
"""

import sys

import numpy as np

from sk_noise2sr import Noise2SR
from sk_noise2sr.metrics import psnr

from .._lib.arguments import add_images, make_parser
from .._lib.images import noise_of, on_images, read_clean
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import show

KEY = ("image", "level", "seed", "draws", "crop")
HEADER = ("image", "a", "draws", "network, dB", "mean gain, dB", "worst, dB")


def main(argv=None):
    """Measure what is not in the file yet; print a table."""
    parser = make_parser(__doc__)
    add_images(parser, seeds="0")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--crop", type=int, help="side of the part in the middle to take")
    arguments = parser.parse_args(argv)
    heads = [{"draws": arguments.draws, "crop": arguments.crop}]
    failed = measure_missing(arguments.file, KEY, on_images(arguments, heads), measure)
    rows = [row(line) for line in read_lines(arguments.file)]
    show("Refined or not", [HEADER, *rows])
    return 1 if failed else 0


def row(line):
    """Return a row of the table."""
    decibels = [f"{line[name]:.2f}" for name in ("network", "gain", "worst")]
    return [line["image"], f"{line['level']:g}", str(line["draws"]), *decibels]


def measure(task):
    """Denoise draws of one image, with and without the filter."""
    clean, (noise, rng) = read_clean(task), noise_of(task)
    draws = [noise.sample(clean, rng) for _ in range(task["draws"])]
    denoiser = Noise2SR(random_state=task["seed"], verbose=0).fit(draws[0])
    reached = {
        refine: [psnr(clean, denoiser.set_params(refine=refine).transform(x)) for x in draws]
        for refine in (False, True)
    }
    gains = np.subtract(reached[True], reached[False])
    return {
        "network": float(np.mean(reached[False])),
        "gain": float(gains.mean()),
        "worst": float(gains.min()),
        "binning": float(denoiser.binning_),
    }


if __name__ == "__main__":
    sys.exit(main())
