"""How well do scores without a reference rank denoisers? One JSON line a fit, then a table.

Every fit sees an image from which pixels were hidden (``hide_pixels``), and is scored by them, by
its own held-out pixels, by its residual, by its correlation with a second noisy frame, and by the
clean image that no fit has seen. The table has Spearman's rank correlation of each score with the
PSNR over all fits of an image, and how much PSNR the pick by that score loses against the best fit.
Where pixels were hidden several times (``--hidings``), PSNR and scores are means over these.
Beside the images of a folder there are simulated ones. Finished lines are skipped:

    python benchmarks/scores/study.py --images DIR --levels 0.02,0.05,0.1 --out FILE.jsonl
    python benchmarks/scores/study.py --simulated te,hrem --levels 0.05 --out FILE.jsonl
    python benchmarks/scores/study.py --simulated te --levels 0.05 --crop 64 --fits smoke --out F
    python benchmarks/scores/study.py ... --fraction 0.05 --hidings 0,1,2
    python benchmarks/scores/study.py --table FILE.jsonl [--picture FILE.png]
"""

import argparse
import math
import sys
import time
import zlib
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from sk_noise2sr import (
    VSTBM3D,
    ZSN2N,
    AdaptiveWiener,
    Neighbor2Neighbor,
    Noise2Self,
    Noise2SR,
)
from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import (
    fourier_ring_correlation,
    held_out_scorer,
    psnr,
    residual_whiteness,
)
from sk_noise2sr.model_selection import hide_pixels
from sk_noise2sr.noise import PoissonGaussian, estimate_noise

sys.path.append(str(Path(__file__).parents[1] / "paper"))
from lines import append_line, read_lines
from run import READOUT, provenance

SCORES = ("hidden", "held_out", "frc", "whiteness", "residual")
CHOICES = ("full", "binned", "filters", "smoke")
KEY = ("fit", "image", "level", "seed", "crop", "fraction", "hiding")
OLDER = {"fraction": 0.02, "hiding": 0}  # of lines that do not tell


def make_fits(choice):
    """Return denoisers by name: 28 of six methods, some not on the full grid, 9 filters, a few."""
    short = choice == "smoke"
    fits = {f"wiener window={window}": AdaptiveWiener(window) for window in (3, 5, 9, 15, 25)} | {
        f"vstbm3d binning={binning}": VSTBM3D(binning=binning) for binning in ("auto", 1, 2, 4)
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
    """Measure what is not in the file yet, or print the table."""
    arguments = parse(argv)
    if not arguments.table:
        done = {key_of(line) for line in read_lines(arguments.out)}
        for name, clean in scenes(arguments):
            for level in arguments.levels:
                for seed, hiding in product(range(arguments.seeds), arguments.hidings):
                    measure_all(name, clean, level, (seed, hiding), arguments, done)
    lines = read_lines(arguments.table or arguments.out)
    print_table(lines)
    if arguments.picture:
        draw(lines, arguments.picture)


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", help="folder of clean .tif images")
    parser.add_argument("--simulated", default="", help="names of simulated ones: hrem,te,mfi,mor")
    parser.add_argument("--levels", type=lambda text: [float(a) for a in text.split(",")])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--crop", type=int, default=384, help="side cut from the middle")
    parser.add_argument("--fraction", type=share, default="auto", help="share of pixels to hide")
    parser.add_argument(
        "--hidings", type=lambda text: [int(n) for n in text.split(",")], default=[0]
    )
    parser.add_argument("--fits", choices=CHOICES, default="full")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path, help="print the table of a file, measure nothing")
    parser.add_argument("--picture", type=Path, help="draw hidden pixels against PSNR")
    arguments = parser.parse_args(argv)
    measures = (arguments.images or arguments.simulated) and arguments.levels and arguments.out
    if not (arguments.table or measures):
        parser.error("give --images or --simulated, --levels and --out; or --table")
    return arguments


def share(text):
    """Read a share of pixels."""
    return text if text == "auto" else float(text)


def scenes(arguments):
    """Yield names and clean images."""
    if arguments.images:
        for path in sorted(Path(arguments.images).glob("*.tif")):
            yield path.name, cut(read_image(path)[0].astype(float), arguments.crop)
    for name in filter(None, arguments.simulated.split(",")):
        shape = (arguments.crop, arguments.crop)
        make = make_hrem if name == "hrem" else lambda *a, name=name, **k: make_stem(name, *a, **k)
        clean = make(shape, random_state=0)[0].astype(float)
        yield f"simulated {name}", np.interp(clean, (clean.min(), clean.max()), (0, 1))


def measure_all(image, clean, level, seeds, arguments, done):
    """Append a line for each fit of one noisy image, with the pixels of one hiding hidden."""
    seed, hiding = seeds
    shared = {"image": image, "level": level, "seed": seed, "crop": arguments.crop}
    shared |= {"fraction": arguments.fraction, "hiding": hiding}
    rng = np.random.default_rng([seed, zlib.crc32(image.encode()), round(1e6 * level)])
    noise = PoissonGaussian(a=level, b=READOUT)
    noisy, second = (noise.sample(clean, random_state=rng).astype(float) for _ in range(2))
    X, y = hide_pixels(noisy, arguments.fraction, random_state=[seed, hiding] if hiding else seed)
    for name, denoiser in make_fits(arguments.fits).items():
        line = {"fit": name, **shared}
        if key_of(line) in done:
            continue
        start = time.process_time()
        try:
            line |= measure(denoiser.fit(X), X, y, clean, second)
        except RuntimeError as error:  # a fit that learned nothing
            line["failed"] = str(error)
        line |= {"cpu": round(time.process_time() - start, 2), **provenance()}
        append_line(arguments.out, line)
        shown = {key: line.get(key) for key in ("fit", "image", "level", "psnr", "hidden", "cpu")}
        print(shown, file=sys.stderr, flush=True)


def measure(denoiser, X, y, clean, second):
    """Return all scores of a fit, each greater-is-better."""
    denoised = denoiser.transform(X)
    seen = np.isnan(y)
    network = isinstance(denoiser, BaseNetworkDenoiser)
    strength = np.mean((X - denoised)[seen] ** 2) / estimate_noise(X).variance
    return {
        "psnr": psnr(clean, denoised),
        "hidden": held_out_scorer(denoiser, X, y),
        "held_out": denoiser.score(X) if network else None,
        "binning": getattr(denoiser, "binning_", None),
        "frc": float(np.mean(fourier_ring_correlation(denoised, second)[1])),
        "whiteness": -residual_whiteness(X, denoised),
        "residual": -abs(math.log(strength)),
    }


def cut(image, side):
    """Return the middle of an image."""
    top, left = (max(0, (length - side) // 2) for length in image.shape)
    return image[top : top + side, left : left + side]


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


def draw(lines, path):
    """Draw, for each image, how far behind the best fits are by hidden pixels and by PSNR."""
    from matplotlib.figure import Figure

    images, levels = (sorted({line[name] for line in lines}) for name in ("image", "level"))
    figure = Figure(figsize=(2.4 * len(images), 2.8), layout="constrained")
    panels = figure.subplots(1, len(images), squeeze=False)[0]
    for axes, image in zip(panels, images, strict=True):
        for group in groups(lines):
            if group[0] == image:
                chosen = of_group(lines, group)
                truth, judged = (np.array([ln[s] for ln in chosen]) for s in ("psnr", "hidden"))
                color, label = f"C{levels.index(group[2])}", f"a = {group[2]:g}"
                axes.plot(truth, judged - judged.max(), ".", color=color, label=label)
        axes.set_title(image, fontsize=9)
        axes.set_xlabel("PSNR / dB", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.set_yscale("symlog", linthresh=0.01)
        axes.legend(fontsize=7)
    panels[0].set_ylabel("behind the best by hidden pixels / dB", fontsize=8)
    figure.savefig(path, dpi=125)


def key_of(line):
    """Return what tells one line from another."""
    return tuple((OLDER | line)[name] for name in KEY)


if __name__ == "__main__":
    main()
