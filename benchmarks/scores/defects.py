"""Does a defect survive? Vacancies and half-filled columns in a perfect lattice, measured.

    python -m benchmarks.scores.defects FILE.jsonl --levels 0.05,0.2,0.5 --seeds 0,1
    python -m benchmarks.scores.defects FILE.jsonl --levels 0.2 --noises spread,moved
    python -m benchmarks.scores.defects FILE.jsonl --rst

A lattice of 20 x 20 Gaussian columns is the hardest case: everything a network and a filter learn
says that the next column is there too. Given is the fraction of the defect's contrast that
survives: 1 is all, 0 a column that was made up. The noisy image itself is right on average; d' is
the contrast of one defect in standard errors. Noise is white, or an instrument acts on the whole
image after the counting: neighbours then share noise, and d' is less certain by a little.
"""

import sys
import time

import numpy as np

from sk_noise2sr import Noise2SR
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

from .._lib.arguments import add_changes, literals, make_parser
from .._lib.images import INSTRUMENTS, READOUT
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, show

RESULTS = ("noisy", "network", "refined")
HEADER = (
    "noise",
    "a",
    "d' of a vacancy, of a half",
    "draws",
    "PSNR, dB",
    "vacancies",
    "half columns",
    "least of both",
)
PERIOD, WIDTH, COLUMNS = 16, 3.5, 20
VACANCIES, HALVES = [(4, 4), (4, 14), (10, 9)], [(14, 4), (14, 14), (7, 10)]


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--levels", type=literals, default=[], help="values of a")
    parser.add_argument("--seeds", type=literals, default=[0], help="joined by commas")
    parser.add_argument("--noises", default="white", help=f"white, {', '.join(INSTRUMENTS)}")
    add_changes(parser)
    arguments = parser.parse_args(argv)
    changes = {"parameters": dict(arguments.set)} if arguments.set else {}
    tasks = [
        {"level": float(level), "seed": seed, **_named(noise), **changes}
        for noise in arguments.noises.split(",")
        for level in arguments.levels
        for seed in arguments.seeds
    ]
    key = ("level", "seed", "noise", "parameters")
    failed = measure_missing(arguments.file, key, tasks, measure)
    table = [HEADER, *map(row, grouped(read_lines(arguments.file), "noise", "level").values())]
    show("Shown in the noisy image, by the network, and refined", table, arguments.rst)
    return 1 if failed else 0


def _named(noise):
    """Return what a line says of the noise: nothing where it is white."""
    return {} if noise == "white" else {"noise": noise}


def row(lines):
    """Return one row for the draws of one noise: means, and what is least shown when refined."""
    cells = [
        ", ".join(
            f"{np.mean([line[name][which] for line in lines]):.{digits}f}" for which in RESULTS
        )
        for name, digits in (("psnr", 1), ("vacancies", 2), ("halves", 2))
    ]
    least = (min(line[name]["refined"] for line in lines) for name in ("vacancies", "halves"))
    level, noise = lines[0]["level"], lines[0].get("noise", "white")
    distances = ", ".join(f"{distance(level, missing):.1f}" for missing in (1.0, 0.5))
    head = (noise, f"{level:g}", distances, str(len(lines)))
    return (*head, *cells, ", ".join(f"{share:.2f}" for share in least))


def distance(level, missing):
    """Return d' of a column that misses a share of its height; noise is that of half as much."""
    variance = level * (1 + (1 - missing / 2) * column()) + READOUT**2
    return missing * np.sqrt(np.sum(column() ** 2 / variance))


def measure(task):
    """Denoise one noisy lattice, and measure its defects."""
    level, seed = task["level"], task["seed"]
    instrument = INSTRUMENTS.get(task.get("noise"), np.asarray)
    clean = lattice(dict.fromkeys(VACANCIES, 0.0) | dict.fromkeys(HALVES, 0.5))
    noisy = PoissonGaussian(level, READOUT).sample(clean, np.random.default_rng(seed))
    noisy, clean, perfect = map(instrument, (noisy, clean, lattice({})))
    cpu = time.process_time()
    denoiser = Noise2SR(random_state=seed, verbose=0).set_params(**task.get("parameters", {}))
    refined = denoiser.fit(noisy).transform(noisy)
    cpu = time.process_time() - cpu
    network = denoiser.set_params(refine=False).transform(noisy)
    results = {"noisy": noisy, "network": network, "refined": refined}

    def shown(places):
        return {
            name: contrast(perfect - image, perfect - clean, places)
            for name, image in results.items()
        }

    return {
        "psnr": {name: round(psnr(clean, image), 2) for name, image in results.items()},
        "vacancies": shown(VACANCIES),
        "halves": shown(HALVES),
        "error_of_one": round(float(np.sqrt(level / np.sum(column() ** 2))), 2),
        "binning": denoiser.binning_,
        "cpu": round(cpu, 1),
    }


def column():
    """Return one column, of height 1 above a background of 1."""
    distance = np.arange(-PERIOD, PERIOD + 1)
    profile = np.exp(-(distance**2) / (2 * WIDTH**2))
    return np.outer(profile, profile)


def lattice(heights):
    """Return an image of columns, of height 1 but for those that are named."""
    side = COLUMNS * PERIOD
    padded = np.ones([side + 2 * PERIOD] * 2)
    for place in np.ndindex(COLUMNS, COLUMNS):
        padded[window(place)] += heights.get(place, 1.0) * column()
    return padded[PERIOD:-PERIOD, PERIOD:-PERIOD]


def window(place, margin=PERIOD):
    """Return the slices of a column in an image with a margin around it."""
    middles = (PERIOD // 2 + PERIOD * index + margin for index in place)
    return tuple(slice(middle - PERIOD, middle + PERIOD + 1) for middle in middles)


def contrast(missing, truly_missing, places):
    """Return the mean fraction of what is missing at some columns that an image shows so."""
    shown, true = (
        sum(np.sum(image[window(place, 0)] * column()) for place in places)
        for image in (missing, truly_missing)
    )
    return round(float(shown / true), 2)


if __name__ == "__main__":
    sys.exit(main())
