"""How much of an error is bias, and how much is noise: one JSON line an image and level.

    python benchmarks/quality/limit.py FILE.jsonl --images DIR --levels 0.05

Noise is drawn twice over the same clean image, and each noisy image has a fit of its own. What the
two errors have in common is bias: structure that is smoothed away whatever the noise is. What
differs is noise that came through; the mean of both results has half of its power, as a result of
twice as many electrons would have without any change of the method. Both are given for the network
alone and for the refined result. Lines that are there are skipped.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines

from sk_noise2sr import Noise2SR
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

KEY = ("image", "level", "preset")


def main(argv=None):
    """Measure what is not in the file yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--images", type=Path, required=True, help="folder of clean images")
    parser.add_argument("--levels", default="0.05", help="values of a, joined by commas")
    parser.add_argument("--preset", default="default", help="preset of Noise2SR")
    arguments = parser.parse_args(argv)
    done = {tuple(line[name] for name in KEY) for line in read_lines(arguments.file)}
    for path in run.images_in(arguments.images):
        for level in map(float, arguments.levels.split(",")):
            task = {"image": path.name, "level": level, "preset": arguments.preset, "path": path}
            if tuple(task[name] for name in KEY) not in done:
                append_line(arguments.file, run.measure_alone(task, measure))
    for line in read_lines(arguments.file):
        print({name: line[name] for name in (*KEY, "network", "refined")})
    return 0


def measure(task):
    """Fit two noisy images of one clean image, and compare the errors."""
    clean = read_image(task["path"])[0].astype(float)
    noise, errors = PoissonGaussian(task["level"], run.READOUT), {"network": [], "refined": []}
    for seed in (0, 1):
        noisy = noise.sample(clean, run.noise_generator({**task, "seed": seed}))
        denoiser = Noise2SR.from_preset(task["preset"], random_state=seed, verbose=0).fit(noisy)
        errors["refined"].append(denoiser.transform(noisy) - clean)
        errors["network"].append(denoiser.set_params(refine=False).transform(noisy) - clean)
    return {
        **{name: task[name] for name in KEY},
        **{name: compare(clean, *pair) for name, pair in errors.items()},
        **run.provenance(),
    }


def compare(clean, first, second):
    """Return the figures of a pair of errors."""
    return {
        "psnr": [round(psnr(clean, clean + error), 2) for error in (first, second)],
        "psnr_of_mean": round(psnr(clean, clean + (first + second) / 2), 2),
        "correlation": round(float(np.corrcoef(first.ravel(), second.ravel())[0, 1]), 3),
    }


if __name__ == "__main__":
    sys.exit(main())
