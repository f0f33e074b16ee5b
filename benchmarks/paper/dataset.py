"""Train on many simulated images and measure on others: the paper's column of data-set methods.

    python benchmarks/paper/dataset.py --images DIR --methods noise2noise --out FILE.jsonl

One network is trained on a stack of simulated nanoparticles on a support, each under one frozen
draw of the noise (Noise2Noise: two), and denoises every image of DIR at the same level. The
training images are the package's own, scaled to the intensities of a camera; they only look
like those of DIR, and what a method loses by that is part of the figure. `table1.py` prints the
lines.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from lines import append_line, read_lines
from run import (
    BUDGETS,
    READOUT,
    images_in,
    key_of,
    make_denoiser,
    make_line,
    noise_generator,
    timed,
)

from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.io import read_image
from sk_noise2sr.noise import PoissonGaussian

TRAINED = ["noise2self", "neighbor2neighbor", "noise2noise", "superviseddenoiser"]
SHAPE, PIXEL_SIZE, VACUUM = (256, 256), 0.006, 0.45


def main(argv=None):
    """Train each method once for each level and seed, and denoise all images with it."""
    arguments = parse(argv)
    done = {key_of(line) for line in read_lines(arguments.out)}
    for task in make_tasks(arguments):
        images = images_in(arguments.images)
        waiting = [path for path in images if key_of(on(task, path)) not in done]
        if waiting:
            measure(task, waiting, arguments.out)
    return 0


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=Path, required=True, help="folder of clean images")
    parser.add_argument("--methods", default=",".join(TRAINED), help="names, joined by commas")
    parser.add_argument("--levels", default="0.05", help="values of a, joined by commas")
    parser.add_argument("--seeds", default="0", help="seeds, joined by commas")
    parser.add_argument("--budget", choices=list(BUDGETS), default="short", help="how long")
    parser.add_argument("--n-images", type=int, default=24, help="training images")
    parser.add_argument("--out", type=Path, required=True, help="file to append lines to")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.methods.split(",")) - set(TRAINED)
    if unknown:
        parser.error(f"unknown methods {sorted(unknown)}; known: {TRAINED}")
    return arguments


def make_tasks(arguments):
    """Yield what has to be trained, as the head of a line without its image."""
    for level in map(float, arguments.levels.split(",")):
        for seed in map(int, arguments.seeds.split(",")):
            for method in arguments.methods.split(","):
                yield {
                    "method": method,
                    "parameters": {},
                    "level": level,
                    "seed": seed,
                    "budget": arguments.budget,
                    "trained_on": arguments.n_images,
                }


def on(task, path):
    """Return the head of the line of a task on an image."""
    head = {**task, "image": path.name}
    head["parameters"] = {"trained_on": task["trained_on"]}
    return head


def measure(task, paths, out):
    """Train once, denoise every image, append a line for each."""
    noise = PoissonGaussian(task["level"], READOUT)
    rng = np.random.default_rng([task["seed"], round(1e6 * task["level"])])
    clean = np.stack([simulate(rng) for _ in range(task["trained_on"])])
    noisy = noise.sample(clean, rng)
    target = {"noise2noise": noise.sample(clean, rng), "superviseddenoiser": clean}
    denoiser = make_denoiser(task)
    if task["method"] == "superviseddenoiser":
        denoiser.set_params(noise=(task["level"], READOUT))
    fitted = timed(denoiser.fit, noisy, target.get(task["method"]))
    for path in paths:
        truth = read_image(path)[0].astype(float)
        head = on(task, path)
        sample = noise.sample(truth, noise_generator(head))
        transformed = timed(denoiser.transform, sample)
        line = make_line(head, truth, sample, denoiser, fitted, transformed)
        append_line(out, line)
        print(task["method"], path.name, task["level"], line["psnr"], file=sys.stderr)


def simulate(rng):
    """Return one clean training image, in counts of which vacuum has 0.45."""
    clean, _ = make_hrem(SHAPE, pixel_size=PIXEL_SIZE, dose=np.inf, random_state=rng)
    return VACUUM * clean.astype(float)


if __name__ == "__main__":
    sys.exit(main())
