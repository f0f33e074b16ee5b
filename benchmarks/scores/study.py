"""How well do scores without a reference rank denoisers? One JSON line a fit, then a table.

Every fit sees an image from which pixels were hidden (``hide_pixels``), and is scored by them, by
its own held-out pixels, by its residual, by its correlation with a second noisy frame, and by the
clean image that no fit has seen. The table has Spearman's rank correlation of each score with the
PSNR over all fits of an image, and how much PSNR the pick by that score loses against the best fit.
Where pixels were hidden several times (``--hidings``), PSNR and scores are means over these.
Beside the images of a folder there are simulated ones:

    python -m benchmarks.scores.study FILE.jsonl --images DIR --levels 0.02,0.05,0.1
    python -m benchmarks.scores.study FILE.jsonl --simulated te,hrem --hidings 0,1,2
    python -m benchmarks.scores.study FILE.jsonl --simulated te --crop 64 --fits smoke
    python -m benchmarks.scores.study FILE.jsonl
"""

import math
import sys
import time
from collections import Counter, defaultdict

import numpy as np
from scipy.stats import spearmanr

from sk_noise2sr import VSTBM3D, ZSN2N, AdaptiveWiener, Neighbor2Neighbor, Noise2Self, Noise2SR
from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.metrics import (
    fourier_ring_correlation,
    hidden_pixel_scorer,
    psnr,
    residual_whiteness,
)
from sk_noise2sr.model_selection import hide_pixels
from sk_noise2sr.noise import estimate_noise

from .._lib.arguments import add_images, literal, literals, make_parser
from .._lib.images import noise_of, on_images, read_clean
from .._lib.lines import measure_missing, read_lines

SCORES = ("hidden", "held_out", "frc", "whiteness", "residual")
CHOICES = ("full", "binned", "filters", "smoke")
KEY = ("fit", "image", "level", "seed", "crop", "fraction", "hiding")
OLDER = {"fraction": 0.02, "hiding": 0}  # of lines that do not tell


def make_fits(choice):
    """Return denoisers by name: 28 of six methods, some not on the full grid, 9 filters, a few."""
    short = choice == "smoke"
    fits = {f"wiener window={window}": AdaptiveWiener(window) for window in (3, 5, 9, 15, 25)} | {
        f"vstbm3d binning={binning}": VSTBM3D(binning=binning, refine=False)
        for binning in ("auto", 1, 2, 4)
    }
    if choice == "filters":
        return fits
    strides, epochs, binnings = ((2,), (1,), (1, 2)) if short else ((2, 3), (5, 20), ("auto", 1))
    for stride in strides:
        for n in epochs:
            for binning in binnings:
                name = f"noise2sr stride={stride} epochs={n} binning={binning}"
                fits[name] = Noise2SR(stride, epochs=n, binning=binning)
    if not short:
        for binning in ("auto", 1):
            name = f"noise2sr refine=False binning={binning}"
            fits[name] = Noise2SR(epochs=20, refine=False, binning=binning)
        for method in (Noise2Self, Neighbor2Neighbor, ZSN2N):
            for n, binning in ((5, "auto"), (20, "auto"), (5, 1)):
                name = f"{method.__name__.lower()} epochs={n} binning={binning}"
                fits[name] = method(epochs=n, binning=binning)
    for denoiser in fits.values():
        if isinstance(denoiser, BaseNetworkDenoiser):
            denoiser.set_params(random_state=0, verbose=0)
    if choice == "binned":
        return {name: fit for name, fit in fits.items() if not name.endswith("binning=1")}
    return fits


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    add_images(parser)
    parser.add_argument("--simulated", default="", help="names of simulated ones: hrem,te,mfi,mor")
    parser.add_argument("--crop", type=int, default=384, help="side cut from the middle")
    parser.add_argument("--fraction", type=literal, default="auto", help="share of hidden pixels")
    parser.add_argument("--hidings", type=literals, default=[0], help="joined by commas")
    parser.add_argument("--fits", choices=CHOICES, default="full")
    arguments = parser.parse_args(argv)
    failed = measure_missing(arguments.file, key_of, make_tasks(arguments), measure_one)
    print_table(read_lines(arguments.file))
    return 1 if failed else 0


def make_tasks(arguments):
    """Yield heads of lines, of images in a folder and of simulated ones."""
    shared = {"crop": arguments.crop, "fraction": arguments.fraction, "fits": arguments.fits}
    heads = [
        {"fit": fit, **shared, "hiding": hiding}
        for hiding in arguments.hidings
        for fit in make_fits(arguments.fits)
    ]
    yield from on_images(arguments, heads)
    for name in filter(None, arguments.simulated.split(",")):
        for level in arguments.levels:
            for seed in arguments.seeds:
                for head in heads:
                    where = {"image": f"simulated {name}", "level": float(level), "seed": seed}
                    yield {**head, **where}


def clean_of(task):
    """Return the clean image of a task."""
    if "path" in task:
        return read_clean(task)
    name, shape = task["image"].partition(" ")[2], (task["crop"], task["crop"])
    pair = (
        make_hrem(shape, random_state=0)
        if name == "hrem"
        else make_stem(name, shape, random_state=0)
    )
    clean = pair[0].astype(float)
    return np.interp(clean, (clean.min(), clean.max()), (0, 1))


def measure_one(task):
    """Return the line of one fit of one noisy image, with the pixels of one hiding hidden."""
    clean, (noise, rng) = clean_of(task), noise_of(task)
    noisy, second = (noise.sample(clean, random_state=rng).astype(float) for _ in range(2))
    seed, hiding = task["seed"], task["hiding"]
    X, y = hide_pixels(noisy, task["fraction"], random_state=[seed, hiding] if hiding else seed)
    start = time.process_time()
    try:
        line = measure(make_fits(task["fits"])[task["fit"]].fit(X), X, y, clean, second)
    except RuntimeError as error:  # a fit that learned nothing
        line = {"failed": str(error)}
    return line | {"cpu": round(time.process_time() - start, 2)}


def measure(denoiser, X, y, clean, second):
    """Return all scores of a fit, each greater-is-better."""
    denoised = denoiser.transform(X)
    seen = np.isnan(y)
    network = isinstance(denoiser, BaseNetworkDenoiser)
    strength = np.mean((X - denoised)[seen] ** 2) / estimate_noise(X).variance
    return {
        "psnr": psnr(clean, denoised),
        "hidden": hidden_pixel_scorer(denoiser, X, y),
        "held_out": denoiser.score(X) if network else None,
        "binning": getattr(denoiser, "binning_", None),
        "frc": float(np.mean(fourier_ring_correlation(denoised, second)[1])),
        "whiteness": -residual_whiteness(X, denoised),
        "residual": -abs(math.log(strength)),
    }


def print_table(lines):
    """Print, for each image and level, how each score ranks the fits and what its pick loses."""
    print(f"{'image':<18}{'crop':>5}{'level':>6}{'hidden':>10}{'fits':>5}", end="")
    print("".join(f"{name:>15}" for name in SCORES))
    for group in groups(lines):
        chosen = of_group(lines, group)
        hidden = f"{group[-1]} x {chosen[0]['hidings']}"
        cells = [say(chosen, name) for name in SCORES]
        print(f"{group[0]:<18}{group[1]:>5}{group[2]:>6g}{hidden:>10}{len(chosen):>5}", end="")
        print("".join(f"{cell:>15}" for cell in cells))
    failed = sum("failed" in line for line in lines)
    print(f"rank correlation with PSNR / dB lost by its pick; {failed} fits failed")
    print("held_out: networks at the commonest binning only")


def group_of(line):
    """Return image, crop, level, seed and fraction."""
    return tuple((OLDER | line)[name] for name in ("image", "crop", "level", "seed", "fraction"))


def groups(lines):
    """Return every image, crop, level, seed and fraction."""
    return sorted({group_of(line) for line in lines}, key=str)


def of_group(lines, group):
    """Return a line for each fit of a group, the mean over the hidings that all fits have."""
    of_fit = defaultdict(list)
    for line in lines:
        if group_of(line) == group and "psnr" in line:
            of_fit[line["fit"]].append(OLDER | line)
    shared = set.intersection(*({line["hiding"] for line in fit} for fit in of_fit.values()))
    return [mean_of([ln for ln in fit if ln["hiding"] in shared]) for fit in of_fit.values()]


def mean_of(lines):
    """Return the last line with the mean PSNR and scores of all."""
    means = {
        name: None if lines[0][name] is None else float(np.mean([line[name] for line in lines]))
        for name in ("psnr", *SCORES)
    }
    return lines[-1] | means | {"hidings": len(lines)}


def say(lines, score):
    """Return the rank correlation of a score, and what its pick loses."""
    having = [line for line in lines if line[score] is not None]
    if score == "held_out" and having:  # scores at different binning do not compare
        commonest = Counter(line["binning"] for line in having).most_common(1)[0][0]
        having = [line for line in having if line["binning"] == commonest]
    if len(having) < 3:
        return "-"
    truth, judged = ([line[name] for line in having] for name in ("psnr", score))
    lost = max(truth) - truth[int(np.argmax(judged))]
    return f"{spearmanr(truth, judged).statistic:.3f} / {lost:.2f}"


def key_of(line):
    """Return what tells one line from another."""
    return tuple((OLDER | line)[name] for name in KEY)


if __name__ == "__main__":
    sys.exit(main())
