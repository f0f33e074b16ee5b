"""What neighbours in time bring on simulated movies: one JSON line a movie and way, then a table.

    python -m benchmarks.scores.movies FILE.jsonl --seeds 0,1
    python -m benchmarks.scores.movies FILE.jsonl --movies rotation:0.3 --ways context0,context2

A movie is named with the lag of its camera, ``still:0.3``. Ways: ``context`` with the number of
frames on each side; ``mean5``, the default on means of five; ``noise2noise`` between neighbours;
``vstbm3d`` frame by frame. ``kept`` is the share of the hop of a still movie that is found in its
own frame, ``leaked`` the largest in the frames before and after.
"""

import sys

import numpy as np

from sk_noise2sr import VSTBM3D, Noise2Noise, Noise2SR, datasets
from sk_noise2sr.metrics import psnr

from .._lib.arguments import literals, make_parser
from .._lib.lines import measure_missing, read_lines
from .._lib.machine import timed
from .._lib.tables import grouped, mean, show

KEY = ("movie", "way", "seed", "side", "frames")
HEADER = ("movie", "size", "way", "seeds", "PSNR, dB", "kept", "leaked", "fit, s", "transform, s")


def main(argv=None):
    """Measure what is not in the file yet; print a table."""
    parser = make_parser(__doc__)
    parser.add_argument("--movies", default="still,drift,rotation,rotation:0.3")
    parser.add_argument("--ways", default="context0,context2,mean5,noise2noise,vstbm3d")
    parser.add_argument("--side", type=int, default=256, help="of a frame, in pixels")
    parser.add_argument("--frames", type=int, default=15)
    parser.add_argument("--seeds", type=literals, default=[0])
    arguments = parser.parse_args(argv)
    heads = [
        {
            "movie": movie,
            "way": way,
            "seed": seed,
            "side": arguments.side,
            "frames": arguments.frames,
        }
        for movie in arguments.movies.split(",")
        for way in arguments.ways.split(",")
        for seed in arguments.seeds
    ]
    failed = measure_missing(arguments.file, KEY, heads, measure)
    groups = grouped(read_lines(arguments.file), "movie", "way", "side", "frames")
    show("Movies", [HEADER, *(row(*names, lines) for names, lines in groups.items())])
    return 1 if failed else 0


def row(movie, way, side, frames, lines):
    """Return a row of the table."""
    hops = [f"{mean(lines, name):.2f}" if name in lines[0] else "" for name in ("kept", "leaked")]
    seconds = [f"{mean(lines, name):.1f}" for name in ("fit_seconds", "transform_seconds")]
    size = f"{frames} x {side} x {side}"
    return movie, size, way, str(len(lines)), f"{mean(lines, 'psnr'):.2f}", *hops, *seconds


def measure(task):
    """Denoise one movie in one way."""
    kind, _, lag = task["movie"].partition(":")
    clean, noisy = datasets.make_movie(
        kind,
        (task["side"],) * 2,
        task["frames"],
        lag=float(lag or 0),
        random_state=task["seed"],
    )
    denoiser, shown, pairs = way_of(task["way"])(task, noisy)
    _, fit_seconds, _ = timed(denoiser.fit, *pairs)
    _, transform_seconds, denoised = timed(denoiser.transform, shown)
    line = {
        "psnr": float(np.mean([psnr(*pair) for pair in zip(clean, denoised, strict=True)])),
        "fit_seconds": fit_seconds,
        "transform_seconds": transform_seconds,
    }
    return line | (hop(clean, denoised) if kind == "still" and not lag else {})


def hop(clean, denoised):
    """Return which share of the hop is in its own frame, and in those beside it."""
    number = len(clean) // 2
    change = clean[number] - clean[0]
    shares = [
        float(np.sum((denoised[other] - clean[0]) * change) / np.sum(change**2))
        for other in (number - 1, number, number + 1)
    ]
    return {"kept": shares[1], "leaked": max(map(abs, shares[::2]))}


def with_context(task, noisy):
    """See a frame with others."""
    reach = int(task["way"].removeprefix("context"))
    return Noise2SR(context=reach, random_state=task["seed"], verbose=0), noisy, (noisy,)


def of_means(task, noisy):
    """Denoise the mean of five frames, or of those there are."""
    means = [noisy[max(0, n - 2) : n + 3].mean(axis=0) for n in range(len(noisy))]
    means = np.stack(means)
    return Noise2SR(random_state=task["seed"], verbose=0), means, (means,)


def between_neighbours(task, noisy):
    """Learn each frame from the next."""
    denoiser = Noise2Noise(random_state=task["seed"], verbose=0)
    return denoiser, noisy, (noisy[:-1], noisy[1:])


def frame_by_frame(task, noisy):
    """Match blocks."""
    return VSTBM3D(), noisy, (noisy,)


def way_of(name):
    """Return what a way does."""
    ways = {"mean5": of_means, "noise2noise": between_neighbours, "vstbm3d": frame_by_frame}
    return ways.get(name, with_context)


if __name__ == "__main__":
    sys.exit(main())
