"""The code of this checkout against that of another commit: the same noisy images, in turn.

    python -m benchmarks.speed.against FILE.jsonl --commit b2fe026 --images DIR
    python -m benchmarks.speed.against FILE.jsonl --commit b2fe026 --images DIR --denoisers fast
    python -m benchmarks.speed.against FILE.jsonl --commit b2fe026 --images DIR --threads 2
    python -m benchmarks.speed.against FILE.jsonl --rst

CPU seconds of a machine that others use too differ by half from hour to hour. Here, for each image,
the default denoiser of the other commit runs just before those of this checkout, each in a process
of its own, on one thread. With --threads these use so many, and the other as many of them as it
takes by itself. Imports are not counted. The table has ratios of CPU and wall-clock seconds and
differences of PSNR, first all images, then each; for the docs, all only.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from sk_noise2sr.metrics import psnr

from .._lib.arguments import add_images, add_rst, make_parser
from .._lib.images import clean_and_noisy, on_images
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, mean, show
from ..peers.run import ROOT, run

KEY = ("denoiser", "against", "image", "level", "seed", "crop", "n_threads")
HEADER = (
    "denoiser",
    "against",
    "image",
    "fits",
    "threads",
    "CPU s, there",
    "CPU s, here",
    "ratio",
    "ratio of wall time",
    "dB",
    "least dB",
)


def main(argv=None):
    """Measure what is not in the file yet; print the table."""
    parser = make_parser(__doc__)
    add_images(parser)
    parser.add_argument("--commit", help="the other commit; needed with --images")
    parser.add_argument("--denoisers", default="default,fast,instant", help="of benchmarks.peers")
    parser.add_argument(
        "--threads", type=int, dest="n_threads", help="that this code uses; one without"
    )
    parser.add_argument("--crop", type=int, help="side of the middle of each image, all without")
    add_rst(parser)
    arguments = parser.parse_args(argv)
    if arguments.images and not arguments.commit:
        parser.error("--images needs a --commit to compare with")
    same = {name: getattr(arguments, name) for name in ("crop", "n_threads")}
    heads = [
        {"denoiser": name, "against": arguments.commit, **same}
        for name in arguments.denoisers.split(",")
    ]
    tasks = grouped(on_images(arguments, heads), "image", "level", "seed").values()
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "code")
        if arguments.images:
            check_out(arguments.commit, code)
        failed = measure_missing(arguments.file, KEY, tasks, partial(measure, code))
    table = [HEADER, *rows(read_lines(arguments.file))]
    if arguments.rst:  # of all images together, without their name and that of the commit
        table = [(cells[0], *cells[4:]) for cells in table if cells[2] in ("image", "all")]
    show("Against another commit", table, arguments.rst)
    return 1 if failed else 0


def check_out(commit, folder):
    """Write the package as it was at a commit into a folder."""
    command = ["git", "-C", str(ROOT), "archive", "--format=zip", commit, "sk_noise2sr"]
    ended = subprocess.run(command, capture_output=True, check=False)
    if ended.returncode:
        sys.exit(f"Expected --commit to be one of this clone, got {commit!r}.")
    with zipfile.ZipFile(io.BytesIO(ended.stdout)) as files:
        files.extractall(folder)


def measure(code, tasks):
    """Return the lines of some denoisers of this checkout, beside the default of the other."""
    clean, noisy = clean_and_noisy(tasks[0])
    n_threads = tasks[0]["n_threads"] or 1
    there = seconds_and_psnr(code, "untouched", clean, noisy, n_threads)
    here = [seconds_and_psnr(ROOT, task["denoiser"], clean, noisy, n_threads) for task in tasks]
    return [{"there": there, "here": line} for line in here]


def seconds_and_psnr(code, name, clean, noisy, n_threads):
    """Return what a denoiser of some code makes of an image."""
    noisy = noisy.astype(np.float32)
    denoised, seconds = run(sys.executable, f"own:{name}", noisy, code, n_threads)
    if denoised is None:
        raise RuntimeError(seconds)
    return {"psnr": round(psnr(clean, denoised), 3), **seconds}


def rows(lines):
    """Yield one row a denoiser and number of threads for all images, and one for each."""
    for line in lines:
        there, here = line["there"], line["here"]
        line |= {"before": there["cpu"], "after": here["cpu"]}
        line |= {"n_threads": line.get("n_threads") or 1}
        line |= {time: here[time] / there[time] for time in ("cpu", "wall")}
        line |= {"db": here["psnr"] - there["psnr"]}
    for (*names, n_threads), group in grouped(lines, "denoiser", "against", "n_threads").items():
        yield row(*names, "all", n_threads, group)
        for (image,), part in grouped(group, "image").items():
            yield row(*names, image, n_threads, part)


def row(name, commit, image, n_threads, lines):
    """Return one row: means, and the least difference."""
    cells = (f"{mean(lines, field):.1f}" for field in ("before", "after"))
    ratios = (f"{mean(lines, field):.2f}" for field in ("cpu", "wall"))
    least = min(line["db"] for line in lines)
    shown = (*ratios, f"{mean(lines, 'db'):+.2f}", f"{least:+.2f}")
    return (name, commit, image, str(len(lines)), str(n_threads), *cells, *shown)


if __name__ == "__main__":
    sys.exit(main())
