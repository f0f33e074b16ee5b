"""How much of a defect does a result show, and how often is it found? Against the ideal observer.

    python -m benchmarks.quality.psychometric FILE.jsonl --levels 0.05,0.15
    python -m benchmarks.quality.psychometric FILE.jsonl --levels 0.15 --methods network,refined
    python -m benchmarks.quality.psychometric FILE.jsonl --rst --picture FILE.png

A lattice of 20 columns in a row ends in vacuum. Each of 8 frames has seven defects of each of five
kinds, two or three columns from one another: empty columns, columns of half the height, atoms on
the surface, atoms of half the height between four columns, and columns moved by 0.3 widths.
Noise2SR is fitted to the first frame by the preset fast, M = 8; ``network`` is its result without
refinement.

A defect is found where its matched filter on the result exceeds what one site in a thousand without
a defect does. The ideal observer finds a defect of d' with the chance Phi(d' - 3.09). False atoms
are places without a defect where the result shows more than half of one.

Efficiency is the square of the d' that the matched filter has on the result, the difference of
means over the pooled deviation at sites with a defect and without, over that of the defect.
"""

import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import norm

from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

from .._lib.arguments import literals, make_parser
from .._lib.images import READOUT
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import panels, save_figure, show

PERIOD, WIDTH, SITES, SURFACE, REACH = 16, 3.5, 20, 4, 24
FRAMES, OF_A_KIND, ALARMS = 8, 7, 1e-3
KINDS = {
    "vacancy": "vacancies",
    "half": "half columns",
    "adatom": "atoms on the surface",
    "interstitial": "half atoms between columns",
    "moved": "columns moved by 0.3 widths",
}
METHODS = ("noisy", "network", "refined", "vstbm3d")
TITLE = "Fraction shown / found / efficiency: squared d' on the result over that of the defect"


def main(argv=None):
    """Measure what is not in the file yet, print the table, and draw."""
    parser = make_parser(__doc__)
    parser.add_argument("--levels", type=literals, default=[], help="values of a")
    parser.add_argument("--methods", default="noisy,vstbm3d", help=f"of {', '.join(METHODS)}")
    parser.add_argument("--picture", type=Path, help="file to draw the curves into")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    methods = arguments.methods.split(",")
    tasks = [
        [{"level": float(level), "method": method, "seed": 0} for method in together]
        for level in arguments.levels
        for together in (
            [m for m in ("network", "refined") if m in methods],
            [m for m in ("noisy", "vstbm3d") if m in methods],
        )
    ]
    failed = measure_missing(
        arguments.file, ("level", "method", "seed"), filter(None, tasks), measure
    )
    lines = read_lines(arguments.file)
    show(TITLE, table(lines), arguments.rst)
    if arguments.picture is not None:
        draw(lines, arguments.picture)
    return 1 if failed else 0


# The scene.


def render(spots):
    """Return the sum of spots, each a row, a column and a height, above a background of 1."""
    image = np.ones((SITES * PERIOD, SITES * PERIOD))
    axis = np.arange(SITES * PERIOD)
    for row, column, height in spots:
        down, right = (np.exp(-((axis - x) ** 2) / (2 * WIDTH**2)) for x in (row, column))
        image += height * np.outer(down, right)
    return image


def middle(row, column):
    """Return the pixel in the middle of a site."""
    return PERIOD * row + PERIOD // 2, PERIOD * column + PERIOD // 2


LATTICE = [(*middle(*p), 1.0) for p in np.ndindex(SITES, SITES) if p[0] >= SURFACE]
PERFECT = render(LATTICE)


def change(kind, site):
    """Return the spots that a defect adds at a site."""
    row, column = middle(*site)
    return {
        "vacancy": [(row, column, -1.0)],
        "half": [(row, column, -0.5)],
        "adatom": [(row, column, 1.0)],
        "interstitial": [(row + PERIOD / 2, column + PERIOD / 2, 0.5)],
        "moved": [(row, column, -1.0), (row + 0.3 * WIDTH, column, 1.0)],
    }[kind]


def sites_of(kind, step=1):
    """Return the sites that may have a defect, those of a coarse grid or all."""
    if kind == "adatom":
        return [(SURFACE - 1, column) for column in range(1, SITES - 1, step)]
    rows, columns = range(SURFACE + 2, SITES - 1, step), range(1, SITES - 1, step)
    return [(row, column) for row in rows for column in columns]


def scatter(rng):
    """Return defects for a frame, as pairs of kind and site."""
    bulk = rng.permutation(sites_of("vacancy", 3))
    surface = rng.permutation(sites_of("adatom", 2))[:OF_A_KIND]
    kinds = [kind for kind in KINDS if kind != "adatom" for _ in range(OF_A_KIND)]
    found = [(kind, tuple(site)) for kind, site in zip(kinds, bulk, strict=False)]
    return found + [("adatom", tuple(site)) for site in surface]


# What is measured.


def measure(tasks):
    """Denoise all frames of a level, and look for their defects."""
    level, noise = tasks[0]["level"], PoissonGaussian(tasks[0]["level"], READOUT)
    rng = np.random.default_rng([tasks[0]["seed"], round(1e6 * level)])
    defects = [scatter(rng) for _ in range(FRAMES)]
    clean = [render(LATTICE + [s for d in each for s in change(*d)]) for each in defects]
    noisy = np.stack([noise.sample(image, rng) for image in clean])
    cpu = time.process_time()
    lines = []
    for results in _results([task["method"] for task in tasks], noisy):
        line = judge(clean, results, defects, noise)
        decibels = np.mean([psnr(c, r) for c, r in zip(clean, results, strict=True)])
        lines.append(line | {"psnr": round(float(decibels), 2)})
    cpu = round(time.process_time() - cpu, 1)
    return [line | {"frames": FRAMES, "cpu_together": cpu} for line in lines]


def _results(methods, noisy):
    """Yield the results of methods; those of Noise2SR are of one fit."""
    fitted = None
    for method in methods:
        if method == "noisy":
            yield noisy
        elif method == "vstbm3d":
            yield np.stack([VSTBM3D().fit_transform(image) for image in noisy])
        else:
            if fitted is None:
                fast = Noise2SR.from_preset("fast", M=8, random_state=0, verbose=0)
                fitted = fast.fit(noisy[0])
            yield fitted.set_params(refine=method == "refined").transform(noisy)


def judge(clean, results, defects, noise):
    """Return d', fraction shown and fraction found of each kind, and false atoms a frame."""
    left = [result - image for result, image in zip(results, clean, strict=True)]
    kinds = {kind: _curve_point(kind, left, defects, noise) for kind in KINDS}
    false = np.mean([_false_atoms(*each) for each in zip(left, defects, strict=True)])
    return {"kinds": kinds, "false_atoms": round(float(false), 3)}


def _curve_point(kind, left, defects, noise):
    """Return what is seen of the defects of a kind."""
    chances, shown, seen, nothing = [], [], [], []
    for error, frame in zip(left, defects, strict=True):
        taken = {site for _, site in frame}
        for site in sites_of(kind):
            template, weight, window = _filter(kind, site, noise)
            found = np.sum(weight * error[window])
            if (kind, site) in frame:
                prime = np.sqrt(np.sum(weight * template))
                chances.append(prime)
                shown.append(1 + np.sum(template * error[window]) / np.sum(template**2))
                seen.append(prime + found / prime)
            elif site not in taken:
                nothing.append(found / np.sqrt(np.sum(weight * template)))
    threshold = np.quantile(nothing, 1 - ALARMS)
    return {
        "dprime": round(float(np.mean(chances)), 2),
        "shown": round(float(np.mean(shown)), 3),
        "spread": round(float(np.std(shown)), 3),
        "found": round(float(np.mean(np.array(seen) > threshold)), 3),
        "noise_of_filter": round(float(np.std(nothing)), 3),
        "n": len(shown),
    }


def _filter(kind, site, noise):
    """Return what a defect changes, the same over the variance, and where."""
    template, window = _template(kind, site)
    return template, template / noise.variance(PERFECT[window] + template / 2), window


@cache
def _template(kind, site):
    """Return what a defect changes, and where."""
    window = tuple(slice(max(0, x - REACH), x + REACH + 1) for x in middle(*site))
    return (render(change(kind, site)) - 1)[window], window


def _false_atoms(error, frame):
    """Return how many places without a defect show more than half an atom, too many or missing."""
    taken = {site for _, site in frame}
    free = [site for site in np.ndindex(SITES - 1, SITES - 1) if site not in taken]
    false = 0
    for kind in ("vacancy", "interstitial"):  # on sites, and between them
        for site in free:
            template, window = _template(kind, site)
            atom = template / (0.5 if kind == "interstitial" else 1)
            false += abs(np.sum(atom * error[window])) > 0.5 * np.sum(atom**2)
    return false


def ideal(dprime):
    """Return the chance that an ideal observer finds a defect."""
    return norm.cdf(np.asarray(dprime) - norm.isf(ALARMS))


# What is told.


def table(lines):
    """Return rows of the table: a level, and d' of its defects, then the methods."""
    rows = [["defect", "d'", "ideal", *METHODS]]
    false = {}
    for kind, name in KINDS.items():
        for level in sorted({line["level"] for line in lines}):
            of_level = {line["method"]: line for line in lines if line["level"] == level}
            points = {method: line["kinds"][kind] for method, line in of_level.items()}
            prime = next(iter(points.values()))["dprime"]
            if not 2.5 <= prime <= 16:
                continue
            cells = [_cell(points[method]) if method in points else "" for method in METHODS]
            rows.append([name, f"{prime:.1f}", f"1 / {ideal(prime):.2f} / 1", *cells])
            false[level] = of_level
    for level, of_level in sorted(false.items()):
        cells = [f"{of_level[m]['false_atoms']:.2f}" if m in of_level else "" for m in METHODS]
        rows.append([f"false atoms a frame, a = {level:g}", "", "", *cells])
    return rows


def _cell(point):
    """Return the fractions shown and found, and the efficiency."""
    seen = point["shown"] * point["dprime"]
    deviations = point["noise_of_filter"], point["spread"] * point["dprime"]
    efficiency = seen**2 / np.mean(np.square(deviations)) / point["dprime"] ** 2
    return f"{point['shown']:.2f} / {point['found']:.2f} / {efficiency:.1f}"


def draw(lines, path):
    """Draw fractions found and shown over d', a column for each kind."""
    figure, axes = panels(2, len(KINDS), width=3.2, height=2.6)
    fine = np.linspace(2, 16, 200)
    for column, (kind, name) in enumerate(KINDS.items()):
        for row, field in enumerate(("found", "shown")):
            plot = axes[row][column]
            best = ideal(fine) if field == "found" else np.ones_like(fine)
            plot.plot(fine, best, color="0.6", lw=3, label="ideal observer")
            for method in METHODS:
                points = sorted(
                    (line["kinds"][kind]["dprime"], line["kinds"][kind][field])
                    for line in lines
                    if line["method"] == method
                )
                if points:
                    plot.plot(*np.transpose(points), "o-", ms=4, lw=1, label=method)
            plot.set(xlim=(2, 16), ylim=(-0.05, 1.25), xlabel="d'", title="" if row else name)
        axes[0][0].set_ylabel("fraction found")
        axes[1][0].set_ylabel("fraction shown")
    axes[0][0].legend(fontsize=7)
    save_figure(figure, path)


if __name__ == "__main__":
    sys.exit(main())
