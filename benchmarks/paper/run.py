"""Measure denoisers on a folder of clean images: one JSON line a method, image, level and seed.

    python -m benchmarks.paper.run FILE.jsonl --images DIR --methods noise2sr --levels 0.05
    python -m benchmarks.paper.run FILE.jsonl --images DIR --methods all --budget short

Budgets: "smoke" takes five epochs, to see that all runs; "short" the defaults, at most four CPU
minutes for a method and an image; "full" the published schedules. With "--binning 1,auto" every
method that can is measured on the full grid, as published and without refinement, and on the
binned image. Noise2Noise gets a second noisy copy of the same image. SupervisedDenoiser needs other
clean images: see dataset.py.
"""

import inspect
import json
import resource
import sys

from sk_noise2sr.metrics import psnr, ssim

from .._lib.arguments import add_changes, add_images, literals, make_parser
from .._lib.images import READOUT, noise_of, on_images, read_clean
from .._lib.lines import measure_missing
from .._lib.machine import timed
from .._lib.methods import BUDGETS, METHODS, accepted, make_denoiser, method_class
from .._lib.references import REFERENCES

KEY = ("method", "parameters", "image", "level", "seed", "budget")
ON_ONE_IMAGE = [name for name in METHODS if name != "superviseddenoiser"] + list(REFERENCES)


def main(argv=None):
    """Measure what is not in the file yet."""
    arguments = parse(argv)
    heads = [
        {"method": method, "parameters": parameters, "budget": arguments.budget}
        for method in arguments.methods.split(",")
        for parameters in variants(method, dict(arguments.set), arguments.binning)
    ]
    tasks = on_images(arguments, heads)
    return 1 if measure_missing(arguments.file, key_of, tasks, measure) else 0


def parse(argv):
    """Read the command line."""
    parser = make_parser(__doc__)
    add_images(parser, levels="0.1,0.05,0.02")
    add_changes(parser)
    parser.add_argument(
        "--methods", default="noise2sr", help="names or module:Class, with commas, or all"
    )
    parser.add_argument("--budget", choices=list(BUDGETS), default="short", help="how long")
    parser.add_argument("--binning", type=literals, default=[], help="values, such as 1,auto")
    arguments = parser.parse_args(argv)
    if arguments.methods == "all":
        arguments.methods = ",".join(ON_ONE_IMAGE)
    unknown = {name for name in arguments.methods.split(",") if ":" not in name} - {*ON_ONE_IMAGE}
    if unknown:
        parser.error(f"unknown methods {sorted(unknown)}; known: {sorted(ON_ONE_IMAGE)}")
    if arguments.images is None:
        parser.error("name a folder: --images DIR")
    return arguments


def key_of(line):
    """Return what makes two lines the same measurement; early lines name no budget."""
    return json.dumps([{"budget": "short", **line}[name] for name in KEY], sort_keys=True)


def variants(method, changes, binning):
    """Return the hyperparameters of a method: one set for each value of binning, if it has it."""
    if method in REFERENCES:
        return [{}]
    names = inspect.signature(method_class(method)).parameters
    changes = accepted(method_class(method), changes)
    if not binning or "binning" not in names:
        return [changes]
    return [on_grid(value, changes, names) for value in binning]


def on_grid(binning, changes, names):
    """Return hyperparameters with a binning; on the full grid, as published, nothing refines."""
    plain = {"refine": False} if binning == 1 and "refine" in names else {}
    return {**plain, **changes, "binning": binning}


def measure(task):
    """Add noise, fit, transform and score."""
    clean = read_clean(task)
    noise, rng = noise_of(task)
    noisy = noise.sample(clean, rng)
    if task["method"] in REFERENCES:
        transformed = timed(REFERENCES[task["method"]], noisy, clean)
        return measured(clean, noisy, None, (0.0, 0.0, None), transformed)
    denoiser = make_denoiser(task)
    target = [noise.sample(clean, rng)] if task["method"] == "noise2noise" else []
    fitted = timed(denoiser.fit, noisy, *target)
    return measured(clean, noisy, denoiser, fitted, timed(denoiser.transform, noisy))


def measured(clean, noisy, denoiser, fitted, transformed):
    """Return what was measured."""
    fit_wall, fit_cpu, _ = fitted
    transform_wall, transform_cpu, denoised = transformed
    return {
        "readout": READOUT,
        "psnr": round(psnr(clean, denoised), 3),
        "ssim": round(ssim(clean, denoised), 5),
        "noisy_psnr": round(psnr(clean, noisy), 3),
        "noisy_ssim": round(ssim(clean, noisy), 5),
        "fit_wall": fit_wall,
        "fit_cpu": fit_cpu,
        "transform_wall": transform_wall,
        "transform_cpu": transform_cpu,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "steps": getattr(denoiser, "n_iter_", 0),
        "binning": getattr(denoiser, "binning_", 1.0),
        "shape": list(clean.shape),
    }


if __name__ == "__main__":
    sys.exit(main())
