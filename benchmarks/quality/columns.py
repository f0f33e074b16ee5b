"""How true are measured columns? Pulls from the truth, and heights that a result evens out.

    python -m benchmarks.quality.columns FILE.jsonl --methods truth,vstbm3d --draws 20
    python -m benchmarks.quality.columns FILE.jsonl --methods noise2sr --draws 2
    python -m benchmarks.quality.columns FILE.jsonl --rst

A lattice of 12 x 12 columns, displaced and of unlike heights. Four, each once in the frame, are 0.5
higher or lower than the rest at d' = 15, and have no like: ``unique`` is the mean error of their
height in the result, 0 where it shows none. Pulls are of the raw image against the truth. ``truth``
takes the clean image for the result; ``noise2sr`` is the default.
"""

import sys
import time

import numpy as np

from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import measure_columns

from .._lib.arguments import make_parser
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import show

SITES, PERIOD, WIDTH = 12, 16, 3.5
UNIQUE = {(2, 3): 0.5, (3, 8): 1.5, (8, 2): 0.45, (8, 9): 1.55}
NOISE = PoissonGaussian(0.03, 0.02)  # 0.5 of a column is 15 standard errors
NAMES = ("row", "column", "height")


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--methods", default="", help="of truth, vstbm3d, noise2sr")
    parser.add_argument("--draws", type=int, default=20, help="frames of each method")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    methods = filter(None, arguments.methods.split(","))
    tasks = [{"method": method, "draws": arguments.draws} for method in methods]
    failed = measure_missing(arguments.file, ("method", "draws"), tasks, measure)
    head = ["columns found by", "draws", "columns", "mean of pulls", "std of pulls", "unique, %"]
    rows = [
        [line["method"], str(line["draws"]), f"{line['columns']:.1f}"]
        + [", ".join(f"{x:.2f}" for x in line[name]) for name in ("pull_mean", "pull_std")]
        + [", ".join(f"{100 * x:+.1f}" for x in line["unique"])]
        for line in read_lines(arguments.file)
    ]
    show("Columns: row, column, height", [head, *rows], arguments.rst)
    return 1 if failed else 0


def draw(rng):
    """Return places (n, 2), heights (n,), and an image of a lattice."""
    sites = list(np.ndindex(SITES, SITES))
    places = PERIOD * np.array(sites) + PERIOD / 2 + rng.normal(0, 0.4, (len(sites), 2))
    heights = np.array([UNIQUE.get(site, 1.0) for site in sites])
    heights += np.where(heights == 1, rng.normal(0, 0.03, len(sites)), 0)
    axis = np.arange(SITES * PERIOD)
    down, right = (
        np.exp(-((axis - places[:, [i]]) ** 2) / (2 * WIDTH**2)) for i in (0, 1)
    )  # each (n, side)
    return places, heights, 1 + np.einsum("n,ni,nj->ij", heights, down, right)


def measure(task):
    """Measure columns of several frames, and compare with the truth."""
    rng = np.random.default_rng(0)
    pulls, errors, counts, cpu = {name: [] for name in NAMES}, [], [], time.process_time()
    for seed in range(task["draws"]):
        places, heights, clean = draw(rng)
        noisy = NOISE.sample(clean, rng)
        table = measure_columns(noisy, _denoised(task["method"], noisy, clean, seed), NOISE)
        far = np.hypot(*(table[n][:, None] - places[:, i] for i, n in enumerate(NAMES[:2])))
        nearest = far.argmin(axis=1)
        truth = dict(zip(NAMES, (*places[nearest].T, heights[nearest]), strict=True))
        for name in NAMES:
            pulls[name] += list((table[f"raw_{name}"] - truth[name]) / table[f"error_{name}"])
        numbers = [SITES * row + column for row, column in UNIQUE]
        shown = np.where(far.min(axis=0) < PERIOD / 2, table["height"][far.argmin(axis=0)], 0)
        errors.append([shown[n] / heights[n] - 1 for n in numbers])
        counts.append(len(table))
    return {
        "columns": float(np.mean(counts)),
        "pull_mean": [round(float(np.mean(pulls[name])), 3) for name in NAMES],
        "pull_std": [round(float(np.std(pulls[name])), 3) for name in NAMES],
        "heights": list(UNIQUE.values()),
        "unique": [round(float(x), 4) for x in np.mean(errors, axis=0)],
        "unique_error": [round(float(x), 4) for x in _error_of_mean(errors)],
        "cpu": round(time.process_time() - cpu, 1),
    }


def _error_of_mean(errors):
    return np.std(errors, axis=0) / np.sqrt(len(errors))


def _denoised(method, noisy, clean, seed):
    if method == "truth":
        return clean
    denoiser = VSTBM3D() if method == "vstbm3d" else Noise2SR(random_state=seed, verbose=0)
    return denoiser.fit_transform(noisy)


if __name__ == "__main__":
    sys.exit(main())
