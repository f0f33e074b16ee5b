"""What the one-pass mode costs, on frames that were not seen in ``fit``: a JSON line an image.

    python -m benchmarks.speed.one_pass FILE.jsonl --images DIR --seeds 0,1
    python -m benchmarks.speed.one_pass FILE.jsonl --rst

A clean image gives a movie: a frame is a window of it under noise of its own, and what drifts is
the window. Teacher and student are fitted on one frame. Then come a frame of the same window, one
of a window that lies 128 pixels further along both axes, and, after ``partial_fit`` on that one,
another of the same. Each is denoised by the student in one pass, by the average over the draws of
the teacher, and by the teacher with its refinement. Lines that are there are not measured again.
"""

import sys
from pathlib import Path

import numpy as np

from sk_noise2sr import Noise2SR
from sk_noise2sr.compose import OnePassDenoiser
from sk_noise2sr.metrics import psnr

from .._lib.arguments import add_changes, add_images, make_parser
from .._lib.images import noise_of, on_images, read_clean
from .._lib.lines import measure_missing, read_lines
from .._lib.machine import timed
from .._lib.tables import show

KEY = ("image", "level", "seed", "parameters")
SHIFT = 128
MOMENTS = {"same": "other noise", "drifted": "drifted", "adapted": "drifted, after partial_fit"}


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = make_parser(__doc__)
    add_images(parser)
    add_changes(parser)
    arguments = parser.parse_args(argv)
    tasks = on_images(arguments, [{"parameters": dict(arguments.set)}])
    failed = measure_missing(arguments.file, KEY, tasks, measure)
    show("One pass", table(read_lines(arguments.file)), arguments.rst)
    return 1 if failed else 0


def measure(task):
    """Fit on one frame, denoise others."""
    clean = read_clean(task)
    first, second = clean[:-SHIFT, :-SHIFT], clean[SHIFT:, SHIFT:]
    noise, rng = noise_of(task)
    teacher = Noise2SR(random_state=task["seed"], verbose=0)
    denoiser = OnePassDenoiser(teacher, random_state=task["seed"], verbose=0)
    denoiser.set_params(**task["parameters"])
    line = {"shift": SHIFT, "shape": first.shape, "frame": clean.shape}
    line["fit_cpu"] = timed(denoiser.fit, noise.sample(first, rng))[1]
    line["same"] = compare(denoiser, first, noise.sample(first, rng))
    noisy = noise.sample(second, rng)
    line["drifted"] = compare(denoiser, second, noisy)
    line["adapt_cpu"] = timed(denoiser.partial_fit, noisy)[1]
    line["adapted"] = compare(denoiser, second, noise.sample(second, rng))
    frame = noise.sample(clean, rng)
    seconds = [timed(denoiser.transform, frame)[1] for _ in range(5)]
    return line | {"transform_cpu": float(np.median(seconds))}


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
