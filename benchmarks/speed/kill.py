"""Kill the batch command at random moments, and read what stands under final names.

python benchmarks/speed/kill.py --kills 20 --files 600 --suffix .tif

starts `sk-noise2sr denoise ... --resume` again and again and ends it by SIGKILL, reads all that is
there after each, and lets the last run finish. Prints a JSON line: kills, files that were whole,
files that were not, those that the last run found done, and all that there were in the end.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from report import add_out, report

from sk_noise2sr.io import read_image

SIDE = 256


def start(sources, target, suffix):
    words = [*map(str, sources), "-o", f"{target}/", "--resume", "--suffix", suffix, "--json"]
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", "--method", "adaptivewiener"]
    return subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def visible(target):
    if not target.is_dir():
        return []
    return sorted(path for path in target.iterdir() if not path.name.startswith("."))


def is_whole(path):
    try:
        return read_image(path)[0].shape == (SIDE, SIDE)
    except (OSError, ValueError):
        return False


def wait_for_work(target, process):
    """Wait until the program writes: most of its first second is imports."""
    before = set(os.listdir(target)) if target.is_dir() else set()
    while process.poll() is None and (not target.is_dir() or set(os.listdir(target)) == before):
        time.sleep(0.001)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--suffix", default=".tif")
    parser.add_argument("--seed", type=int, default=None)
    add_out(parser)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        asked = {name: getattr(arguments, name) for name in ("kills", "files", "suffix")}
        report("kill", asked | run(Path(folder), arguments, rng), arguments.out)


def run(folder, arguments, rng):
    sources = [folder / f"{number:04}.npy" for number in range(arguments.files)]
    for source in sources:
        np.save(source, rng.normal(size=(SIDE, SIDE)).astype(np.float32))
    target = folder / "clean"
    looked_at, broken, kills = 0, [], 0
    for _ in range(arguments.kills):
        process = start(sources, target, arguments.suffix)
        wait_for_work(target, process)
        time.sleep(rng.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        done = visible(target)
        broken += [path.name for path in done if not is_whole(path)]
        looked_at += len(done)
    process = start(sources, target, arguments.suffix)
    lines = [json.loads(line) for line in process.communicate()[0].splitlines()]
    return {
        "killed_at_work": kills,
        "files_looked_at": looked_at,
        "broken": broken,
        "skipped_by_the_last": sum(line["status"] == "skipped" for line in lines),
        "exit_code_of_the_last": process.returncode,
        "whole_in_the_end": sum(map(is_whole, visible(target))),
    }


if __name__ == "__main__":
    main()
