"""Print measured figures beside those of the paper's Table I, image by image.

    python -m benchmarks.paper.table1 [--rst] FILE.jsonl ...

Published values are means over five images whose noisy PSNR differs by 8 dB. What compares is the
gain over the noisy image: the column "paper" is the published gain on top of the noisy PSNR of
the image at hand. "to Noise2SR" is the mean of differences on the same noisy image.
"""

import argparse
import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from .._lib.lines import read_lines
from .._lib.tables import mean, show

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf8"))
OURS = ({}, {"binning": "auto"}, {"binning": 1, "refine": False})
HEADER = (
    "method", "budget", "n", "paper, dB", "PSNR, dB", "SSIM", "to Noise2SR, dB", "CPU s", "MB",
)  # fmt: skip


def main(argv=None):
    """Print one table for each level and image, and one for the mean over the images."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    lines = [line for path in arguments.files for line in read_lines(path)]
    for (level, image), group in tables(lines).items():
        noisy = statistics.fmean(line["noisy_psnr"] for line in group)
        title = f"a = {level:g}, {image}: noisy {noisy:.2f} dB"
        show(title, [HEADER, *rows(level, group)], arguments.rst)
    return 0


def tables(lines):
    """Group lines by level and image; a mean over the images where there are several."""
    groups = defaultdict(list)
    for line in lines:
        groups[line["level"], line["image"]].append(line)
    for level in {line["level"] for line in lines}:
        images = [group for (other, _), group in groups.items() if other == level]
        if len(images) > 1:
            groups[level, "mean of the images"] = [line for group in images for line in group]
    return dict(sorted(groups.items(), key=lambda item: (-item[0][0], item[0][1])))


def rows(level, lines):
    """Return the rows of a table, best first within each column of binning."""
    methods = defaultdict(list)
    for line in lines:
        methods[name_of(line), line.get("budget", "short")].append(line)
    ours = {
        pair_of(line): line["psnr"]
        for line in lines
        if line["method"] == "noise2sr" and line["parameters"] in OURS
    }
    ranked = sorted(methods.items(), key=lambda item: (column(item[1]), -mean(item[1], "psnr")))
    return [row(level, name, budget, group, ours) for (name, budget), group in ranked]


def row(level, name, budget, lines, ours):
    """Return one row: the mean over lines, with the population spread over seeds and images."""
    spread = f" ± {statistics.pstdev(line['psnr'] for line in lines):.2f}" if lines[1:] else ""
    differences = [line["psnr"] - ours[pair_of(line)] for line in lines if pair_of(line) in ours]
    cpu = statistics.fmean(line["fit_cpu"] + line["transform_cpu"] for line in lines)
    return (
        name,
        budget,
        str(len(lines)),
        published(lines[0]["method"], level, mean(lines, "noisy_psnr")),
        f"{mean(lines, 'psnr'):.2f}{spread}",
        f"{mean(lines, 'ssim'):.4f}",
        f"{statistics.fmean(differences):+.2f}" if differences else "",
        f"{cpu:.0f}",
        f"{max(line['peak_mb'] for line in lines)}",
    )


def column(lines):
    """Return the column that lines stand in: binned, on the full grid, trained on other images."""
    if "trained_on" in lines[0]["parameters"]:
        return 2
    return 0 if lines[0]["parameters"].get("binning") == "auto" else 1


def name_of(line):
    """Return a method and its hyperparameters, in words."""
    changes = ", ".join(f"{name}={value}" for name, value in sorted(line["parameters"].items()))
    return f"{line['method']} {changes}".strip()


def pair_of(line):
    """Return what two lines share that are compared: the noisy image and the grid.

    A method without binning is compared with Noise2SR on the full grid.
    """
    binning = line["parameters"].get("binning", "auto" if line["method"] == "noise2sr" else 1)
    return line["image"], line["level"], line["seed"], str(binning)


def published(method, level, noisy_psnr):
    """Return the published gain on top of the noisy PSNR at hand, in words."""
    table = EXPECTED["table1"]
    key = f"{level:g}"
    if key not in table.get(method, {}):
        return ""
    return f"{table[method][key][0] - table['noisy'][key][0] + noisy_psnr:.2f}"


if __name__ == "__main__":
    sys.exit(main())
