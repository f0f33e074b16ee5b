"""Do intervals of 90 % cover 90 % of the pixels? ``ErrorBars`` on scenes with a truth.

    python -m benchmarks.quality.error_bars FILE.jsonl --scenes all
    python -m benchmarks.quality.error_bars FILE.jsonl --scenes lattice,te --seeds 0,1,2
    python -m benchmarks.quality.error_bars FILE.jsonl --scenes lattice,te --set n_refits=8
    python -m benchmarks.quality.error_bars FILE.jsonl

Given are the share of pixels whose error lies within 1.645 standard errors, the same in each fifth
of the pixels by their standard error, from the smallest to the largest, the root mean square of the
true errors over that of the predicted ones, and the cost in CPU seconds of a fit: means over draws
of noise. One draw says little, for errors of neighbours are alike.
"""

import sys
import time
from pathlib import Path

import numpy as np

from sk_noise2sr import Noise2SR
from sk_noise2sr.datasets import load_sample, make_hrem, make_stem
from sk_noise2sr.trust import ErrorBars

from .._lib.arguments import add_changes, literals, make_parser
from .._lib.images import INSTRUMENTS, middle_of, noise_of, read_clean
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, mean, show
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
    parser.add_argument("--seeds", type=literals, default=[0], help="joined by commas")
    add_changes(parser)
    arguments = parser.parse_args(argv)
    names = (
        [*LEVELS, *COUNTED, *SMOOTH] if arguments.scenes == "all" else arguments.scenes.split(",")
    )
    changes = {"parameters": dict(arguments.set)} if arguments.set else {}
    tasks = [
        {"scene": name, "seed": seed, **changes}
        for name in filter(None, names)
        for seed in (arguments.seeds if name != "sample" else [0])
    ]
    failed = measure_missing(arguments.file, ("scene", "seed", "parameters"), tasks, measure)
    lines = [
        line
        for line in read_lines(arguments.file)
        if line.get("parameters") == changes.get("parameters")
    ]
    rows = [row(*scene, each) for scene, each in grouped(lines, "scene").items()]
    head = ["scene", "draws", "share in 90 % intervals", "each", "the same by fifths"]
    head += ["true / told", "cost in fits"]
    show("Error bars of Noise2SR", [head, *rows], arguments.rst)
    return 1 if failed else 0


def row(name, lines):
    """Return the row of a scene: means over its draws, and the share of each draw."""
    fifths = np.mean([line["fifths"] for line in lines], axis=0)
    return [
        name,
        str(len(lines)),
        f"{mean(lines, 'cover'):.3f}",
        ", ".join(f"{line['cover']:.2f}" for line in lines),
        ", ".join(f"{share:.2f}" for share in fifths),
        *(f"{mean(lines, field):.2f}" for field in ("ratio", "cost")),
    ]


def scene(name, seed=0):
    """Return the clean and the noisy image of a scene; the sample has one draw of noise."""
    if name == "hrem":
        return make_hrem((SIDE, SIDE), random_state=1 + seed)
    if name == "sample":
        return [middle_of(image, SIDE) for image in load_sample()]
    name, _, instrument = name.partition(" ")
    clean = middle_of(_clean(name), SIDE).astype(float)
    if name != "lattice":
        clean = np.interp(clean, (clean.min(), clean.max()), (0, 1))
    noise, rng = noise_of({"image": name, "seed": seed, "level": LEVELS[name]})
    return tuple(map(INSTRUMENTS.get(instrument, np.asarray), (clean, noise.sample(clean, rng))))


def _clean(name):
    if name == "lattice":
        return lattice(dict.fromkeys(VACANCIES, 0.0) | dict.fromkeys(HALVES, 0.5))
    if name == "mor":
        return make_stem("mor", (SIDE, SIDE), random_state=0)[0]
    return read_clean({"path": IMAGES / f"{FILES[name]}.tif"})


def measure(task):
    """Denoise a scene, and compare its errors with those that were told."""
    clean, noisy = scene(task["scene"], task["seed"])
    quiet = {"random_state": task["seed"], "verbose": 0}
    bars = ErrorBars(Noise2SR(**quiet), **quiet).set_params(**task.get("parameters", {}))
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
