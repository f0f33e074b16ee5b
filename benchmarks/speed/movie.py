"""Frames a second and memory of a movie, from store to store; frame by frame or on dask workers.

python benchmarks/speed/movie.py --frames 2000 --side 256 --folder DIR
python benchmarks/speed/movie.py --frames 60 --folder DIR --workers 1
python benchmarks/speed/movie.py --frames 60 --folder DIR --workers 2
python benchmarks/speed/movie.py --suffix .hspy --set refine=False --folder DIR

prints a JSON line: frames a second, and memory in use at frame 100 and at the end, or, with
workers, the CPU seconds of each: where other programs share the cores, the busiest worker tells
how long the movie would take on free ones. The movie, DIR/movie_FRAMES_SIDE.zarr, is made once.
"""

import argparse
import os
import shutil
import time
from pathlib import Path

import numpy as np
from report import add_out, report

from sk_noise2sr import denoisers
from sk_noise2sr.cli._methods import find_methods, make_denoiser
from sk_noise2sr.cli._options import literal
from sk_noise2sr.io import open_frames, write_frames
from sk_noise2sr.lazy import denoise_frames, denoise_on_cluster


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--folder", type=Path, default=Path("movies"))
    parser.add_argument("--method", default="noise2sr", choices=sorted(find_methods()))
    parser.add_argument("--suffix", default=".zarr", choices=[".hspy", ".zarr"])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--workers", type=int, default=0, help="0: frame by frame, without dask")
    add_out(parser)
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True, parents=True)
    suffix = arguments.suffix
    source = arguments.folder / f"movie_{arguments.frames}_{arguments.side}{suffix}"
    target = arguments.folder / f"denoised{suffix if not arguments.workers else '.zarr'}"
    if not source.exists():
        make_movie(source, arguments.frames, arguments.side)
    named = {name: literal(value) for name, value in (pair.split("=") for pair in arguments.set)}
    parameters = {"M": 4, "epochs": 5, "random_state": 0, "verbose": 0} | named
    denoiser = make_denoiser(find_methods()[arguments.method], **parameters)
    names = ("frames", "side", "suffix", "method", "workers")
    line = {name: getattr(arguments, name) for name in names} | {"parameters": parameters}
    with open_frames(source) as frames:
        denoiser.fit(np.stack([frames[0], frames[len(frames) // 2]]))
    if arguments.workers:
        seconds, cpu = time_workers(denoiser, source, target, arguments.workers)
        line["cpu_seconds_of_workers"] = [round(each, 1) for each in cpu]
        line["frames_per_cpu_second_of_the_busiest"] = round(arguments.frames / max(cpu), 2)
    else:
        cpu = time.process_time()
        seconds, memory = time_one_by_one(denoiser, source, target)
        line["frames_per_cpu_second"] = round(arguments.frames / (time.process_time() - cpu), 2)
        line["resident_mb_at_100"] = round(memory[min(100, len(memory) - 1)] / 1e6)
        line["resident_mb_at_end"] = round(memory[-1] / 1e6)
    line["frames_per_second"] = round(arguments.frames / seconds, 2)
    report("movie", line, arguments.out)
    shutil.rmtree(target) if target.is_dir() else target.unlink()


def time_one_by_one(denoiser, source, target):
    with open_frames(source) as frames:
        watched = Watched(frames)
        start = time.perf_counter()
        denoise_frames(denoiser, watched, target, overwrite=True)
        return time.perf_counter() - start, watched.resident


def time_workers(denoiser, source, target, n_workers):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(lambda: denoisers.Noise2SR)  # torch is awake before the clock runs
        before = client.run(time.process_time)
        start = time.perf_counter()
        denoise_on_cluster(denoiser, source, target, client, overwrite=True)
        seconds = time.perf_counter() - start
        after = client.run(time.process_time)
        return seconds, [after[worker] - before[worker] for worker in after]


if __name__ == "__main__":
    main()
