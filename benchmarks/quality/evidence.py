"""How true are evidence maps? False alarms, and columns that a result has lost or made up.

    python -m benchmarks.quality.evidence FILE.jsonl --cases all --draws 200
    python -m benchmarks.quality.evidence FILE.jsonl --rst

The result under test is the truth, or the truth but for one column of d' = 6; the noise is drawn
anew each time. Noise: ``v = 0.2 x + 0.02^2``. ``read off``: the map estimates it.
"""

import sys
from functools import partial

import numpy as np

from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import evidence_map

from .._lib.arguments import make_parser
from .._lib.images import INSTRUMENTS
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import show

SIDE, WIDTH, PLACE, DPRIME = 128, 3.5, (56, 72), 6.0
NOISE = PoissonGaussian(0.2, 0.02)
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--cases", default="", help=f"all, or of {', '.join(CASES)}")
    parser.add_argument("--draws", type=int, default=200, help="images of each case")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    names = CASES if arguments.cases == "all" else filter(None, arguments.cases.split(","))
    tasks = [{"case": name, "draws": arguments.draws} for name in names]
    failed = measure_missing(arguments.file, ("case", "draws"), tasks, measure)
    head = ["case", "draws", "std of z", "with an alarm", "found there"]
    rows = [
        [line["case"], str(line["draws"]), f"{line['std']:.3f}", *map(_percent, _shares(line))]
        for line in read_lines(arguments.file)
    ]
    show("Evidence maps", [head, *rows], arguments.rst)
    return 1 if failed else 0


def _shares(line):
    return line["alarms"], line["found"]


def _percent(share):
    return "" if share is None else f"{100 * share:.1f} %"


def spot(row, column):
    """Return a column."""
    return np.exp(-((ROWS - row) ** 2 + (COLUMNS - column) ** 2) / (2 * WIDTH**2))


def height_of(sign):
    """Return the height of a column that a result has lost, 1, or made up, -1, at d' = 6."""
    height = 0.0
    for _ in range(20):  # the variance of the noise depends on the height
        between = NOISE.variance(LATTICE - sign * height * LOST / 2)
        height = DPRIME / np.sqrt(np.sum(LOST**2 / between))
    return height


LATTICE = 1 + sum(spot(8 + 16 * i, 8 + 16 * j) for i, j in np.ndindex(8, 8))
LOST = spot(*PLACE)
FLAT, STEP = np.ones((SIDE, SIDE)), np.where(COLUMNS < 64, 0.2, 2.0)
HOLES = ((ROWS - 40) ** 2 + (COLUMNS - 64) ** 2 < 200) | (ROWS > 120) | (ROWS % 29 == 7)


def case(clean, shown=None, holes=None, noise=NOISE, instrument=np.asarray):
    """Return what a case takes.

    The truth, the result under test, what is masked, the noise, and what is done to all images
    after the counting.
    """
    return clean, clean if shown is None else shown, holes, noise, instrument


CASES = {
    "white": partial(case, FLAT),
    "lattice": partial(case, LATTICE),
    "step": partial(case, STEP),
    "step with holes, bar and lines masked": partial(case, STEP, holes=HOLES),
    "lattice with noise read off the image": partial(case, LATTICE, noise=None),
    "spread by a camera, noise read off": partial(
        case, LATTICE, noise=None, instrument=INSTRUMENTS["spread"]
    ),
    "moved by half a pixel, noise read off": partial(
        case, LATTICE, noise=None, instrument=INSTRUMENTS["moved"]
    ),
    "lattice but a column lost": lambda: case(LATTICE, LATTICE - height_of(1) * LOST),
    "spread, and a column lost": lambda: case(
        LATTICE, LATTICE - height_of(1) * LOST, noise=None, instrument=INSTRUMENTS["spread"]
    ),
    "lattice but a column made up": lambda: case(LATTICE, LATTICE + height_of(-1) * LOST),
}


def measure(task):
    """Draw noise many times, and look at the maps."""
    clean, shown, holes, noise, instrument = CASES[task["case"]]()
    rng = np.random.default_rng(0)
    squares, alarms, found = [], [], []
    for _ in range(task["draws"]):
        noisy = instrument(NOISE.sample(clean, rng))
        if holes is not None:
            noisy[holes] = np.nan
        evidence = evidence_map(noisy, instrument(shown), noise)
        squares.append(np.nanmean(evidence.z**2))
        alarms.append(len(evidence.places) > 0)
        far = [np.hypot(p["row"] - PLACE[0], p["column"] - PLACE[1]) for p in evidence.places]
        found.append(min(far, default=np.inf) < 2 * WIDTH)
    changed = shown is not clean
    return {
        "std": round(float(np.sqrt(np.mean(squares))), 4),
        "alarms": round(float(np.mean(alarms)), 4),
        "found": round(float(np.mean(found)), 4) if changed else None,
    }


if __name__ == "__main__":
    sys.exit(main())
