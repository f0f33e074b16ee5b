"""How binning is chosen over draws of the noise: one JSON line a scene; nothing is fitted.

    python -m benchmarks.real.binning FILE.jsonl --draws 200

Lines have the median of the factors, the smallest and largest, and which share of the draws is more
than 1.3 times off the median, and not binned at all.
"""

import sys
import time

import numpy as np

from sk_noise2sr.datasets import make_hrem, make_stem, record
from sk_noise2sr.grid import WorkingGrid, fill_outliers

from .._lib.arguments import make_parser
from .._lib.lines import measure_missing

KEY = ("scene", "draws", "side", "stride")
FAR = 1.3  # times the median
# How a scene is made, its pixel size and dose, and what the detector does.
SCENES = {
    "hrem": (make_hrem, {}, 0.01, 3200, {}),
    "hrem dose 8000": (make_hrem, {}, 0.01, 8000, {}),
    "hrem dose 800": (make_hrem, {}, 0.01, 800, {}),
    "hrem dose 200": (make_hrem, {}, 0.01, 200, {}),
    "hrem 0.006 nm": (make_hrem, {}, 0.006, 3200, {}),
    "hrem camera": (make_hrem, {}, 0.01, 3200, {"spread": 0.4}),
    "hrem 8 bit": (make_hrem, {}, 0.01, 3200, {"bits": 8}),
    "te": (make_stem, {"crystal": "te"}, 0.015, 2000, {}),
    "te 0.01 nm": (make_stem, {"crystal": "te"}, 0.01, 2000, {}),
    "te 0.01 nm jitter": (make_stem, {"crystal": "te", "scan_jitter": 0.01}, 0.01, 2e4, {}),
    "te 0.01 nm afterglow": (make_stem, {"crystal": "te"}, 0.01, 2e4, {"afterglow": 0.43}),
    "te 0.01 nm afterglow jitter": (
        make_stem,
        {"crystal": "te", "scan_jitter": 0.005},
        0.01,
        1e4,
        {"afterglow": 0.5},
    ),
    "mfi": (make_stem, {"crystal": "mfi"}, 0.015, 2000, {}),
    "mfi 0.02 nm": (make_stem, {"crystal": "mfi"}, 0.02, 2e4, {}),
    "mfi 0.01 nm": (make_stem, {"crystal": "mfi"}, 0.01, 2e4, {}),
    "mfi 0.01 nm afterglow jitter": (
        make_stem,
        {"crystal": "mfi", "scan_jitter": 0.005},
        0.01,
        2e4,
        {"afterglow": 0.43},
    ),
    "mor 0.01 nm": (make_stem, {"crystal": "mor"}, 0.01, 1e4, {}),
}


def main(argv=None):
    """Measure what is not in the file yet."""
    parser = make_parser(__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--stride", type=int, default=2)
    parser.add_argument("--scenes", default=",".join(SCENES))
    arguments = parser.parse_args(argv)
    tasks = [
        {"scene": scene, **{name: getattr(arguments, name) for name in KEY[1:]}}
        for scene in arguments.scenes.split(",")
    ]
    return 1 if measure_missing(arguments.file, KEY, tasks, measure) else 0


def measure(task):
    """Return the line of one scene."""
    make, options, pixel_size, dose, detector = SCENES[task["scene"]]
    shape = (task["side"], task["side"])
    clean, _ = make(shape=shape, pixel_size=pixel_size, dose=np.inf, random_state=0, **options)
    electrons = dose * (10 * pixel_size) ** 2
    start = time.process_time()
    factors = np.array(
        [
            choose(record(clean, electrons, random_state=draw, **detector), task["stride"])
            for draw in range(task["draws"])
        ]
    )
    median = np.median(factors)
    far = (factors > FAR * median) | (factors < median / FAR)
    return {
        "median": float(median),
        "least": float(factors.min()),
        "most": float(factors.max()),
        "far": float(far.mean()),
        "not_binned": float(np.mean(factors == 1)),
        "cpu": round(time.process_time() - start, 1),
    }


def choose(noisy, stride):
    """Return the factor that a network would work at."""
    stack = fill_outliers(noisy[np.newaxis])
    return WorkingGrid.fit(stack, binning="auto", stride=stride, standardize=True).binning


if __name__ == "__main__":
    sys.exit(main())
