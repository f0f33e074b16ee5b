"""What other people's denoisers make of the same noisy images, and in how many seconds.

    python -m benchmarks.peers.run FILE.jsonl --images DIR --levels 0.05 --crop 256
    python -m benchmarks.peers.run FILE.jsonl --images DIR --peers absf,opencv:nl_means
    python -m benchmarks.peers.run FILE.jsonl --frame crystal.tif --part 320:576,320:576 --whole
    python -m benchmarks.peers.run FILE.jsonl --rst

Each peer gets an environment of its own below --environments, made by uv where it is missing
("pip install uv": pip alone looks for versions that fit for an hour); what cannot be installed is
said, and leaves a line that says so; delete it to try again. Without
--images or --frame the file is printed as a table. A peer runs on one thread. PSNR and SSIM are
those of the middle of a simulated image, "gain" is in dB, as other views of a real crystal judge.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import find_siblings, psnr, ssim

from .._lib.arguments import add_images, add_rst, make_parser
from .._lib.images import clean_and_noisy, on_images
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, mean, pivot, show
from .peers import PEERS

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
KEY = ("peer", "image", "level", "seed", "crop", "part", "whole")
SHOWN = ("psnr", "ssim", "gain", "cpu", "wall")


def main(argv=None):
    """Measure what the file has not, and print it."""
    parser = make_parser(__doc__)
    add_images(parser)
    parser.add_argument("--crop", type=int, help="side of the middle of each image, all without")
    add_rst(parser)
    parser.add_argument("--frame", type=Path, help="a real micrograph of a crystal")
    parser.add_argument("--part", metavar="Y0:Y1,X0:X1", help="of the frame, what is judged")
    parser.add_argument("--whole", action="store_true", help="denoise all of the frame")
    parser.add_argument("--peers", default=",".join(PEERS), help="names joined by commas")
    parser.add_argument("--environments", type=Path, default=Path(".peers"), help="a folder")
    arguments = parser.parse_args(argv)
    heads = [{"peer": name} for name in arguments.peers.split(",")]
    tasks = list(on_images(arguments, [{**head, "crop": arguments.crop} for head in heads]))
    if arguments.frame:
        where = {"image": arguments.frame.name, "path": str(arguments.frame)}
        how = {"part": arguments.part, "whole": arguments.whole or None}
        tasks += [{**head, **where, **how} for head in heads]
    failed = measure_missing(arguments.file, KEY, tasks, partial(measure, arguments.environments))
    (print_pages if arguments.rst else print_table)(read_lines(arguments.file))
    return 1 if failed else 0


def measure(environments, task):
    """Return the line of one peer on one image."""
    peer = PEERS[task["peer"]]
    python, why = environment(peer, environments)
    if why is not None:
        return {"licence": peer.licence, "failed": why}
    noisy, judge = (_real if "part" in task else _simulated)(task)
    denoised, seconds = run(python, peer.function, noisy.astype(np.float32))
    if denoised is None:
        return {"licence": peer.licence, "failed": seconds}
    judged = {name: round(float(value), 4) for name, value in judge(denoised).items()}
    return {"licence": peer.licence} | judged | seconds


def _simulated(task):
    """Return a noisy image, and a function that judges a result."""
    clean, noisy = clean_and_noisy(task)
    return noisy, lambda result: {"psnr": psnr(clean, result), "ssim": ssim(clean, result)}


def _real(task):
    """Return the same of a real frame, or of its part."""
    part = tuple(slice(*map(int, side.split(":"))) for side in task["part"].split(","))
    frame = read_image(task["path"])[0]
    siblings = find_siblings(frame, *part)
    if task["whole"]:
        return frame, lambda result: {"gain": siblings.gain(result[part])}
    return siblings.noisy, lambda result: {"gain": siblings.gain(result)}


def environment(peer, folder):
    """Return the interpreter of a peer, and None, or why there is none."""
    if not peer.packages:
        return sys.executable, None
    place = folder.resolve() / peer.packages[-1]
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (place / "installed").exists():
        uv, pinned = [sys.executable, "-m", "uv"], ["-c", str(ROOT / "constraints.txt")]
        _call([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(place)])
        instead = place / "instead.txt"
        instead.write_text("\n".join(peer.instead))
        pinned += ["--override", str(instead)]
        install = ["pip", "install", "-q", "--python", str(python), *pinned, *peer.packages]
        ended = _call([*uv, *install])
        if ended.returncode:
            return None, f"cannot be installed: {_last_line(ended.stderr)}"
        place.joinpath("installed").touch()
    return python, None


def run(python, function, noisy, code=ROOT, n_threads=1):
    """Return the result of a peer and its seconds, or None and why it has none.

    Our own denoisers are those of the package in the folder `code`.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder, "noisy.npy"), Path(folder, "out.npy")
        np.save(source, noisy)
        ended = _call([python, str(WORKER), function, str(source), str(output)], code, n_threads)
        if ended.returncode:
            return None, _last_line(ended.stderr)
        return np.load(output).astype(float), json.loads(ended.stdout.splitlines()[-1])


def _call(command, code=ROOT, n_threads=1):
    paths = {"PYTHONPATH": str(code)} if command[0] == sys.executable else {}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(n_threads))
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **threads, **paths}, check=False
    )


def _last_line(text):
    return ([line for line in text.splitlines() if line.strip()] or ["no reason given"])[-1][:300]


def print_table(lines):
    """Print the mean over images of each peer, and what failed."""
    table = [("peer", "crop", "a", "images", *SHOWN)]
    for (name, crop, level), group in grouped(lines, "peer", "crop", "level").items():
        done = [line for line in group if "failed" not in line]
        cells = [_cell([line for line in done if field in line], field) for field in SHOWN]
        table.append((name, str(crop or "-"), str(level or "-"), str(len(done)), *cells))
    show("Peers", table)
    for line in lines:
        if "failed" in line:
            print(f"{line['peer']} on {line['image']}: {line['failed']}")


def print_pages(lines):
    """Print a table of the simulated images, and one of the real ones, for the docs.

    The lead is that of Noise2SR over a peer, on the image where the peer comes closest.
    """
    simulated = [{**line, "under": _under(line)} for line in lines if "psnr" in line]
    ours = {
        (line["under"], line["image"]): line["psnr"]
        for line in simulated
        if line["peer"] == "noise2sr"
    }
    title = "Mean PSNR in dB, least lead of Noise2SR, CPU seconds"
    show(title, pivot(simulated, "peer", "under", partial(_beside, ours)), rst=True)
    real = [{**line, "seen": _seen(line)} for line in lines if "gain" in line]
    show(
        "Gain by siblings, dB", pivot(real, "peer", "seen", partial(_cell, field="gain")), rst=True
    )


def _under(line):
    size = "whole" if line["crop"] is None else f"{line['crop']} x {line['crop']}"
    return f"{size}, a = {line['level']:g}"


def _seen(line):
    return line["image"] + (", whole" if line.get("whole") else "")


def _beside(ours, lines):
    lead = min(ours[line["under"], line["image"]] - line["psnr"] for line in lines)
    n_images = sum(under == lines[0]["under"] for under, _ in ours)
    few = f" ({len(lines)} of {n_images})" if len(lines) < n_images else ""
    return f"{mean(lines, 'psnr'):.1f} / {lead:+.1f} / {mean(lines, 'cpu'):.1f}{few}"


def _cell(lines, field):
    digits = {"ssim": 3}.get(field, 1)
    return f"{mean(lines, field):.{digits}f}" if lines else "-"


if __name__ == "__main__":
    sys.exit(main())
