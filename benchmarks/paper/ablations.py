"""What the ablations share: measure what is missing, group lines, print beside the paper.

A fit serves several lines where they differ in what ``transform`` does alone, such as M: seconds
and memory of the fit are then those of one and the same fit. A line serves all ablations that
ask for its hyperparameters, by name or by default.
"""

import argparse
import functools
import itertools
import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

import run
from lines import append_line, read_lines
from table1 import EXPECTED, mean, show_markdown, show_rst

from sk_noise2sr.io import read_image
from sk_noise2sr.noise import PoissonGaussian

# The images of the paper whose figures it gives one by one, and the level of these.
NUMBERS = {"ptceo2_1": "1", "ptceo2_2": "2"}
PUBLISHED_LEVEL = 0.05


def parse(description, argv, **defaults):
    """Read the command line of an ablation."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument(
        "--images", type=Path, help="folder of clean images: measure what the file has not"
    )
    parser.add_argument("--levels", default="0.05", help="values of a, joined by commas")
    parser.add_argument("--seeds", default="0,1", help="seeds, joined by commas")
    parser.add_argument("--budget", choices=list(run.BUDGETS), default="short")
    parser.add_argument("--binning", default="1", help="such as 1,auto; the paper's is 1")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="hyperparameters to change"
    )
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", default=value, help=f"default: {value}")
    arguments = parser.parse_args(argv)
    if arguments.images and not run.images_in(arguments.images):
        parser.error(f"{arguments.images} holds no image ({', '.join(sorted(run.SUFFIXES))})")
    return arguments


def literals(text):
    """Return the values that a text joined by commas stands for."""
    return [run.literal(part) for part in text.split(",")]


def lines_of(arguments, variants):
    """Return the lines of an ablation that the file has, after measuring what is missing.

    Parameters
    ----------
    arguments : argparse.Namespace
        What :func:`parse` returned.
    variants : list of (str, dict, list of dict)
        For each fit the method, its hyperparameters, and what is changed after the fit for each
        of its lines. A change named ``repeat`` is added to the seed of the draws.

    Returns
    -------
    list of dict
        Lines of these variants, of any image, level, seed and budget.
    """
    changes = dict(pair.split("=", 1) for pair in arguments.set)
    changes = {name: run.literal(text) for name, text in changes.items()}
    variants = [
        (method, {**changes, **parameters, "binning": binning, "refine": False}, then)
        for method, parameters, then in variants
        for binning in literals(arguments.binning)
    ]
    if arguments.images:
        for task in make_tasks(arguments, variants):
            measure_missing(task, arguments.file)
    wanted = {}
    for budget, (method, parameters, then) in itertools.product(run.BUDGETS, variants):
        fit = {"method": method, "parameters": parameters, "budget": budget}
        for line in (changed(fit, change) for change in then):
            wanted[settings_of(line)] = line["parameters"]
    return [
        {**line, "parameters": wanted[settings_of(line)]}
        for line in read_lines(arguments.file)
        if settings_of(line) in wanted
    ]


def settings_of(line):
    """Return what lines share that differ in image, level and seed alone."""
    method, budget = line["method"], line["budget"]
    parameters = json.dumps(line["parameters"], sort_keys=True)
    return method, budget, all_parameters(method, budget, parameters), line.get("repeat", 0)


@functools.cache
def all_parameters(method, budget, named):
    """Return all hyperparameters as JSON, from those that are named in JSON."""
    task = {"method": method, "budget": budget, "seed": 0, "parameters": json.loads(named)}
    return json.dumps(run.make_denoiser(task).get_params(), sort_keys=True)


def make_tasks(arguments, variants):
    """Yield the fits that were asked for."""
    for path in run.images_in(arguments.images):
        for level in literals(arguments.levels):
            for seed in literals(arguments.seeds):
                for method, parameters, then in variants:
                    yield {
                        "method": method,
                        "parameters": parameters,
                        "then": then,
                        "image": path.name,
                        "level": float(level),
                        "seed": seed,
                        "budget": arguments.budget,
                        "path": str(path),
                    }


def measure_missing(task, file):
    """Append the lines of a fit that the file has not."""
    done = {key_of(line) for line in read_lines(file)}
    then = [change for change in task["then"] if key_of(changed(task, change)) not in done]
    if not then:
        return
    try:
        lines = run.measure_alone({**task, "then": then}, measure)
    except (RuntimeError, ValueError, MemoryError) as error:
        print(f"{name_of(task)} on {task['image']} failed: {error}", file=sys.stderr)
        return
    for line in lines:
        append_line(file, line)
        print(f"{name_of(line)}: {line['image']} {line['psnr']:.2f} dB", file=sys.stderr)


def measure(task):
    """Fit once, and transform after each change."""
    clean = read_image(task["path"])[0].astype(float)
    noise = PoissonGaussian(task["level"], run.READOUT)
    noisy = noise.sample(clean, run.noise_generator(task))
    denoiser = run.make_denoiser(task)
    fitted = run.timed(denoiser.fit, noisy)
    seed, lines = denoiser.seed_, []
    for change in task["then"]:
        denoiser.set_params(**without_repeat(change)).seed_ = seed + change.get("repeat", 0)
        transformed = run.timed(denoiser.transform, noisy)
        line = changed(task, change)
        lines.append(
            run.make_line(line, clean, noisy, denoiser, fitted, transformed)
            | {"repeat": line["repeat"]}
        )
    return lines


def changed(task, change):
    """Return the head of the line that a change leads to."""
    parameters = {**task["parameters"], **without_repeat(change)}
    return {**task, "parameters": parameters, "repeat": change.get("repeat", 0)}


def without_repeat(change):
    """Return the hyperparameters among what is changed after a fit."""
    return {name: value for name, value in change.items() if name != "repeat"}


def key_of(line):
    """Return what makes two lines the same measurement."""
    return settings_of(line), line["image"], line["level"], line["seed"]


def name_of(line, without=("refine",)):
    """Return a method and its hyperparameters, in words."""
    shown = {name: value for name, value in line["parameters"].items() if name not in without}
    return f"{line['method']} {', '.join(f'{n}={v}' for n, v in sorted(shown.items()))}".strip()


def grouped(lines, *names):
    """Group lines by fields or hyperparameters, in the order in which they first appear."""
    groups = defaultdict(list)
    for line in lines:
        groups[tuple(line["parameters"].get(name, line.get(name)) for name in names)].append(line)
    return groups


def pages(lines):
    """Yield a title and lines for each level, binning, budget and image, and for all images."""
    for (level, binning, budget), group in grouped(lines, "level", "binning", "budget").items():
        images = grouped(group, "image")
        if len(grouped(complete(group), "image")) > 1:
            images["mean of the images",] = balanced(complete(group))
        for (image,), page in images.items():
            noisy = f"{mean(page, 'noisy_psnr'):.2f} dB"
            yield f"a = {level:g}, binning {binning}, {budget}, {image}: noisy {noisy}", page


def complete(lines):
    """Return the lines of the noisy images that have most of them: what may be averaged."""
    groups = grouped(lines, "image", "seed").values()
    most = max(map(len, groups))
    return [line for group in groups if len(group) == most for line in group]


def balanced(lines):
    """Return the lines of the seeds that all images have."""
    images = grouped(lines, "image").values()
    seeds = set.intersection(*({line["seed"] for line in group} for group in images))
    return [line for line in lines if line["seed"] in seeds]


def quality(lines):
    """Return PSNR with its spread over seeds, if there are several, and SSIM, in words."""
    several = f" ± {spread(lines):.2f}" if len(grouped(lines, "seed")) > 1 else ""
    return f"{mean(lines, 'psnr'):.2f}{several}", f"{mean(lines, 'ssim'):.4f}"


def spread(lines, field="psnr"):
    """Return the standard deviation over seeds; how images differ is left out."""
    images = {image: mean(group, field) for (image,), group in grouped(lines, "image").items()}
    return statistics.pstdev(line[field] - images[line["image"]] for line in lines)


def difference(lines, reference):
    """Return by how much lines surpass those of another variant on the same noisy images."""
    there = {noisy_image(line): line["psnr"] for line in reference}
    gains = [
        line["psnr"] - there[noisy_image(line)] for line in lines if noisy_image(line) in there
    ]
    if not gains:
        return ""
    several = f" ± {statistics.pstdev(gains):.2f}" if gains[1:] else ""
    return f"{statistics.fmean(gains):+.2f}{several}"


def noisy_image(line):
    """Return what two lines share that are compared."""
    return line["image"], line["level"], line["seed"]


def published_mean(table, name, lines):
    """Return the published gain over the noisy image on top of the noisy PSNR at hand."""
    key = f"{lines[0]['level']:g}"
    if key not in EXPECTED[table].get(name, {}):
        return ""
    gain = EXPECTED[table][name][key][0] - EXPECTED[table]["noisy"][key][0]
    return f"{gain + mean(lines, 'noisy_psnr'):.2f}"


def published_image(table, name, lines):
    """Return the published figures of images 1 and 2, known by their names, at level 0.05."""
    numbers = {NUMBERS.get(Path(line["image"]).stem) for line in lines}
    number, row = numbers.pop(), EXPECTED[table].get(name, {})
    if numbers or number not in row or lines[0]["level"] != PUBLISHED_LEVEL:
        return ""
    psnr, ssim, *misprint = row[number]
    return f"{psnr:.2f} / {ssim:.4f}{' (misprint?)' if misprint else ''}"


def cpu_seconds(lines):
    """Return the mean CPU seconds of a fit and a transform, in words."""
    return f"{mean(lines, 'fit_cpu') + mean(lines, 'transform_cpu'):.1f}"


def show(title, table, arguments):
    """Print a table."""
    (show_rst if arguments.rst else show_markdown)(title, table)


def show_misprints(table):
    """Print what is known to be wrong in a table of the paper."""
    for text in EXPECTED["known_misprints"][table]:
        print(f"\nNote on the paper: {text}.")


def save_figure(figure, path):
    """Write a figure and say where."""
    figure.savefig(path, dpi=150, bbox_inches="tight")
    print(path, file=sys.stderr)
