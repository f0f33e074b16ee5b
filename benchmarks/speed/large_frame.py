"""Memory and time of one large frame: fit and transform.

    python -m benchmarks.speed.large_frame FILE.jsonl --shape 832 896
    python -m benchmarks.speed.large_frame FILE.jsonl --shape 8192 8192 --fit-side 1024 --set M=4

Adds a JSON line: seconds, CPU seconds, CPU seconds a megapixel, the peak of memory above what is
there before the first fit (the image and all libraries), and the peak of all that is resident.
A frame larger than 4096 x 4096 is one of that size and its mirror images, to be made in time.
"""

import sys
import time

import numpy as np
import torch

from sk_noise2sr import Noise2SR, datasets

from .._lib.arguments import add_changes, make_parser
from .._lib.images import middle_of
from .._lib.lines import measure_missing
from .._lib.machine import forget_peak, resident

KEY = ("benchmark", "shape", "fit_side", "parameters", "run")
SIMULATED = 4096  # pixels a side, at most


def main(argv=None):
    """Measure one frame, once more if there is a line of it."""
    parser = make_parser(__doc__)
    add_changes(parser)
    parser.add_argument("--shape", type=int, nargs=2, default=[4096, 4096])
    parser.add_argument("--fit-side", type=int, help="fit on the middle of the frame alone")
    parser.add_argument("--run", type=int, default=1, help="number of this measurement")
    arguments = parser.parse_args(argv)
    task = {name: getattr(arguments, name) for name in ("shape", "fit_side", "run")}
    task |= {"benchmark": "large_frame", "parameters": dict(arguments.set)}
    return measure_missing(arguments.file, KEY, [task], measure)


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
