"""PSNR against the seconds that it takes: one JSON line a fit, then a table and a plot.

    D="--images DIR --denoisers noise2sr:fast,noise2sr,vstbm3d --seeds 0,1"
    python -m benchmarks.speed.time_to_quality FILE.jsonl $D
    python -m benchmarks.speed.time_to_quality FILE.jsonl $D --epochs 5,10,20,100
    python -m benchmarks.speed.time_to_quality FILE.jsonl --rst --figure curve.png

A denoiser is named with a preset, ``noise2sr:fast``; without one it is its default. With
"--epochs" each length is a fit of its own, with its whole schedule. CPU seconds are of one process;
on a GPU look at wall seconds.
"""

import sys
from pathlib import Path

import numpy as np

from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.metrics import psnr

from .._lib.arguments import add_changes, add_images, literals, make_parser
from .._lib.images import READOUT, clean_and_noisy, on_images
from .._lib.lines import measure_missing, read_lines
from .._lib.machine import timed
from .._lib.methods import METHODS, accepted, named
from .._lib.tables import grouped, mean, panels, pivot, save_figure, show

KEY = ("denoiser", "parameters", "image", "level", "readout", "seed", "crop")
HEADER = ("denoiser", "image", "a", "seeds", "noisy", "PSNR, dB", "CPU s", "wall s")


def main(argv=None):
    """Measure what is not in the file yet; print a table; draw."""
    parser = make_parser(__doc__)
    add_images(parser, seeds="0,1")
    add_changes(parser)
    parser.add_argument("--denoisers", default="noise2sr", help="names, joined by commas")
    parser.add_argument("--epochs", type=literals, default=[None], help="lengths of a training")
    parser.add_argument("--readout", type=float, default=READOUT, help="b of the noise")
    parser.add_argument("--crop", type=int, help="side of the part in the middle to take")
    parser.add_argument("--figure", type=Path, help="where to draw")
    arguments = parser.parse_args(argv)
    heads = [
        {"denoiser": name, "parameters": parameters, "readout": arguments.readout}
        for name in arguments.denoisers.split(",")
        for parameters in lengths(name, dict(arguments.set), arguments.epochs)
    ]
    heads = [{**head, "crop": arguments.crop} for head in heads]
    failed = measure_missing(arguments.file, KEY, on_images(arguments, heads), measure)
    lines = read_lines(arguments.file)
    if arguments.rst:
        table = pivot([line | shown_as(line) for line in lines], "name", "part", cell)
        show("PSNR in dB, one value a seed; CPU seconds", table, rst=True)
    else:
        show("Quality and time", [HEADER, *rows(lines)])
    if arguments.figure:
        save_figure(draw(lines), arguments.figure)
    return 1 if failed else 0


def lengths(name, changes, epochs):
    """Return the hyperparameters of a denoiser, once for each length if it is trained."""
    estimator_class = METHODS[name.partition(":")[0]]
    changes = accepted(estimator_class, changes)
    if not issubclass(estimator_class, BaseNetworkDenoiser):
        return [changes]
    return [changes if n is None else {**changes, "epochs": n} for n in epochs]


def measure(task):
    """Return the line of one fit."""
    clean, noisy = clean_and_noisy(task)
    name, _, preset = task["denoiser"].partition(":")
    denoiser = named(METHODS[name], preset or "default", task["parameters"], task["seed"])
    fit_wall, fit_cpu, _ = timed(denoiser.fit, noisy)
    wall, cpu, denoised = timed(denoiser.transform, noisy)
    return {
        "noisy_psnr": round(psnr(clean, noisy), 3),
        "psnr": round(psnr(clean, denoised), 3),
        "steps": getattr(denoiser, "n_iter_", 0),
        "wall": round(fit_wall + wall, 2),
        "cpu": round(fit_cpu + cpu, 2),
        "transform_cpu": cpu,
    }


def name_of(line):
    """Return a denoiser and what was changed of it, in words."""
    changes = ",".join(f"{n}={v}" for n, v in line["parameters"].items() if n != "epochs")
    return f"{line['denoiser']} {changes}".strip()


def shown_as(line):
    """Return what tells measurements apart: the denoiser, and the image or the crop of it."""
    part = f"{line['image']}, crop {line['crop']}" if line.get("crop") else line["image"]
    return {"name": name_of(line), "part": part}


def rows(lines):
    """Yield one row for each denoiser, image and level: the mean over seeds."""
    for (_, _, image, level), group in grouped(
        [{**line, **shown_as(line)} for line in lines], "name", "epochs", "part", "level"
    ).items():
        epochs = group[0]["parameters"].get("epochs")
        known = [line["psnr"] for line in group if "psnr" in line]
        quality = f"{np.mean(known):.2f} ± {np.std(known):.2f}" if known else "not trained"
        yield (
            name_of(group[0]) + (f", {epochs} epochs" if epochs else ""),
            image,
            f"{level:g}",
            str(len(group)),
            f"{mean(group, 'noisy_psnr'):.2f}",
            quality,
            f"{mean(group, 'cpu'):.0f}",
            f"{mean(group, 'wall'):.0f}",
        )


def cell(lines):
    """Return what some fits of one denoiser to one image reached, in words."""
    quality = ", ".join(f"{line['psnr']:.2f}" for line in sorted(lines, key=lambda n: n["seed"]))
    return f"{quality} in {mean(lines, 'cpu'):.0f} s"


def draw(lines):
    """Draw PSNR against CPU seconds, an image and level a panel, a denoiser a colour."""
    trained = [{**line, **shown_as(line)} for line in lines if "psnr" in line]
    pages = grouped(trained, "part", "level")
    figure, axes = panels(1, len(pages), 5.5, 4)
    colours = {name: f"C{n}" for n, (name,) in enumerate(grouped(trained, "name"))}
    for axis, ((image, level), page) in zip(axes.flat, pages.items(), strict=True):
        for (name, _), group in grouped(page, "name", "seed").items():
            group = sorted(group, key=lambda line: line["cpu"])
            seconds, quality = zip(*((p["cpu"], p["psnr"]) for p in group), strict=True)
            axis.plot(seconds, quality, "o-", color=colours[name], lw=1)
        axis.set(xscale="log", xlabel="CPU seconds", ylabel="PSNR (dB)")
        axis.set_xticks([2, 5, 10, 20, 50], labels=["2", "5", "10", "20", "50"])
        axis.xaxis.set_minor_formatter("")
        axis.set_title(f"{image}, a = {level:g}", fontsize="small")
    handles = [axes.flat[0].plot([], [], "o", color=c, label=n)[0] for n, c in colours.items()]
    axes.flat[0].legend(handles=handles)
    return figure


if __name__ == "__main__":
    sys.exit(main())
