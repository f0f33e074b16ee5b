"""PSNR against the seconds that it takes: one JSON line a fit, with its whole curve, then a plot.

    D="--images DIR --denoisers noise2sr:fast,noise2sr:default,noise2sr:best,vstbm3d --seeds 0,1"
    python benchmarks/speed/time_to_quality.py FILE.jsonl $D
    python benchmarks/speed/time_to_quality.py FILE.jsonl --figure curve.png

A denoiser is named with a preset, ``noise2sr:best``; without one it is its default. In the course
of a fit the weights so far denoise the image, ten times; seconds are those of the training so far
and of one transform, not those of looking. CPU seconds are of one process; on a GPU look at wall
seconds. A fit that is cut short would be better than a point on the curve shows: its steps would
have become small by then.

``noise2sr:paper`` is not trained to the end: a few steps are timed, and the line holds what its
6000 steps would take, marked as extrapolated. Lines that are there are not measured again.
"""

import argparse
import contextlib
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines

from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

KEY = ("denoiser", "parameters", "image", "level", "readout", "seed", "crop")
PAPER_STEPS = 3
LOOKS = 50  # how often a training looks at its weights


def main(argv=None):
    """Measure what is not in the file yet; print a table; draw."""
    arguments = parse(argv)
    done = {key_of(line) for line in read_lines(arguments.file)}
    for task in make_tasks(arguments) if arguments.images else []:
        if key_of(task) not in done:
            line = run.measure_alone(task, measure)
            append_line(arguments.file, line)
            print(f"{name_of(line)} {line['image']}: {in_words(line)}", file=sys.stderr)
    lines = read_lines(arguments.file)
    show(lines)
    if arguments.figure:
        draw(lines).savefig(arguments.figure, dpi=120, bbox_inches="tight")
    return 0


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--images", type=Path, help="folder of clean images")
    parser.add_argument("--denoisers", default="noise2sr", help="names, joined by commas")
    parser.add_argument("--levels", default="0.05", help="values of a, joined by commas")
    parser.add_argument("--readout", type=float, default=run.READOUT, help="b of the noise")
    parser.add_argument("--seeds", default="0,1", help="seeds, joined by commas")
    parser.add_argument("--crop", type=int, help="side of the part in the middle to take")
    parser.add_argument("--looks", type=int, default=10, help="points of a curve, at most 50")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="hyperparameters to change"
    )
    parser.add_argument("--figure", type=Path, help="where to draw the curves")
    return parser.parse_args(argv)


def make_tasks(arguments):
    """Yield what was asked for, as the head of a line."""
    changes = dict(pair.split("=", 1) for pair in arguments.set)
    for path in run.images_in(arguments.images):
        for level in map(float, arguments.levels.split(",")):
            for seed in map(int, arguments.seeds.split(",")):
                for name in arguments.denoisers.split(","):
                    yield {
                        "denoiser": name,
                        "parameters": {k: run.literal(text) for k, text in changes.items()},
                        "image": path.name,
                        "level": level,
                        "readout": arguments.readout,
                        "seed": seed,
                        "crop": arguments.crop,
                        "path": str(path),
                        "looks": arguments.looks,
                    }


def key_of(line):
    """Return what makes two lines the same measurement."""
    return json.dumps([line.get(name, run.READOUT) for name in KEY], sort_keys=True)


def name_of(line):
    """Return a denoiser and what was changed of it, in words."""
    changes = ",".join(f"{name}={value}" for name, value in line["parameters"].items())
    return " ".join(filter(None, [line["denoiser"], changes]))


def measure(task):
    """Return the line of one fit."""
    clean = read_image(task["path"])[0].astype(float)
    if task["crop"]:
        top, left = ((side - task["crop"]) // 2 for side in clean.shape)
        clean = clean[top : top + task["crop"], left : left + task["crop"]]
    noise = PoissonGaussian(task["level"], task["readout"])
    noisy = noise.sample(clean, run.noise_generator(task))
    name, _, preset = task["denoiser"].partition(":")
    estimator_class = run.METHODS[name]
    parameters = {"random_state": task["seed"], "verbose": 0, **task["parameters"]}
    head = {n: task[n] for n in KEY} | {"noisy_psnr": round(psnr(clean, noisy), 3)}
    if preset == "paper" and issubclass(estimator_class, BaseNetworkDenoiser):
        return head | extrapolate(estimator_class, parameters, noisy) | run.provenance()
    curve = []
    if issubclass(estimator_class, BaseNetworkDenoiser):
        estimator_class = watched(estimator_class, clean, noisy, task["looks"], curve)
    else:
        parameters = {}
    denoiser = estimator_class.from_preset(preset or "default", **parameters)
    fit_wall, fit_cpu, _ = run.timed(denoiser.fit, noisy)
    wall, cpu, denoised = run.timed(denoiser.transform, noisy)
    looking = curve[-1]["looking"] if curve else {"wall": 0, "cpu": 0}
    end = {"psnr": round(psnr(clean, denoised), 3), "steps": getattr(denoiser, "n_iter_", 0)}
    end["wall"] = round(fit_wall - looking["wall"] + wall, 2)
    end["cpu"] = round(fit_cpu - looking["cpu"] + cpu, 2)
    for point in curve:
        del point["looking"]
    return {**head, **end, "transform_cpu": cpu, "curve": curve, **run.provenance()}


def watched(estimator_class, clean, noisy, looks, curve):
    """Return a class of denoisers that note how good they are while they are trained.

    What it sees of the clean image goes to the curve, and to nothing else.
    """

    class Watched(estimator_class):
        def _validator(self, prepared):
            held_out_error = super()._validator(prepared)
            start = time.perf_counter(), time.process_time()
            looking, seen = np.zeros(2), 0

            def validate(network):
                nonlocal looking, seen
                seen += 1
                # Without a judgement of its own the last weights are to be the best.
                error = held_out_error(network) if held_out_error else -float(seen)
                judged = np.array([time.perf_counter(), time.process_time()])
                if seen * looks // LOOKS > (seen - 1) * looks // LOOKS:
                    self.network_ = network
                    denoised = self.transform(noisy)
                    after = np.array([time.perf_counter(), time.process_time()])
                    wall, cpu = after - start - looking
                    looking = looking + after - judged
                    curve.append(
                        {
                            "share": round(seen / LOOKS, 2),
                            "psnr": round(psnr(clean, denoised), 3),
                            "error": error if held_out_error else None,
                            "wall": round(float(wall), 2),
                            "cpu": round(float(cpu), 2),
                            "looking": dict(zip(("wall", "cpu"), looking, strict=True)),
                        }
                    )
                return error

            return validate

    return Watched


def extrapolate(estimator_class, parameters, noisy):
    """Time a few steps of the published schedule."""
    denoiser = estimator_class.from_preset("paper", **parameters)
    n_steps = denoiser.epochs * 40 // denoiser.batch_size
    seconds = []

    def stop_after(network, batch, loss=denoiser._loss):
        seconds.append((time.perf_counter(), time.process_time()))
        if len(seconds) > PAPER_STEPS:
            raise StopIteration
        return loss(network, batch)

    denoiser._loss = stop_after
    with contextlib.suppress(StopIteration):
        denoiser.fit(noisy)
    wall, cpu = (np.array(seconds[-1]) - seconds[0]) / PAPER_STEPS
    return {
        "extrapolated": True,
        "steps": n_steps,
        "seconds_a_step": {"wall": round(float(wall), 2), "cpu": round(float(cpu), 2)},
        "wall": round(float(wall) * n_steps),
        "cpu": round(float(cpu) * n_steps),
    }


def in_words(line):
    """Return the end of a curve, in words."""
    if line.get("extrapolated"):
        return f"{line['cpu']} CPU s, extrapolated from {line['seconds_a_step']['cpu']} a step"
    return f"{line['psnr']:.2f} dB in {line['cpu']:.0f} CPU s"


def grouped(lines, *names):
    """Group lines by fields, in the order in which they first appear."""
    groups = defaultdict(list)
    for line in lines:
        groups[tuple(name_of(line) if n == "name" else line[n] for n in names)].append(line)
    return groups


def show(lines):
    """Print the ends of all curves, the mean over seeds."""
    print(
        "| denoiser | image | a | seeds | noisy | PSNR, dB | CPU s | wall s |\n" + "|---" * 8 + "|"
    )
    for (name, image, level), group in grouped(lines, "name", "image", "level").items():
        noisy, cpu, wall = (np.mean([x[f] for x in group]) for f in ("noisy_psnr", "cpu", "wall"))
        known = [line["psnr"] for line in group if "psnr" in line]
        quality = f"{np.mean(known):.2f} ± {np.std(known):.2f}" if known else "not trained"
        print(
            f"| {name} | {image} | {level:g} | {len(group)} | {noisy:.2f} | {quality} "
            f"| {cpu:.0f} | {wall:.0f} |"
        )


def draw(lines):
    """Draw PSNR against CPU seconds, an image and level an axis, a denoiser a colour."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    pages = grouped(lines, "image", "level")
    figure = Figure(figsize=(5.5 * len(pages), 4), layout="constrained")
    colours = {name: f"C{n}" for n, (name,) in enumerate(grouped(lines, "name"))}
    for axis, ((image, level), page) in zip(
        figure.subplots(1, len(pages), squeeze=False)[0], pages.items(), strict=True
    ):
        for (name,), group in grouped(page, "name").items():
            draw_denoiser(axis, name, group, colours[name])
        axis.set(xscale="log", xlabel="CPU seconds", ylabel="PSNR (dB)")
        low, high = axis.get_xlim()
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_title(f"{image}, a = {level:g}", fontsize="medium")
        axis.legend(fontsize="x-small")
    return figure


def draw_denoiser(axis, name, lines, colour):
    """Draw the curves of a denoiser, one a seed; a line down where a time is extrapolated."""
    label = name
    for line in lines:
        if line.get("extrapolated"):
            axis.axvline(line["cpu"], color=colour, ls=":", label=f"{name} (extrapolated time)")
            return
        points = [*line["curve"], line]
        seconds, quality = [p["cpu"] for p in points], [p["psnr"] for p in points]
        axis.plot(seconds, quality, color=colour, label=label, lw=1, marker=".", markersize=4)
        axis.plot(seconds[-1], quality[-1], "o", color=colour)
        label = None


if __name__ == "__main__":
    sys.exit(main())
