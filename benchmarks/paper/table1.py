"""Print measured figures beside those of the paper's Table I.

    python benchmarks/paper/table1.py FILE.jsonl

Published values are means over five images whose noisy PSNR differs by 8 dB; a folder with other
images has another mean. The gain over the noisy image is what compares.
"""

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from lines import read_lines

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf8"))
HEADER = (
    "| method | a | image | n | PSNR | SSIM | gain | CPU s | wall s | MB "
    "| published PSNR / SSIM | published gain |"
)


def main(argv=None):
    """Print the table."""
    paths = (sys.argv[1:] if argv is None else argv) or ["-h"]
    if paths[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    groups = defaultdict(list)
    for path in paths:
        for line in read_lines(Path(path)):
            name = f"{line['method']} {describe(line['parameters'])}".strip()
            for image in (line["image"], "mean"):
                groups[name, line["method"], line["level"], image].append(line)
    print(HEADER)
    print("|" + " --- |" * HEADER.count(" | ") + " --- |")
    for key in sorted(groups, key=str):
        print(row(*key, groups[key]))
    return 0


def describe(parameters):
    """Return hyperparameters as words."""
    return ", ".join(f"{name}={value}" for name, value in sorted(parameters.items()))


def row(name, method, level, image, lines):
    """Return one row of the table: the mean over lines, with the spread over seeds or images."""

    def mean(field):
        return statistics.fmean(line[field] for line in lines)

    def total(clock):
        return statistics.fmean(line[f"fit_{clock}"] + line[f"transform_{clock}"] for line in lines)

    spread = statistics.pstdev(line["psnr"] for line in lines)
    published, gain = published_figures(method, level) if image == "mean" else ("", "")
    cells = [
        name,
        f"{level:g}",
        image,
        str(len(lines)),
        f"{mean('psnr'):.2f} ± {spread:.2f}",
        f"{mean('ssim'):.4f}",
        f"{mean('psnr') - mean('noisy_psnr'):.2f}",
        f"{total('cpu'):.0f}",
        f"{total('wall'):.0f}",
        f"{max(line['peak_mb'] for line in lines)}",
        published,
        gain,
    ]
    return f"| {' | '.join(cells)} |"


def published_figures(method, level):
    """Return the published mean and its gain over the published noisy row, as words."""
    table = EXPECTED["table1"]
    key = f"{level:g}"
    if key not in table.get(method, {}):
        return "not published", ""
    (psnr, ssim), noisy = table[method][key], table["noisy"][key][0]
    return f"{psnr:.2f} / {ssim:.4f}", f"{psnr - noisy:.2f}"


if __name__ == "__main__":
    sys.exit(main())
