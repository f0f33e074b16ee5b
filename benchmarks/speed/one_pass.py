"""What the one-pass mode costs, on frames that were not seen in ``fit``: a JSON line an image.

    python benchmarks/speed/one_pass.py FILE.jsonl --images DIR --seeds 0,1
    python benchmarks/speed/one_pass.py FILE.jsonl --rst

A clean image gives a movie: a frame is a window of it under noise of its own, and what drifts is
the window. Teacher and student are fitted on one frame. Then come a frame of the same window, one
of a window that lies 128 pixels further along both axes, and, after ``partial_fit`` on that one,
another of the same. Each is denoised by the student in one pass, by the average over the draws of
the teacher, and by the teacher with its refinement. Lines that are there are not measured again.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines
from table1 import show_markdown, show_rst

from sk_noise2sr import Noise2SR
from sk_noise2sr.compose import OnePassDenoiser
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

KEY = ("image", "level", "seed", "parameters")
SHIFT = 128
MOMENTS = {"same": "other noise", "drifted": "drifted", "adapted": "drifted, after partial_fit"}


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--images", type=Path, help="folder of clean images")
    parser.add_argument("--level", type=float, default=0.05, help="a of the noise")
    parser.add_argument("--seeds", default="0", help="seeds, joined by commas")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="of the student")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    done = {key_of(line) for line in read_lines(arguments.file)}
    for task in make_tasks(arguments) if arguments.images else []:
        if key_of(task) not in done:
            append_line(arguments.file, run.measure_alone(task, measure))
    show = show_rst if arguments.rst else show_markdown
    show("One pass", table(read_lines(arguments.file)))
    return 0


def make_tasks(arguments):
    """Yield what was asked for."""
    changes = dict(pair.split("=", 1) for pair in arguments.set)
    for seed in map(int, arguments.seeds.split(",")):
        for path in run.images_in(arguments.images):
            yield {
                "image": path.name,
                "level": arguments.level,
                "seed": seed,
                "parameters": {name: run.literal(text) for name, text in changes.items()},
                "path": str(path),
            }


def key_of(line):
    """Return what makes two lines the same measurement."""
    return json.dumps([line[name] for name in KEY], sort_keys=True)


def measure(task):
    """Fit on one frame, denoise others."""
    clean = read_image(task["path"])[0].astype(float)
    first, second = clean[:-SHIFT, :-SHIFT], clean[SHIFT:, SHIFT:]
    noise, rng = PoissonGaussian(task["level"], run.READOUT), run.noise_generator(task)
    teacher = Noise2SR(random_state=task["seed"], verbose=0)
    denoiser = OnePassDenoiser(teacher, random_state=task["seed"], verbose=0, **task["parameters"])
    noisy = noise.sample(first, rng)
    _, cpu, _ = run.timed(denoiser.fit, noisy)
    line = {name: task[name] for name in KEY} | {"shift": SHIFT, "shape": first.shape}
    line["fit_cpu"] = cpu
    line["same"] = compare(denoiser, first, noise.sample(first, rng))
    noisy = noise.sample(second, rng)
    line["drifted"] = compare(denoiser, second, noisy)
    _, line["adapt_cpu"], _ = run.timed(denoiser.partial_fit, noisy)
    line["adapted"] = compare(denoiser, second, noise.sample(second, rng))
    frame = noise.sample(clean, rng)
    line["frame"] = frame.shape
    seconds = [run.timed(denoiser.transform, frame)[1] for _ in range(5)]
    line["transform_cpu"] = float(np.median(seconds))
    return line | run.provenance()


def compare(denoiser, clean, noisy):
    """Return the PSNR of student and teacher on a frame."""
    quality = {"one_pass": psnr(clean, denoiser.transform(noisy))}
    for name, refine in (("average", False), ("refined", True)):
        denoiser.denoiser_.refine = refine
        quality[name] = psnr(clean, denoiser.denoiser_.transform(noisy))
    return {name: round(value, 3) for name, value in quality.items()}


def table(lines):
    """Return the rows of the table."""
    rows = [("image", "seed", "frame", "one pass, dB", "average", "difference", "refined")]
    for line in lines:
        for moment, words in MOMENTS.items():
            one, average, refined = (line[moment][n] for n in ("one_pass", "average", "refined"))
            rows.append(
                (
                    Path(line["image"]).stem,
                    str(line["seed"]),
                    words,
                    f"{one:.2f}",
                    f"{average:.2f}",
                    f"{one - average:+.2f}",
                    f"{refined:.2f}",
                )
            )
    return rows


if __name__ == "__main__":
    sys.exit(main())
