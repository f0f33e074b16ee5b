"""What real micrographs gain, judged by other views of the same crystal: one JSON line a denoiser.

    python -m benchmarks.real.siblings FILE.jsonl --frame crystal.tif --crop 320:576,320:576
    python -m benchmarks.real.siblings FILE.jsonl --frame crystal.tif --crop 320:576,320:576 \
        --denoisers "Noise2SR(refine=False)" "ScanLineAligner(), Noise2SR()"

Steps before a denoiser are named before it. Lines have the gain over the noisy crop in decibels,
and that of the best of all Gaussian blurs, which the views choose.
"""

import sys
import time
from pathlib import Path

from sklearn.pipeline import make_pipeline

import sk_noise2sr
from sk_noise2sr import compose
from sk_noise2sr.io import read_images, select_image
from sk_noise2sr.metrics import find_siblings

from .._lib.arguments import make_parser
from .._lib.lines import measure_missing

KEY = ("frame", "crop", "denoiser", "seed")


def main(argv=None):
    """Measure what is not in the file yet."""
    parser = make_parser(__doc__)
    parser.add_argument("--frame", type=Path, required=True, help="a micrograph of a crystal")
    parser.add_argument("--image", help="which image of the frame, by name or number")
    parser.add_argument("--crop", required=True, metavar="Y0:Y1,X0:X1", help="what to denoise")
    parser.add_argument("--denoisers", nargs="+", default=["Noise2SR()"])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    shared = {name: getattr(arguments, name) for name in ("image", "crop", "seed")}
    tasks = [
        {"frame": str(arguments.frame), "denoiser": text, **shared} for text in arguments.denoisers
    ]
    return 1 if measure_missing(arguments.file, KEY, tasks, measure) else 0


def measure(task):
    """Return the line of one denoiser on one crop."""
    path = Path(task["frame"])
    rows, columns = (slice(*map(int, part.split(":"))) for part in task["crop"].split(","))
    record = select_image(read_images(path), task["image"], path)
    siblings = find_siblings(record.data, rows, columns)
    denoiser = make_denoiser(task["denoiser"], task["seed"])
    start = time.process_time()
    denoised = denoiser.fit_transform(siblings.noisy.astype("float32"))
    cpu = time.process_time() - start
    gain, sigma = siblings.best_gaussian()
    return {
        "siblings": len(siblings.views),
        "gain": siblings.gain(denoised),
        "gaussian": gain,
        "sigma": sigma,
        "binning": getattr(denoiser[-1], "binning_", None),
        "cpu": round(cpu, 1),
    }


def make_denoiser(text, seed):
    """Make a pipeline of what a text names, silent, from a seed."""
    modules = (compose, sk_noise2sr)
    names = {name: getattr(module, name) for module in modules for name in dir(module)}
    steps = make_pipeline(*eval(f"({text},)", names))
    for step in steps:
        known = step.get_params()
        settings = {"verbose": 0, "random_state": seed}
        step.set_params(**{name: value for name, value in settings.items() if name in known})
    return steps


if __name__ == "__main__":
    sys.exit(main())
