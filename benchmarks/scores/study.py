"""How well do scores without a reference rank denoisers? One JSON line a fit, then a table.

Every fit sees an image from which pixels were hidden (``hide_pixels``), and is scored by them, by
its own held-out pixels, by its residual, and by the clean image that no fit has seen. The table has
Spearman's rank correlation of each score with the PSNR over all fits of an image, and how much PSNR
the pick by that score loses against the best fit. Finished lines are skipped:

    python benchmarks/scores/study.py --images DIR --levels 0.02,0.05,0.1 --out FILE.jsonl
    python benchmarks/scores/study.py --images DIR --levels 0.05 --crop 64 --fits smoke --out F
    python benchmarks/scores/study.py --table FILE.jsonl
"""

import argparse
import json
import math
import sys
import time
import zlib
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import sk_noise2sr
from sk_noise2sr import (
    VSTBM3D,
    ZSN2N,
    AdaptiveWiener,
    Neighbor2Neighbor,
    Noise2Self,
    Noise2SR,
)
from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import held_out_scorer, psnr, residual_whiteness
from sk_noise2sr.model_selection import hide_pixels
from sk_noise2sr.noise import PoissonGaussian, estimate_noise

READOUT = 0.02
SCORES = ("hidden", "held_out", "whiteness", "residual")
KEY = ("fit", "image", "level", "seed", "crop")


def make_fits(short):
    """Return denoisers by name: 30 of six methods, or a few that take a second."""
    fits = {f"wiener window={window}": AdaptiveWiener(window) for window in (3, 5, 9, 15, 25)} | {
        f"vstbm3d binning={binning}": VSTBM3D(binning=binning) for binning in ("auto", 1, 2, 4)
    }
    strides, epochs, binnings = (
        ((2,), (1,), (1, 2)) if short else ((2, 3), (5, 15, 50), ("auto", 1))
    )
    for stride in strides:
        for n in epochs:
            for binning in binnings:
                name = f"noise2sr stride={stride} epochs={n} binning={binning}"
                fits[name] = Noise2SR(stride, epochs=n, binning=binning)
    if not short:
        fits["noise2sr refine=False"] = Noise2SR(refine=False)
        fits["noise2sr refine=False binning=1"] = Noise2SR(refine=False, binning=1)
        for method in (Noise2Self, Neighbor2Neighbor, ZSN2N):
            for n in (5, 50):
                fits[f"{method.__name__.lower()} epochs={n}"] = method(epochs=n)
            fits[f"{method.__name__.lower()} binning=1"] = method(binning=1)
    for denoiser in fits.values():
        if isinstance(denoiser, BaseNetworkDenoiser):
            denoiser.set_params(random_state=0, verbose=0)
    return fits


def main():
    """Measure what is not in the file yet, or print the table."""
    arguments = parse()
    if arguments.table:
        print_table(read(arguments.table))
        return
    done = {key_of(line) for line in read(arguments.out)}
    for path in sorted(Path(arguments.images).glob("*.tif")):
        for level in arguments.levels:
            for seed in range(arguments.seeds):
                measure_all(path, level, seed, arguments, done)
    print_table(read(arguments.out))


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", help="folder of clean .tif images")
    parser.add_argument("--levels", type=lambda text: [float(a) for a in text.split(",")])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--crop", type=int, default=384, help="side cut from the middle")
    parser.add_argument("--fits", choices=("full", "smoke"), default="full")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path, help="print the table of a file, measure nothing")
    arguments = parser.parse_args()
    if not arguments.table and not (arguments.images and arguments.levels and arguments.out):
        parser.error("give --images, --levels and --out, or --table")
    return arguments


def measure_all(path, level, seed, arguments, done):
    """Append a line for each fit of one noisy image."""
    shared = {"image": path.name, "level": level, "seed": seed, "crop": arguments.crop}
    clean = cut(read_image(path)[0].astype(float), arguments.crop)
    entropy = [seed, zlib.crc32(path.name.encode()), round(1e6 * level)]
    rng = np.random.default_rng(entropy)
    noisy = PoissonGaussian(a=level, b=READOUT).sample(clean, random_state=rng).astype(float)
    X, y = hide_pixels(noisy, random_state=seed)
    noise = estimate_noise(X)
    for name, denoiser in make_fits(arguments.fits == "smoke").items():
        line = {"fit": name, **shared}
        if key_of(line) in done:
            continue
        start = time.process_time()
        try:
            line |= measure(denoiser.fit(X), X, y, clean, noise)
        except RuntimeError as error:  # a fit that learned nothing
            line["failed"] = str(error)
        line |= {"cpu": round(time.process_time() - start, 2), "version": sk_noise2sr.__version__}
        with arguments.out.open("a", encoding="utf8") as file:
            file.write(json.dumps(line) + "\n")
        print(line, file=sys.stderr, flush=True)


def measure(denoiser, X, y, clean, noise):
    """Return all scores of a fit, each greater-is-better."""
    denoised = denoiser.transform(X)
    seen = np.isnan(y)
    network = isinstance(denoiser, BaseNetworkDenoiser)
    strength = np.mean((X - denoised)[seen] ** 2) / noise.variance
    return {
        "psnr": psnr(clean, denoised),
        "hidden": held_out_scorer(denoiser, X, y),
        "held_out": denoiser.score(X) if network else None,
        "binning": getattr(denoiser, "binning_", None),
        "whiteness": -residual_whiteness(X, denoised),
        "residual": -abs(math.log(strength)),
    }


def cut(image, side):
    """Return the middle of an image."""
    top, left = (max(0, (length - side) // 2) for length in image.shape)
    return image[top : top + side, left : left + side]


def print_table(lines):
    """Print, for each image and level, how each score ranks the fits and what its pick loses."""
    lines = [line for line in lines if "psnr" in line]
    print(f"{'image':<22}{'level':>7}{'fits':>6}" + "".join(f"{name:>18}" for name in SCORES))
    for group in sorted({(line["image"], line["level"], line["seed"]) for line in lines}):
        chosen = [line for line in lines if (line["image"], line["level"], line["seed"]) == group]
        cells = [say(chosen, name) for name in SCORES]
        print(f"{group[0]:<22}{group[1]:>7g}{len(chosen):>6}" + "".join(f"{c:>18}" for c in cells))
    print("rank correlation with PSNR / dB lost by its pick")


def say(lines, score):
    """Return the rank correlation of a score, and what its pick loses."""
    having = [line for line in lines if line[score] is not None]
    if len(having) < 3:
        return "-"
    truth, judged = ([line[name] for line in having] for name in ("psnr", score))
    lost = max(truth) - truth[int(np.argmax(judged))]
    return f"{spearmanr(truth, judged).statistic:.3f} / {lost:.2f}"


def read(path):
    """Return the lines of a file."""
    if not path.exists():
        return []
    return [json.loads(text) for text in path.read_text(encoding="utf8").splitlines()]


def key_of(line):
    """Return what tells one line from another."""
    return tuple(line[name] for name in KEY)


if __name__ == "__main__":
    main()
