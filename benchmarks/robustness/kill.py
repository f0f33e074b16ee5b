"""End batches at random moments, and see that no result is half and the next run completes.

    python -m benchmarks.robustness.kill FILE.jsonl --kills 100

Children are forked, so that none has to import. After each, every result is absent or the right
one; at the end `--resume` completes, and no temporary file is left. Besides: two processes that
write one result, and a disk that is full (a limit on the size of files).
"""

import contextlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sk_noise2sr import AdaptiveWiener, datasets
from sk_noise2sr.cli import main as sk_noise2sr
from sk_noise2sr.io import read_image, write_image

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

N_FILES, LONGEST, PATIENCE = 8, 0.2, 20.0  # seconds
SIGNALS = {"SIGKILL": 1.0, "SIGTERM": 0.2, "SIGINT": 0.2}  # shares of --kills
BATCH = ["denoise", "--method", "adaptivewiener"]


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--kills", type=int, default=100)
    arguments = parser.parse_args(argv)
    for name, share in SIGNALS.items():
        report(arguments, {"event": name} | batches(name, round(share * arguments.kills)))
    report(arguments, {"event": "two processes"} | at_once(arguments.kills // 5))
    report(arguments, {"event": "full disk"} | full_disk())


def report(arguments, line):
    line = {"benchmark": "kill", **line}
    append_line(arguments.file, line | provenance())
    print(line, flush=True)


@contextlib.contextmanager
def frames():
    """Yield the words of a batch, its results and what they have to be."""
    with tempfile.TemporaryDirectory() as folder:
        sources = [Path(folder, f"frame{number}.tif") for number in range(N_FILES)]
        for number, source in enumerate(sources):
            write_image(source, datasets.make_hrem((256, 256), random_state=number)[1])
        AdaptiveWiener().fit_transform(read_image(sources[0])[0])  # children import nothing
        words = [*BATCH, *map(str, sources), "-o"]
        run([*words, f"{folder}/right/"])
        right = {each.name: read_image(Path(folder, "right", each.name))[0] for each in sources}
        yield words, Path(folder, "out"), right


def run(words, signal_name=None, after=0.0, limit=None, out=None):
    """Run the command line in a child, send it a signal, and return its exit status.

    The signal comes `after` the next result in `out`: between two results, or within one.
    """
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        code = 70
        try:
            code = sk_noise2sr(words)
        finally:
            os._exit(code)
    if signal_name is not None:
        start, before = time.monotonic(), len(list(out.glob("frame*")))
        while len(list(out.glob("frame*"))) == before and time.monotonic() < start + PATIENCE:
            time.sleep(0.002)
        time.sleep(after)
        os.kill(child, getattr(signal, signal_name))
    return os.waitpid(child, 0)[1]


def half(out, right):
    """Return how many results are there and wrong."""
    return sum(not is_right(out / name, image) for name, image in right.items())


def is_right(path, image):
    try:
        return not path.exists() or np.array_equal(read_image(path)[0], image)
    except (OSError, ValueError):
        return False


def batches(name, n_kills):
    """Kill batches that go on, each where the last one ended; begin anew where all is done."""
    moments, n_half, n_killed, n_written = random.Random(0), 0, 0, 0
    with frames() as (words, out, right):
        for _ in range(n_kills):
            if len(list(out.glob("frame*"))) == N_FILES:
                for path in out.glob("frame*"):
                    path.unlink()
            before = len(list(out.glob("frame*")))
            status = run(
                [*words, f"{out}/", "--resume"], name, moments.uniform(0, LONGEST), out=out
            )
            n_killed += status != 0
            n_written += len(list(out.glob("frame*"))) - before
            n_half += half(out, right)
        left = len(list(out.glob(".sk_noise2sr*")))
        for path in list(out.glob("frame*"))[:1]:
            path.unlink()  # so that the last run writes
        code = run([*words, f"{out}/", "--resume"])
        complete = code == 0 and all((out / each).exists() for each in right)
        rubbish = len(list(out.glob(".sk_noise2sr*")))
        n_half += half(out, right)
    return {
        "runs": n_kills,
        "ended_early": n_killed,
        "results_before_the_end": n_written,
        "half_files": n_half,
        "temporary_before": left,
        "temporary_after": rubbish,
        "resume_completes": complete,
    }


def at_once(n_runs):
    """Let two processes write the same results."""
    n_half = 0
    with frames() as (words, out, right):
        for _ in range(n_runs):
            children = [fork_run([*words, f"{out}/", "--force"]) for _ in range(2)]
            for child in children:
                os.waitpid(child, 0)
            n_half += half(out, right) + sum(not (out / name).exists() for name in right)
        rubbish = len(list(out.glob(".sk_noise2sr*")))
    return {"runs": n_runs, "half_files": n_half, "temporary_after": rubbish}


def fork_run(words):
    child = os.fork()
    if child == 0:
        os._exit(run(words) != 0)
    return child


def full_disk():
    """Write results of 256 KiB where files end at 100 KiB."""
    with frames() as (words, out, right):
        codes = [run([*words, f"{out}/", "--resume"], limit=100 * 1024) for _ in range(3)]
        n_half, rubbish = len(list(out.glob("frame*"))), len(list(out.glob(".sk_noise2sr*")))
        complete = run([*words, f"{out}/", "--resume"]) == 0
        n_half += half(out, right)
    refused = all(os.waitstatus_to_exitcode(code) == 1 for code in codes)
    return {
        "runs": len(codes),
        "refused": refused,
        "half_files": n_half,
        "temporary_after": rubbish,
        "resume_completes": complete,
    }


if __name__ == "__main__":
    sys.exit(main())
