"""Memory and time of one large frame: fit and transform, each line a process of its own.

python benchmarks/speed/large_frame.py --shape 832 896
python benchmarks/speed/large_frame.py --shape 4096 4096
python benchmarks/speed/large_frame.py --shape 8192 8192 --fit-side 1024 --set M=4

prints a JSON line: seconds, CPU seconds, CPU seconds a megapixel, the peak of memory above what is
there before the first fit (the image and all libraries), and the peak of all that is resident.
A frame larger than 4096 x 4096 is one of that size and its mirror images, to be made in time.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch  # awake before memory is looked at
from report import add_out, report

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.cli._options import literal

_SIMULATED = 4096  # pixels a side, at most


def resident(peak=False):
    """Return bytes in use, now or at the most since :func:`forget_peak`."""
    name = "VmHWM" if peak else "VmRSS"
    with open("/proc/self/status", encoding="ascii") as file:
        (line,) = (line for line in file if line.startswith(name))
    return int(line.split()[1]) * 1024


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def make_frame(shape):
    """Simulate a noisy frame."""
    simulated = [min(side, _SIMULATED) for side in shape]
    missing = [(0, side - made) for side, made in zip(shape, simulated, strict=True)]
    noisy = datasets.make_hrem(tuple(simulated), random_state=0)[1]
    return np.pad(noisy, missing, mode="symmetric") if np.any(missing) else noisy


def middle_of(image, side):
    return image[tuple(slice((n - side) // 2, (n + side) // 2) for n in image.shape)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", type=int, nargs=2, default=[4096, 4096])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--fit-side",
        type=int,
        help="fit on the middle of this side of what was simulated; the default is all",
    )
    add_out(parser)
    arguments = parser.parse_args()
    chosen = dict(pair.split("=") for pair in arguments.set)
    parameters = {name: literal(value) for name, value in chosen.items()}
    noisy = make_frame(arguments.shape)
    denoiser = Noise2SR(random_state=0, **parameters)
    torch.nn.Conv2d(1, 1, 3)(torch.zeros(1, 1, 8, 8))
    before = resident()
    line = {
        "shape": arguments.shape,
        "fit_side": arguments.fit_side,
        "parameters": parameters,
        "image_mb": noisy.nbytes / 1e6,
        "resident_before_mb": round(before / 1e6),
    }
    side = arguments.fit_side
    sample = noisy if side is None else middle_of(noisy[:_SIMULATED, :_SIMULATED], side)
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
    line["binning"] = denoiser.binning_
    report("large_frame", line, arguments.out)


if __name__ == "__main__":
    main()
