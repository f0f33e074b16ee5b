"""What the ablations share: measure what is missing, group lines, print beside the paper.

A fit serves several lines where they differ in what ``transform`` does alone, such as M: seconds
and memory of the fit are then those of one and the same fit. A line serves all ablations that
ask for its hyperparameters, by name or by default.
"""

import dataclasses
import functools
import itertools
import json
import statistics
from pathlib import Path

from sk_noise2sr import Training

from .._lib.arguments import add_changes, add_images, literals, make_parser
from .._lib.images import clean_and_noisy, on_images
from .._lib.lines import measure_missing, read_lines
from .._lib.machine import timed
from .._lib.methods import BUDGETS, make_denoiser
from .._lib.tables import grouped, mean, panels, save_figure, show
from .run import measured
from .table1 import EXPECTED

# The images of the paper whose figures it gives one by one, and the level of these.
NUMBERS = {"ptceo2_1": "1", "ptceo2_2": "2"}
PUBLISHED_LEVEL = 0.05


def parse(description, argv, **defaults):
    """Read the command line of an ablation."""
    parser = make_parser(description)
    add_images(parser, seeds="0,1")
    add_changes(parser)
    parser.add_argument("--budget", choices=list(BUDGETS), default="short")
    parser.add_argument("--binning", type=literals, default="1", help="such as 1,auto")
    for name, value in defaults.items():
        kind = {"type": literals} if name in ("strides", "epochs", "draws") else {}
        parser.add_argument(f"--{name}", default=value, help=f"default: {value}", **kind)
    return parser.parse_args(argv)


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
    fits = [
        {"method": method, "parameters": parameters | dict(arguments.set), "then": then}
        for method, parameters, then in on_grids(variants, arguments.binning)
    ]
    tasks = on_images(arguments, [{**fit, "budget": arguments.budget} for fit in fits])
    measure_missing(arguments.file, key_of, map(heads_of, tasks), measure)
    wanted = {
        settings_of(head): head["parameters"]
        for budget, fit in itertools.product(BUDGETS, fits)
        for head in heads_of({**fit, "budget": budget})
    }
    return [
        {**line, "parameters": wanted[settings_of(line)]}
        for line in read_lines(arguments.file)
        if settings_of(line) in wanted
    ]


def on_grids(variants, binnings):
    """Yield variants on each grid; nothing refines, as published."""
    for method, parameters, then in variants:
        for binning in binnings:
            yield method, {**parameters, "binning": binning, "refine": False}, then


def heads_of(task):
    """Return the heads of the lines that one fit serves."""
    heads = []
    for change in task["then"]:
        parameters = {name: value for name, value in change.items() if name != "repeat"}
        head = {name: value for name, value in task.items() if name != "then"}
        head |= {"fit": task["parameters"], "repeat": change.get("repeat", 0)}
        heads.append({**head, "parameters": task["parameters"] | parameters})
    return heads


def measure(heads):
    """Fit once, and transform after each change."""
    clean, noisy = clean_and_noisy(heads[0])
    denoiser = make_denoiser({**heads[0], "parameters": heads[0]["fit"]})
    fitted = timed(denoiser.fit, noisy)
    fit, lines = denoiser.fit_, []
    for head in heads:
        denoiser.set_params(**head["parameters"])
        denoiser.fit_ = dataclasses.replace(fit, seed=fit.seed + head["repeat"])
        transformed = timed(denoiser.transform, noisy)
        lines.append(measured(clean, noisy, denoiser, fitted, transformed))
    return lines


def key_of(line):
    """Return what makes two lines the same measurement."""
    return settings_of(line), line["image"], line["level"], line["seed"]


def settings_of(line):
    """Return what lines share that differ in image, level and seed alone."""
    method, budget = line["method"], line["budget"]
    named = json.dumps(line["parameters"], sort_keys=True)
    return method, budget, all_parameters(method, budget, named), line.get("repeat", 0)


@functools.cache
def all_parameters(method, budget, named):
    """Return all hyperparameters as JSON, from those that are named in JSON."""
    task = {"method": method, "budget": budget, "seed": 0, "parameters": json.loads(named)}
    parameters = make_denoiser(task).get_params(deep=False)
    training = (parameters.pop("training", None) or Training()).get_params()
    return json.dumps([parameters, training], sort_keys=True)


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


def tell(name, arguments, variants, header, rows):
    """Measure what is missing, print a table for each page, and return the pages."""
    told = dict(pages(lines_of(arguments, variants)))
    for title, page in told.items():
        show(f"{name}, {title}", [header, *rows(page)], arguments.rst)
    for text in EXPECTED["known_misprints"].get(name, ()):
        print(f"\nNote on the paper: {text}.")
    return told


def draw(arguments, told, curves, xlabel, spread=spread, fields=("psnr",)):
    """Draw a row of panels for each page; `curves` yields labels and points, (x, lines)."""
    if not told:
        return
    figure, axes = panels(len(told), len(fields))
    for (title, page), row in zip(told.items(), axes, strict=True):
        for axis, field in zip(row, fields, strict=True):
            for label, points in curves(page):
                x, groups = zip(*points, strict=True)
                means = [mean(group, field) for group in groups]
                spreads = [spread(group, field) for group in groups]
                axis.errorbar(x, means, spreads, marker="o", capsize=3, label=label)
            axis.set(xscale="log", xlabel=xlabel, ylabel=field.upper())
            axis.legend()
        row[0].set_title(title, loc="left", fontsize="small")
    save_figure(figure, arguments.figure)
