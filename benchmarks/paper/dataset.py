"""Train on many simulated images and measure on others: the paper's column of data-set methods.

    python -m benchmarks.paper.dataset FILE.jsonl --images DIR --methods noise2noise

One network is trained on a stack of simulated nanoparticles on a support, each under one frozen
draw of the noise (Noise2Noise: two), and denoises every image of DIR at the same level. The
training images are the package's own, scaled to the intensities of a camera; they only look
like those of DIR, and what a method loses by that is part of the figure. `table1.py` prints the
lines.
"""

import sys

import numpy as np

from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.noise import PoissonGaussian

from .._lib.arguments import add_images, make_parser
from .._lib.images import READOUT, clean_and_noisy, on_images
from .._lib.lines import measure_missing
from .._lib.machine import timed
from .._lib.methods import BUDGETS, make_denoiser
from .._lib.tables import grouped
from .run import key_of, measured

TRAINED = ["noise2self", "neighbor2neighbor", "noise2noise", "superviseddenoiser"]
SHAPE, PIXEL_SIZE, VACUUM = (256, 256), 0.006, 0.45


def main(argv=None):
    """Train each method once for each level and seed, and denoise all images with it."""
    parser = make_parser(__doc__)
    add_images(parser)
    parser.add_argument("--methods", default=",".join(TRAINED), help="names, joined by commas")
    parser.add_argument("--budget", choices=list(BUDGETS), default="short", help="how long")
    parser.add_argument("--n-images", type=int, default=24, help="training images")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.methods.split(",")) - set(TRAINED)
    if unknown:
        parser.error(f"unknown methods {sorted(unknown)}; known: {TRAINED}")
    heads = [
        {"method": m, "parameters": {"trained_on": arguments.n_images}, "budget": arguments.budget}
        for m in arguments.methods.split(",")
    ]
    tasks = list(on_images(arguments, heads))
    together = list(grouped(tasks, "level", "seed", "method").values())
    return 1 if measure_missing(arguments.file, key_of, together, measure) else 0


def measure(tasks):
    """Train once, and denoise every image."""
    first = {**tasks[0], "parameters": {}}
    n_images = tasks[0]["parameters"]["trained_on"]
    noise = PoissonGaussian(first["level"], READOUT)
    rng = np.random.default_rng([first["seed"], round(1e6 * first["level"])])
    clean = np.stack([simulate(rng) for _ in range(n_images)])
    noisy = noise.sample(clean, rng)
    target = {"noise2noise": noise.sample(clean, rng), "superviseddenoiser": clean}
    if first["method"] == "superviseddenoiser":
        first["parameters"] = {"noise": (first["level"], READOUT)}
    denoiser = make_denoiser(first)
    fitted = timed(denoiser.fit, noisy, target.get(first["method"]))
    return [
        measured(truth, sample, denoiser, fitted, timed(denoiser.transform, sample))
        for truth, sample in map(clean_and_noisy, tasks)
    ]


def simulate(rng):
    """Return one clean training image, in counts of which vacuum has 0.45."""
    clean, _ = make_hrem(SHAPE, pixel_size=PIXEL_SIZE, dose=np.inf, random_state=rng)
    return VACUUM * clean.astype(float)


if __name__ == "__main__":
    sys.exit(main())
