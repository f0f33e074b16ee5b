"""Memory and time of one large frame: fit and transform.

    python -m benchmarks.speed.large_frame FILE.jsonl --shape 832 896
    python -m benchmarks.speed.large_frame FILE.jsonl --shape 8192 8192 --fit-side 1024 --set M=4
    python -m benchmarks.speed.large_frame FILE.jsonl --rst

Adds a JSON line: seconds, CPU seconds, CPU seconds a megapixel, the peak of memory above what is
there before the first fit (the image and all libraries), and the peak of all that is resident. The
table has all lines.
A frame larger than 4096 x 4096 is one of that size and its mirror images, to be made in time.
"""

import sys
import time

import numpy as np
import torch

from sk_noise2sr import Noise2SR, datasets

from .._lib.arguments import add_changes, make_parser
from .._lib.images import middle_of
from .._lib.lines import measure_missing, read_lines
from .._lib.machine import forget_peak, resident
from .._lib.tables import show

KEY = ("benchmark", "shape", "fit_side", "parameters", "run")
HEADER = (
    "frame",
    "parameters",
    "fit, CPU s",
    "fit, MB",
    "transform, MB",
    "transform, CPU s a megapixel",
)
SIMULATED = 4096  # pixels a side, at most


def main(argv=None):
    """Measure one frame, if there is a shape and no line of it; print the table."""
    parser = make_parser(__doc__)
    add_changes(parser)
    parser.add_argument("--shape", type=int, nargs=2, help="height and width")
    parser.add_argument("--fit-side", type=int, help="fit on the middle of the frame alone")
    parser.add_argument("--run", type=int, default=1, help="number of this measurement")
    arguments = parser.parse_args(argv)
    task = {name: getattr(arguments, name) for name in ("shape", "fit_side", "run")}
    task |= {"benchmark": "large_frame", "parameters": dict(arguments.set)}
    failed = measure_missing(arguments.file, KEY, [task] if arguments.shape else [], measure)
    lines = [line for line in read_lines(arguments.file) if line["benchmark"] == "large_frame"]
    show("Large frames", [HEADER, *map(row, lines)], arguments.rst)
    return 1 if failed else 0


def row(line):
    """Return the row of a line."""
    fit, transform = line["fit"], line["transform"]
    changes = ", ".join(f"{name}={value}" for name, value in line["parameters"].items())
    return (
        "{} x {}".format(*line["shape"]),
        changes or "defaults",
        f"{fit['cpu_seconds']:.1f}",
        str(fit["peak_above_start_mb"]),
        str(transform["peak_above_start_mb"]),
        f"{transform['cpu_seconds_per_megapixel']:.2f}",
    )


def make_frame(shape):
    """Simulate a noisy frame."""
    simulated = [min(side, SIMULATED) for side in shape]
    missing = [(0, side - made) for side, made in zip(shape, simulated, strict=True)]
    noisy = datasets.make_hrem(tuple(simulated), random_state=0)[1]
    return np.pad(noisy, missing, mode="symmetric") if np.any(missing) else noisy


def measure(task):
    """Fit and transform."""
    noisy = make_frame(task["shape"])
    denoiser = Noise2SR(random_state=0, verbose=0).set_params(**task["parameters"])
    torch.nn.Conv2d(1, 1, 3)(torch.zeros(1, 1, 8, 8))  # what torch loads late
    before = resident()
    line = {"image_mb": noisy.nbytes / 1e6, "resident_before_mb": round(before / 1e6)}
    sample = middle_of(noisy[:SIMULATED, :SIMULATED], task["fit_side"])
    for step, image in ((denoiser.fit, sample), (denoiser.transform, noisy)):
        forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        step(image)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        line[step.__name__] = {
            "seconds": round(wall, 2),
            "cpu_seconds": round(cpu, 2),
            "cpu_seconds_per_megapixel": round(cpu / (image.size / 1e6), 3),
            "peak_above_start_mb": round((resident(peak=True) - before) / 1e6),
            "resident_peak_mb": round(resident(peak=True) / 1e6),
        }
    return line | {"binning": denoiser.binning_}


if __name__ == "__main__":
    sys.exit(main())
