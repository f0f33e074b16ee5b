"""Damage valid files of every format, and see that reading them ends well.

    python -m benchmarks.robustness.fuzz_files FILE.jsonl --mutations 10000 [--seeds DIR]

Each mutation is cut short, has bytes flipped, a run of bytes replaced, or one put in that nests or
repeats what is there; of a folder, one of its files. It has to be read, or refused by a ValueError
or an OSError of one line, within the time. What was read is compared:

- "same" pixels;
- "struck": bytes that the mutation altered are pixels, and were read as such;
- "warned": other pixels, of which a warning tells;
- "retold": the header tells another image of the same bytes, and nothing in the file contradicts
  it, as far as the library of the format knows: no reader could tell it from a valid one;
- "other": wrong pixels without a word.

A line for each format; files in DIR, such as those of microscopes, are damaged too.
"""

import logging
import math
import resource
import signal
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tifffile

from sk_noise2sr.io import image_names, read_images, read_provenance, write_image
from tests.io.conftest import write_dm, write_ser, write_velox

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

# What reads faster is damaged more often.
SHARES = {".tif": 35, ".npy": 20, ".zarr": 10, ".mrc": 8, ".hspy": 8, ".ser": 6}
SHARES |= {".dm3": 5, ".dm4": 5, ".emd": 6}
WRITERS = {
    ".dm3": lambda path, pixels: write_dm(path, pixels, 0.02, "nm", 3),
    ".dm4": lambda path, pixels: write_dm(path, pixels, 0.02, "nm", 4),
    ".ser": lambda path, pixels: write_ser(path, pixels, 2e-11),
    ".emd": lambda path, pixels: write_velox(path, {"HAADF": (np.moveaxis(pixels, 0, 2), 2e-11)}),
}
SECONDS, PATIENCE = 10, 120  # of the processor; by the clock, for reads that wait
NESTED = (b"[", b'{"a":')
LONGEST = 4096  # bytes put in, at most


class TooLong(BaseException):
    """A read that does not end: no `except Exception` of a library stops it."""


def stop(*_):
    raise TooLong


def mutate(content, rng):
    """Return damaged bytes, and where in the old ones the damage begins and ends."""
    kind = rng.integers(4)
    if kind == 0:
        cut = int(rng.integers(1, len(content)))
        return content[:cut], cut, len(content)
    # Headers stand at the start or the end, and are where damage hurts.
    near = min(len(content), 2048)
    start = int(rng.integers(near)) if rng.random() < 0.7 else int(rng.integers(len(content)))
    if kind == 1:
        return content[:start] + more(content, start, rng) + content[start:], start, len(content)
    length = 1 if kind == 2 else int(rng.integers(1, 9))
    end = min(start + length, len(content))
    filler = rng.choice([0, 255, -1])
    fresh = rng.integers(0, 256, end - start) if filler < 0 else np.full(end - start, filler)
    return content[:start] + fresh.astype(np.uint8).tobytes() + content[end:], start, end


def more(content, start, rng):
    """Return what to put in: brackets without end, or what stands there once again."""
    if rng.random() < 0.5:
        opening = NESTED[rng.integers(2)]
        return opening * int(rng.integers(1, LONGEST // len(opening)))
    return content[start : start + int(rng.integers(1, LONGEST))]


def outcome(path, pixels, struck):
    """Read by all entrances; return a word for what came of it."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            read_provenance(path)
            image_names(path)
            records = read_images(path)
        return compared(path, records, pixels, struck, warned)
    except (ValueError, OSError) as error:
        return "refused" if "\n" not in str(error) else "long message"
    except TooLong:
        return "hang"
    except Exception as error:
        return f"traceback {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


def compared(path, records, pixels, struck, warned):
    found = [record.data for record in records]
    if len(found) == len(pixels) and all(map(np.array_equal, found, pixels)):
        return "same"
    if struck and like(found, pixels):
        return "struck"
    if warned:
        return "warned"
    whole = sum(each.nbytes for each in found) == sum(each.nbytes for each in pixels)
    return "retold" if whole and not doubted(path) else "other"


def doubted(path):
    """Return whether the library of TIFF remarks anything on a file; those of others do not."""
    if path.suffix != ".tif":
        return False
    remarks = logging.Handler()
    heard = []
    remarks.emit = heard.append
    logging.getLogger("tifffile").addHandler(remarks)
    try:
        tifffile.imread(path)
    finally:
        logging.getLogger("tifffile").removeHandler(remarks)
    return bool(heard)


def seeds(folder, given):
    """Yield valid files with their share of the mutations."""
    pixels = np.random.default_rng(0).normal(size=(3, 16, 24)).astype("float32")
    about = {"a": 1, "nested": {"b": {"c": [[1, [2, {"d": "e"}]]]}}}
    for suffix, share in SHARES.items():
        path = Path(folder, f"frame{suffix}")
        write = WRITERS.get(suffix, lambda path, data: write_image(path, data, provenance=about))
        write(path, pixels)
        yield path, share
    for source in sorted(given.iterdir()) if given else ():
        if source.suffix.lower() in {".tif", *WRITERS}:
            path = Path(folder, source.name)
            path.write_bytes(source.read_bytes())
            yield path, 1


def fuzz(path, n_mutations, rng):
    """Return how often what came of it, and the longest time."""
    counts, slowest = {}, 0.0
    pixels = [record.data for record in read_images(path)]
    parts = [each for each in sorted(path.rglob("*")) if each.is_file()] or [path]
    spans = {part: spans_of(part, pixels) for part in parts}
    for _ in range(n_mutations):
        part = parts[rng.integers(len(parts))]
        content = part.read_bytes()
        damaged, start, end = mutate(content, rng)
        part.write_bytes(damaged)
        struck = len(damaged) == len(content)
        struck &= any(first < end and start < last for first, last in spans[part])
        before = time.process_time()
        word = outcome(path, pixels, struck)
        slowest = max(slowest, time.process_time() - before)
        counts[word] = counts.get(word, 0) + 1
        part.write_bytes(content)
    return {"outcomes": counts, "slowest_cpu_seconds": round(slowest, 3)}


def spans_of(part, pixels):
    """Return where rows of pixels begin and end; packed ones fill a file of their own."""
    content = part.read_bytes()
    rows = [row for image in pixels for row in image.reshape(-1, image.shape[-1])]
    rows = [each.tobytes() for row in rows for each in (row, row.byteswap())]
    places = [(place, place + len(row)) for row in rows if (place := content.find(row)) >= 0]
    if places or content[:1] == b"{" or part.suffix:
        return places
    return [(0, len(content))]


def like(found, pixels):
    return [(each.shape, each.dtype) for each in found] == [
        (each.shape, each.dtype) for each in pixels
    ]


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--mutations", type=int, default=10_000, help="in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=Path, metavar="DIR", help="further files to damage")
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGPROF, stop)
    logging.getLogger().addHandler(logging.NullHandler())
    libraries = {name: version(name) for name in ("tifffile", "h5py", "rosettasciio", "zarr")}
    rng = np.random.default_rng(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        found = list(seeds(folder, arguments.seeds))
        total = sum(share for _, share in found)
        for path, share in found:
            n_mutations = math.ceil(arguments.mutations * share / total)
            line = {"benchmark": "fuzz_files", "file": path.name, "mutations": n_mutations}
            line |= fuzz(path, n_mutations, rng)
            line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            append_line(arguments.file, line | libraries | provenance())
            print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
