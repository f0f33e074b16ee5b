"""Memory and time of one large frame: fit and transform, each line a process of its own.

python benchmarks/speed/large_frame.py --side 4096
python benchmarks/speed/large_frame.py --side 832
python benchmarks/speed/large_frame.py --side 8192 --fit-side 1024 --set refine=False M=4

prints a JSON line: seconds, CPU seconds, seconds a megapixel, the peak of memory above the image
itself, and the peak of all that is resident.
"""

import argparse
import resource
import time

import numpy as np
from report import add_out, report

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.cli._options import literal


def resident_peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def make_frame(side):
    """Return noisy counts in float32, of a scene that is repeated to the side asked for."""
    clean, _ = datasets.make_hrem((512, 512), random_state=0)
    tiles = -(-side // 512)
    clean = np.tile(clean.astype(np.float32), (tiles, tiles))[:side, :side]
    noise = np.random.default_rng(0).standard_normal(clean.shape, dtype=np.float32)
    return clean + np.sqrt(np.maximum(clean, 0) / 8) * noise


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--fit-side", type=int, help="fit on a corner of this side; the default is all of it"
    )
    add_out(parser)
    arguments = parser.parse_args()
    chosen = dict(pair.split("=") for pair in arguments.set)
    parameters = {name: literal(value) for name, value in chosen.items()}
    noisy = make_frame(arguments.side)
    before = resident_peak()
    denoiser = Noise2SR(random_state=0, **parameters)
    line = {
        "side": arguments.side,
        "fit_side": arguments.fit_side,
        "parameters": parameters,
        "image_mb": noisy.nbytes / 1e6,
    }
    corner = noisy[: arguments.fit_side, : arguments.fit_side]
    for step, image in ((denoiser.fit, corner), (denoiser.transform, noisy)):
        wall, cpu = time.perf_counter(), time.process_time()
        step(image)
        seconds = time.perf_counter() - wall
        line[step.__name__] = {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "seconds_per_megapixel": round(seconds / (image.size / 1e6), 3),
            "peak_above_start_mb": round((resident_peak() - before) / 1e6),
            "resident_peak_mb": round(resident_peak() / 1e6),
        }
    report("large_frame", line, arguments.out)


if __name__ == "__main__":
    main()
