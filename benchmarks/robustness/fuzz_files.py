"""Damage valid files of every format, and see that reading them ends well.

    python benchmarks/robustness/fuzz_files.py FILE.jsonl --mutations 10000

Each mutation is cut short, has bytes flipped, or has a run of bytes replaced. It has to be read, or
refused by a ValueError or an OSError of one line, within the time. Whether pixels are right is not
compared: a damaged number in a header can point to other bytes. A line of JSON for each format.
"""

import argparse
import json
import platform
import resource
import signal
import subprocess
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

from sk_noise2sr.io import image_names, read_images, read_provenance, write_image

SUFFIXES = [".tif", ".npy", ".hspy", ".mrc"]
SECONDS = 10


class TooLong(BaseException):
    """A read that does not end: no `except Exception` of a library stops it."""


def stop(*_):
    raise TooLong


def mutate(content, rng):
    """Return damaged bytes."""
    damaged = bytearray(content)
    kind = rng.integers(3)
    if kind == 0:
        return bytes(damaged[: rng.integers(1, len(damaged))])
    # Headers stand at the start or the end, and are where damage hurts.
    near = min(len(damaged), 2048)
    start = int(rng.integers(near)) if rng.random() < 0.7 else int(rng.integers(len(damaged)))
    length = 1 if kind == 1 else int(rng.integers(1, 9))
    end = min(start + length, len(damaged))
    filler = rng.choice([0, 255, -1])
    fresh = rng.integers(0, 256, end - start) if filler < 0 else np.full(end - start, filler)
    damaged[start:end] = fresh.astype(np.uint8).tobytes()
    return bytes(damaged)


def outcome(path):
    """Read by all entrances; return a word for what came of it."""
    signal.alarm(SECONDS)
    try:
        read_provenance(path)
        image_names(path)
        records = read_images(path)
        whole = all(each.data.ndim in (2, 3) and each.data.size for each in records)
        return "read" if whole else "wrong"
    except (ValueError, OSError) as error:
        return "refused" if "\n" not in str(error) else "long message"
    except TooLong:
        return "hang"
    except Exception as error:
        return f"traceback {type(error).__name__}"
    finally:
        signal.alarm(0)


def fuzz(suffix, n_mutations, seed):
    """Return how often what came of it, and the longest time."""
    rng = np.random.default_rng(seed)
    counts, slowest = {}, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"frame{suffix}")
        write_image(path, rng.normal(size=(3, 16, 24)).astype("float32"), provenance={"a": 1})
        content = path.read_bytes()
        for _ in range(n_mutations):
            path.write_bytes(mutate(content, rng))
            start = time.process_time()
            word = outcome(path)
            slowest = max(slowest, time.process_time() - start)
            counts[word] = counts.get(word, 0) + 1
    return {"outcomes": counts, "slowest_cpu_seconds": round(slowest, 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--mutations", type=int, default=10_000, help="in all")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, stop)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    machine = {"machine": platform.machine(), "python": platform.python_version(), "commit": commit}
    versions = {name: version(name) for name in ("numpy", "tifffile", "h5py", "rosettasciio")}
    for suffix in SUFFIXES:
        each = arguments.mutations // len(SUFFIXES)
        line = {"benchmark": "fuzz_files", "suffix": suffix, "mutations": each}
        line |= fuzz(suffix, each, arguments.seed)
        line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        with open(arguments.file, "a", encoding="utf8") as file:
            file.write(json.dumps({**line, **machine, **versions}) + "\n")
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
