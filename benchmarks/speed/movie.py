"""Frames a second and memory of a movie, from store to store, frame by frame.

    python -m benchmarks.speed.movie FILE.jsonl --frames 2000 --side 256 --folder DIR
    python -m benchmarks.speed.movie FILE.jsonl --suffix .hspy --set refine=False --folder DIR

Adds a JSON line: frames a second, and memory in use at frame 100 and at the end. The movie,
DIR/movie_FRAMES_SIDE.zarr, is made once.
"""

import shutil
import sys
import time
from pathlib import Path

import numpy as np

from sk_noise2sr.io import open_frames, write_frames
from sk_noise2sr.lazy import denoise_frames

from .._lib.arguments import add_changes, make_parser
from .._lib.lines import measure_missing
from .._lib.machine import resident
from .._lib.methods import METHODS, named

ASKED = ("frames", "side", "suffix", "method")
KEY = ("benchmark", *ASKED, "parameters", "run")


class Watched:
    """Frames that note the memory in use whenever one is asked for."""

    def __init__(self, frames):
        self.frames, self.shape, self.dtype = frames, frames.shape, frames.dtype
        self.resident = []

    def __getitem__(self, number):
        self.resident.append(resident())
        return self.frames[number]


def make_movie(path, n_frames, side):
    rng = np.random.default_rng(0)
    wave = 8 + 4 * np.sin(np.arange(side) / 3)

    def frames():
        for number in range(n_frames):
            yield rng.poisson(np.roll(wave, number)[:, None] + wave).astype(np.float32)

    write_frames(path, frames(), (n_frames, side, side))


def main(argv=None):
    """Measure one movie."""
    parser = make_parser(__doc__)
    add_changes(parser)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--folder", type=Path, default=Path("movies"))
    parser.add_argument("--method", default="noise2sr", choices=sorted(METHODS))
    parser.add_argument("--suffix", default=".zarr", choices=[".hspy", ".zarr"])
    parser.add_argument("--run", type=int, default=1, help="number of this measurement")
    arguments = parser.parse_args(argv)
    arguments.folder.mkdir(exist_ok=True, parents=True)
    task = {name: getattr(arguments, name) for name in (*ASKED, "run")}
    task |= {"benchmark": "movie", "parameters": dict(arguments.set)}
    task["path"] = str(arguments.folder)
    return measure_missing(arguments.file, KEY, [task], measure)


def measure(task):
    """Fit on two frames, and denoise all."""
    folder, suffix = Path(task["path"]), task["suffix"]
    source = folder / f"movie_{task['frames']}_{task['side']}{suffix}"
    target = folder / f"denoised{suffix}"
    if not source.exists():
        make_movie(source, task["frames"], task["side"])
    short = {"M": 4, "epochs": 5}
    denoiser = named(METHODS[task["method"]], "default", task["parameters"], 0, short)
    with open_frames(source) as frames:
        denoiser.fit(np.stack([frames[0], frames[len(frames) // 2]]))
    cpu = time.process_time()
    seconds, memory = time_one_by_one(denoiser, source, target)
    line = {
        "frames_per_cpu_second": round(task["frames"] / (time.process_time() - cpu), 2),
        "resident_mb_at_100": round(memory[min(100, len(memory) - 1)] / 1e6),
        "resident_mb_at_end": round(memory[-1] / 1e6),
    }
    line["frames_per_second"] = round(task["frames"] / seconds, 2)
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    return line


def time_one_by_one(denoiser, source, target):
    with open_frames(source) as frames:
        watched = Watched(frames)
        start = time.perf_counter()
        denoise_frames(denoiser, watched, target, overwrite=True)
        return time.perf_counter() - start, watched.resident


if __name__ == "__main__":
    sys.exit(main())
