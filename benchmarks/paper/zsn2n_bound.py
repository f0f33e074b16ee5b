"""How much the network of ZS-N2N could gain: it is trained on the clean image itself.

    python benchmarks/paper/zsn2n_bound.py --images DIR --levels 0.05 --out FILE.jsonl

No method without a clean image can be expected to do better with that network, which sees 5 x 5
pixels. One JSON line for each image and level.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from lines import append_line
from run import READOUT, images_in, noise_generator, provenance

from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import ShallowNetwork
from sk_noise2sr.noise import PoissonGaussian

STEPS, SIDE, BORDER, LEARNING_RATE = 3000, 128, 2, 3e-3


def main(argv=None):
    """Train on each image at each level."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=Path, required=True, help="folder of clean images")
    parser.add_argument("--levels", default="0.05", help="values of a, joined by commas")
    parser.add_argument("--out", type=Path, required=True, help="file to append lines to")
    arguments = parser.parse_args(argv)
    for path in images_in(arguments.images):
        for level in map(float, arguments.levels.split(",")):
            append_line(arguments.out, measure(path, level))
    return 0


def measure(path, level):
    """Return the line of one image at one level."""
    task = {"method": "zsn2n_bound", "image": path.name, "level": level, "seed": 0}
    clean = read_image(path)[0].astype(np.float64)
    noisy = PoissonGaussian(level, READOUT).sample(clean, noise_generator(task))
    start = time.process_time()
    denoised = learn(clean, noisy)
    return {
        **task,
        "steps": STEPS,
        "psnr": round(psnr(clean, denoised), 3),
        "noisy_psnr": round(psnr(clean, noisy), 3),
        "cpu": round(time.process_time() - start, 1),
        **provenance(),
    }


def learn(clean, noisy):
    """Train the network to predict the clean image from the noisy one, and apply it to that."""
    torch.manual_seed(0)
    network, corners = ShallowNetwork(), np.random.default_rng(0)
    optimizer = torch.optim.Adam(network.parameters())
    x, target = (
        torch.from_numpy((image - noisy.mean()) / noisy.std()).float()[None, None]
        for image in (noisy, clean)
    )
    inner = (..., slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 - step / STEPS)
        top, left = (corners.integers(side - SIDE + 1) for side in clean.shape)
        window = (..., slice(top, top + SIDE), slice(left, left + SIDE))
        errors = (x[window] - network(x[window]) - target[window])[inner]
        optimizer.zero_grad()
        (errors**2).mean().backward()
        optimizer.step()
    with torch.inference_mode():
        return (x - network(x))[0, 0].numpy() * noisy.std() + noisy.mean()


if __name__ == "__main__":
    sys.exit(main())
