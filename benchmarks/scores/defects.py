"""Does a defect survive? Vacancies and half-filled columns in a perfect lattice, measured.

    python benchmarks/quality/defects.py FILE.jsonl --levels 0.05,0.2,0.5 --seeds 0,1
    python benchmarks/quality/defects.py FILE.jsonl

A lattice of 20 x 20 Gaussian columns is the hardest case: everything a network and a filter learn
says that the next column is there too. Given is how much of what is missing is missing in the
result: 1 is right, 0 a column that was made up. The noisy image itself is right on average, with
the error given for a single one.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines

from sk_noise2sr import Noise2SR
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

PERIOD, WIDTH, COLUMNS = 16, 3.5, 20
VACANCIES, HALVES = [(4, 4), (4, 14), (10, 9)], [(14, 4), (14, 14), (7, 10)]


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--levels", default="", help="values of a, joined by commas")
    parser.add_argument("--seeds", default="0", help="seeds, joined by commas")
    arguments = parser.parse_args(argv)
    done = {(line["level"], line["seed"]) for line in read_lines(arguments.file)}
    for level in map(float, filter(None, arguments.levels.split(","))):
        for seed in map(int, arguments.seeds.split(",")):
            if (level, seed) not in done:
                append_line(arguments.file, measure(level, seed))
    for line in read_lines(arguments.file):
        print(json.dumps({name: line[name] for name in list(line)[:7]}))
    return 0


def measure(level, seed):
    """Denoise one noisy lattice, and measure its defects."""
    clean = lattice(dict.fromkeys(VACANCIES, 0.0) | dict.fromkeys(HALVES, 0.5))
    noisy = PoissonGaussian(level, run.READOUT).sample(clean, np.random.default_rng(seed))
    cpu = time.process_time()
    denoiser = Noise2SR(random_state=seed, verbose=0).fit(noisy)
    refined = denoiser.transform(noisy)
    cpu = time.process_time() - cpu
    network = denoiser.set_params(refine=False).transform(noisy)
    results = {"noisy": noisy, "network": network, "refined": refined}
    return {
        "level": level,
        "seed": seed,
        "psnr": {name: round(psnr(clean, image), 2) for name, image in results.items()},
        "vacancies": {name: missing(image, VACANCIES, 1.0) for name, image in results.items()},
        "halves": {name: missing(image, HALVES, 0.5) for name, image in results.items()},
        "error_of_one": round(float(np.sqrt(level / np.sum(column() ** 2))), 2),
        "binning": denoiser.binning_,
        "cpu": round(cpu, 1),
        **run.provenance(),
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


def missing(image, places, share):
    """Return how much of what is missing at some places is missing in an image, on average."""
    perfect = lattice({})
    found = [np.sum((perfect - image)[window(p, 0)] * column()) for p in places]
    return round(float(np.mean(found) / (share * np.sum(column() ** 2))), 2)


if __name__ == "__main__":
    sys.exit(main())
