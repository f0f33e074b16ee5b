"""Measure denoisers on a folder of clean images: one JSON line a method, image, level and seed.

Finished lines are skipped, so that a broken run goes on where it stopped:

    python benchmarks/paper/run.py --images DIR --methods noise2sr --levels 0.05 --out FILE.jsonl
    python benchmarks/paper/run.py --images DIR --methods all --budget short --out FILE.jsonl

Budgets: "smoke" takes one epoch, to see that all runs; "short" the defaults, at most four CPU
minutes for a method and an image; "full" the published schedules. With "--binning 1,auto" every
method that can is measured on the full grid, as published and without refinement, and on the
binned image.

Noise2Noise gets a second noisy copy of the same image. SupervisedDenoiser needs other clean images:
see dataset.py.
"""

import argparse
import ast
import inspect
import json
import multiprocessing
import platform
import resource
import subprocess
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from lines import append_line, read_lines
from references import REFERENCES

import sk_noise2sr
from sk_noise2sr import denoisers
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr, ssim
from sk_noise2sr.noise import PoissonGaussian

READOUT = 0.02
SUFFIXES = {".tif", ".tiff", ".npy"}
KEY = ("method", "parameters", "image", "level", "seed", "budget")
METHODS = {
    name.lower(): member
    for name in denoisers.__all__
    if inspect.isclass(member := getattr(denoisers, name))
}
ON_ONE_IMAGE = [name for name in METHODS if name != "superviseddenoiser"] + list(REFERENCES)
BUDGETS = {
    "smoke": ("default", {"epochs": 1, "M": 2}),
    "short": ("default", {}),
    "full": ("paper", {}),
}


def main(argv=None):
    """Measure what is not in the file yet."""
    arguments = parse(argv)
    done = {key_of(line) for line in read_lines(arguments.out)}
    tasks = [task for task in make_tasks(arguments) if key_of(task) not in done]
    print(f"{len(tasks)} to measure, {len(done)} lines there", file=sys.stderr)
    failed = 0
    for task in tasks:
        try:
            line = measure_alone(task)
        except (RuntimeError, ValueError, MemoryError) as error:
            failed += 1
            print(f"{task['method']} on {task['image']} failed: {error}", file=sys.stderr)
            continue
        append_line(arguments.out, line)
        shown = {name: line[name] for name in ("method", "image", "level", "seed", "psnr", "ssim")}
        print(shown, f"{line['fit_cpu'] + line['transform_cpu']:.1f} CPU s", file=sys.stderr)
    return 1 if failed else 0


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="folder of clean images")
    parser.add_argument("--methods", default="noise2sr", help="names, joined by commas, or all")
    parser.add_argument("--levels", default="0.1,0.05,0.02", help="values of a, joined by commas")
    parser.add_argument("--seeds", default="0", help="seeds, joined by commas")
    parser.add_argument(
        "--budget", choices=list(BUDGETS), default="short", help="how long to train"
    )
    parser.add_argument(
        "--binning",
        default="",
        metavar="VALUES",
        help="values of binning, joined by commas, for the methods that have it; such as 1,auto",
    )
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="hyperparameters to change"
    )
    parser.add_argument("--out", type=Path, required=True, help="file to append lines to")
    arguments = parser.parse_args(argv)
    if arguments.methods == "all":
        arguments.methods = ",".join(ON_ONE_IMAGE)
    unknown = set(arguments.methods.split(",")) - set(ON_ONE_IMAGE)
    if unknown:
        parser.error(f"unknown methods {sorted(unknown)}; known: {sorted(ON_ONE_IMAGE)}")
    if not images_in(arguments.images):
        parser.error(f"{arguments.images} holds no image ({', '.join(sorted(SUFFIXES))})")
    return arguments


def make_tasks(arguments):
    """Yield all that was asked for, as the head of a line: quick methods first on each image."""
    changes = dict(pair.split("=", 1) for pair in arguments.set)
    changes = {name: literal(text) for name, text in changes.items()}
    for path in images_in(arguments.images):
        for level in map(float, arguments.levels.split(",")):
            for seed in map(int, arguments.seeds.split(",")):
                for method in arguments.methods.split(","):
                    for parameters in variants(method, changes, arguments.binning):
                        yield {
                            "method": method,
                            "parameters": parameters,
                            "image": path.name,
                            "level": level,
                            "seed": seed,
                            "budget": arguments.budget,
                            "path": str(path),
                        }


def variants(method, changes, binning):
    """Return the hyperparameters of a method: one set for each value of binning, if it has it."""
    if method in REFERENCES:
        return [{}]
    accepted = inspect.signature(METHODS[method]).parameters
    changes = {name: value for name, value in changes.items() if name in accepted}
    if not binning or "binning" not in accepted:
        return [changes]
    return [on_grid(literal(text), changes, accepted) for text in binning.split(",")]


def on_grid(binning, changes, accepted):
    """Return hyperparameters with a binning; on the full grid, as published, nothing refines."""
    plain = {"refine": False} if binning == 1 and "refine" in accepted else {}
    return {**plain, **changes, "binning": binning}


def images_in(folder):
    """Return the images of a folder by name."""
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)


def measure_alone(task, function=None):
    """Measure in a fresh process, whose peak memory is that of the task alone.

    `function` takes the task and returns what is to be returned; :func:`measure` by default.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(function or measure, task).result()


def measure(task):
    """Add noise, fit, transform and score."""
    clean = read_image(task["path"])[0].astype(float)
    rng = noise_generator(task)
    noise = PoissonGaussian(task["level"], READOUT)
    noisy = noise.sample(clean, rng)
    if task["method"] in REFERENCES:
        denoiser, fitted = None, (0.0, 0.0, None)
        transformed = timed(REFERENCES[task["method"]], noisy, clean)
    else:
        denoiser = make_denoiser(task)
        target = [noise.sample(clean, rng)] if denoiser._needs_target else []
        fitted = timed(denoiser.fit, noisy, *target)
        transformed = timed(denoiser.transform, noisy)
    return make_line(task, clean, noisy, denoiser, fitted, transformed)


def noise_generator(task):
    """Return where the noise of a task comes from: the same for all methods."""
    image = zlib.crc32(task["image"].encode())
    return np.random.default_rng([task["seed"], image, round(1e6 * task["level"])])


def make_line(task, clean, noisy, denoiser, fitted, transformed):
    """Return what was measured, with where and how."""
    fit_wall, fit_cpu, _ = fitted
    transform_wall, transform_cpu, denoised = transformed
    return {
        **{name: task[name] for name in KEY},
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
        **provenance(),
    }


def make_denoiser(task):
    """Make the denoiser of a task; its own randomness has the seed of the noise."""
    preset, changes = BUDGETS[task["budget"]]
    estimator_class = METHODS[task["method"]]
    accepted = inspect.signature(estimator_class).parameters
    parameters = {"random_state": task["seed"], "verbose": 0, **changes}
    parameters = {name: value for name, value in parameters.items() if name in accepted}
    return estimator_class.from_preset(preset, **{**parameters, **task["parameters"]})


def timed(function, *arguments):
    """Return wall seconds, CPU seconds and the result of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = function(*arguments)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return round(wall, 2), round(cpu, 2), result


def provenance():
    """Say where, when and with what a line was measured."""
    import torch

    packages = ("torch", "numpy", "scipy", "scikit-learn", "scikit-image")
    return {
        "version": sk_noise2sr.__version__,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "machine": {"cpu": cpu_name(), "cores": multiprocessing.cpu_count()},
        "threads": torch.get_num_threads(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "commit": commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def cpu_name():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def commit():
    """Return the commit of this checkout, marked where files differ from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def key_of(line):
    """Return what makes two lines the same measurement; early lines name no budget."""
    return json.dumps([{"budget": "short", **line}[name] for name in KEY], sort_keys=True)


def literal(text):
    """Return the number or None that a text stands for, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    sys.exit(main())
