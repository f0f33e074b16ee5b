"""Damage valid files of every format, and see that reading them ends well.

    python -m benchmarks.robustness.fuzz_files FILE.jsonl --mutations 10000

Each mutation is cut short, has bytes flipped, or has a run of bytes replaced; of a folder, one of
its files. It has to be read, or refused by a ValueError or an OSError of one line, within the time.
What was read is compared: "same" pixels, pixels that the mutation itself "struck", and "other"
ones, where a damaged header points elsewhere. A line for each format.
"""

import resource
import signal
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

from sk_noise2sr.io import image_names, read_images, read_provenance, write_image

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

SUFFIXES = [".tif", ".npy", ".hspy", ".mrc", ".zarr"]
SECONDS = 10


class TooLong(BaseException):
    """A read that does not end: no `except Exception` of a library stops it."""


def stop(*_):
    raise TooLong


def mutate(content, rng):
    """Return damaged bytes, and where the damage begins and ends."""
    damaged = bytearray(content)
    kind = rng.integers(3)
    if kind == 0:
        cut = int(rng.integers(1, len(damaged)))
        return bytes(damaged[:cut]), cut, len(damaged)
    # Headers stand at the start or the end, and are where damage hurts.
    near = min(len(damaged), 2048)
    start = int(rng.integers(near)) if rng.random() < 0.7 else int(rng.integers(len(damaged)))
    length = 1 if kind == 1 else int(rng.integers(1, 9))
    end = min(start + length, len(damaged))
    filler = rng.choice([0, 255, -1])
    fresh = rng.integers(0, 256, end - start) if filler < 0 else np.full(end - start, filler)
    damaged[start:end] = fresh.astype(np.uint8).tobytes()
    return bytes(damaged), start, end


def outcome(path, pixels, struck):
    """Read by all entrances; return a word for what came of it."""
    signal.alarm(SECONDS)
    try:
        read_provenance(path)
        image_names(path)
        records = read_images(path)
        if np.array_equal(records[0].data, pixels):
            return "same"
        return "struck" if struck else "other"
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
    pixels = rng.normal(size=(3, 16, 24)).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"frame{suffix}")
        write_image(path, pixels, provenance={"a": 1})
        parts = [each for each in sorted(path.rglob("*")) if each.is_file()] or [path]
        for _ in range(n_mutations):
            part = parts[rng.integers(len(parts))]
            content = part.read_bytes()
            damaged, start, end = mutate(content, rng)
            part.write_bytes(damaged)
            first = content.find(pixels.tobytes())
            # Where pixels are packed, whatever is no text may be theirs.
            inside = first < end and start < first + pixels.nbytes
            struck = inside if first >= 0 else b"{" not in content[:1]
            before = time.process_time()
            word = outcome(path, pixels, struck)
            slowest = max(slowest, time.process_time() - before)
            counts[word] = counts.get(word, 0) + 1
            part.write_bytes(content)
    return {"outcomes": counts, "slowest_cpu_seconds": round(slowest, 3)}


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--mutations", type=int, default=10_000, help="in all")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, stop)
    libraries = {name: version(name) for name in ("tifffile", "h5py", "rosettasciio", "zarr")}
    for suffix in SUFFIXES:
        each = arguments.mutations // len(SUFFIXES)
        line = {"benchmark": "fuzz_files", "suffix": suffix, "mutations": each}
        line |= fuzz(suffix, each, arguments.seed)
        line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        append_line(arguments.file, line | libraries | provenance())
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
