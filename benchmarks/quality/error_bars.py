"""Do intervals of 90 % cover 90 % of the pixels? ``ErrorBars`` on scenes with a truth.

    python -m benchmarks.quality.error_bars FILE.jsonl --scenes all
    python -m benchmarks.quality.error_bars FILE.jsonl --scenes lattice,te --set n_refits=8
    python -m benchmarks.quality.error_bars FILE.jsonl

Given are the share of pixels whose error lies within 1.645 standard errors, the same in each fifth
of the pixels by their standard error, from the smallest to the largest, the root mean square of the
true errors over that of the predicted ones, and the cost in CPU seconds of a fit.
"""

import sys
import time
from pathlib import Path

import numpy as np

from sk_noise2sr import Noise2SR
from sk_noise2sr.datasets import load_sample, make_hrem, make_stem
from sk_noise2sr.trust import ErrorBars

from .._lib.arguments import add_changes, make_parser
from .._lib.images import INSTRUMENTS, middle_of, noise_of, read_clean
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import show
from ..scores.defects import HALVES, VACANCIES, lattice

IMAGES = Path(__file__).parents[1] / "images"
LEVELS = {"lattice": 0.2, "te": 0.1, "zsm5": 0.1, "mor": 0.1, "ptceo2_1": 0.1, "ptceo2_2": 0.1}
COUNTED = ("hrem", "sample")  # electrons; their noise is not ours to choose
FILES = {"te": "te_sim", "zsm5": "mfi_sim", "ptceo2_1": "ptceo2_sim_1", "ptceo2_2": "ptceo2_sim_2"}
SMOOTH = ("lattice spread", "lattice moved", "te spread", "te moved")  # by one of INSTRUMENTS
SIDE, Z = 128, 1.645


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--scenes", default="", help="names joined by commas, or all")
    add_changes(parser)
    arguments = parser.parse_args(argv)
    names = (
        [*LEVELS, *COUNTED, *SMOOTH] if arguments.scenes == "all" else arguments.scenes.split(",")
    )
    changes = {"parameters": dict(arguments.set)} if arguments.set else {}
    tasks = [{"scene": name, **changes} for name in filter(None, names)]
    failed = measure_missing(arguments.file, ("scene", "parameters"), tasks, measure)
    rows = [
        [line["scene"], f"{line['cover']:.3f}", ", ".join(f"{x:.2f}" for x in line["fifths"])]
        + [f"{line[name]:.2f}" for name in ("ratio", "cost")]
        for line in read_lines(arguments.file)
    ]
    head = ["scene", "share in 90 % intervals", "the same by fifths", "true / told", "cost in fits"]
    show("Error bars of Noise2SR", [head, *rows], arguments.rst)
    return 1 if failed else 0


def scene(name):
    """Return the clean and the noisy image of a scene."""
    if name == "hrem":
        return make_hrem((SIDE, SIDE), random_state=1)
    if name == "sample":
        return [middle_of(image, SIDE) for image in load_sample()]
    name, _, instrument = name.partition(" ")
    clean = middle_of(_clean(name), SIDE).astype(float)
    if name != "lattice":
        clean = np.interp(clean, (clean.min(), clean.max()), (0, 1))
    noise, rng = noise_of({"image": name, "seed": 0, "level": LEVELS[name]})
    return tuple(map(INSTRUMENTS.get(instrument, np.asarray), (clean, noise.sample(clean, rng))))


def _clean(name):
    if name == "lattice":
        return lattice(dict.fromkeys(VACANCIES, 0.0) | dict.fromkeys(HALVES, 0.5))
    if name == "mor":
        return make_stem("mor", (SIDE, SIDE), random_state=0)[0]
    return read_clean({"path": IMAGES / f"{FILES[name]}.tif"})


def measure(task):
    """Denoise a scene, and compare its errors with those that were told."""
    clean, noisy = scene(task["scene"])
    denoiser = Noise2SR(random_state=0, verbose=0)
    bars = ErrorBars(denoiser, random_state=0, verbose=0).set_params(**task.get("parameters", {}))
    start = time.process_time()
    bars.fit(noisy).transform(noisy)
    fitted = time.process_time()
    denoised, std = bars.transform(noisy, return_std=True)
    refits = time.process_time() - fitted
    return compare(clean, noisy, denoised, std) | {
        "cpu_of_a_fit": round(fitted - start, 1),
        "cost": round(1 + refits / (fitted - start), 2),
    }


def compare(clean, noisy, denoised, std):
    """Return how the true errors compare with the standard errors."""
    error = np.abs(denoised - clean)
    inside = (error < Z * std).ravel()
    by_std = np.array_split(inside[np.argsort(std, axis=None)], 5)
    rms = [float(np.sqrt(np.mean(np.square(x)))) for x in (error, std, noisy - clean)]
    return {
        "cover": round(float(inside.mean()), 3),
        "fifths": [round(float(part.mean()), 3) for part in by_std],
        "ratio": round(rms[0] / rms[1], 3),
        "psnr_gain": round(float(20 * np.log10(rms[2] / rms[0])), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
