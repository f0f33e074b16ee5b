"""Keep one pixel of each cell, or all but one: one JSON line an image, grid, sampling and seed.

    python benchmarks/quality/left_out.py FILE.jsonl --images DIR --binning 4,6,8 --epochs 8
    python benchmarks/quality/left_out.py FILE.jsonl --binning 1 --epochs 6

Images of the folder are cropped to 384 x 384 and get noise of a = 0.05, b = 0.02; without a folder,
128 x 128 pixels of scikit-image's "camera" get normal noise of 25 of 255. Nothing is refined.
Lines that are there are skipped.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from skimage import data

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines

from sk_noise2sr import Noise2SR
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

KEY = ("image", "sampling", "binning", "epochs", "seed")


def main(argv=None):
    """Measure what is not in the file yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--images", type=Path, help="folder of clean images")
    parser.add_argument("--binning", default="4,6,8", help="factors, joined by commas")
    parser.add_argument("--samplings", default="random,all_but_one", help="joined by commas")
    parser.add_argument("--epochs", type=int, default=20, help="length of a training")
    parser.add_argument("--seeds", default="0", help="seeds, joined by commas")
    arguments = parser.parse_args(argv)
    done = {tuple(line[name] for name in KEY) for line in read_lines(arguments.file)}
    for task in make_tasks(arguments):
        if tuple(task[name] for name in KEY) not in done:
            line = run.measure_alone(task, measure)
            append_line(arguments.file, line)
            print({name: line[name] for name in (*KEY, "psnr", "cpu")}, file=sys.stderr)


def make_tasks(arguments):
    """Yield what is to be measured."""
    paths = sorted(arguments.images.glob("*.tif")) if arguments.images else [None]
    for path in paths:
        for factor in arguments.binning.split(","):
            for sampling in arguments.samplings.split(","):
                for seed in arguments.seeds.split(","):
                    yield {
                        "image": path.stem if path else "camera",
                        "path": path,
                        "sampling": sampling,
                        "binning": float(factor),
                        "epochs": arguments.epochs,
                        "seed": int(seed),
                    }


def measure(task):
    """Fit and score one way of sampling."""
    rng = np.random.default_rng(task["seed"])
    if task["path"]:
        clean = read_image(task["path"])[0].astype(float)[:384, :384]
        noisy = PoissonGaussian(0.05, 0.02).sample(clean, rng)
    else:
        clean = data.camera()[192:320, 192:320] / 255
        noisy = clean + rng.normal(0, 25 / 255, clean.shape)
    denoiser = Noise2SR(
        **{name: task[name] for name in ("sampling", "binning", "epochs")},
        refine=False,
        random_state=task["seed"],
        n_threads=1,
        verbose=0,
    )
    _, cpu, denoised = run.timed(denoiser.fit_transform, noisy)
    return {
        **{name: task[name] for name in KEY},
        "psnr": round(psnr(clean, denoised), 3),
        "noisy_psnr": round(psnr(clean, noisy), 3),
        "cpu": cpu,
        **run.provenance(),
    }


if __name__ == "__main__":
    sys.exit(main())
