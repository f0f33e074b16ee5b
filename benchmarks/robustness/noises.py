"""Twenty kinds of noise on six scenes: the default against a Gaussian blur and its own network.

    python -m benchmarks.robustness.noises FILE.jsonl --scenes all
    python -m benchmarks.robustness.noises FILE.jsonl --scenes camera --counts 1 --kinds moved
    python -m benchmarks.robustness.noises FILE.jsonl --scenes page --counts 100 --kinds poisson
    python -m benchmarks.robustness.noises FILE.jsonl

The middle 192 x 192 pixels of the simulated micrographs, of ``make_hrem`` and of a photograph, at a
mean of so many counts a pixel. ``blur`` is the best of seven Gaussians: only the clean image tells
which. The table has the mean over scenes, and how often the default is behind the blur.
"""

import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, median_filter, rotate, zoom
from skimage import data

from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr

from .._lib.arguments import literals, make_parser
from .._lib.images import INSTRUMENTS, middle_of
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, mean, show

SIDE = 192
IMAGES = Path(__file__).parents[1] / "images"
SCENES = (*(path.stem for path in sorted(IMAGES.glob("*.tif"))), "hrem", "camera")
WIDTHS = (0.5, 0.8, 1.2, 2, 3, 5, 8)
KEY = ("scene", "counts", "kind")
_DRAWS = 400  # of a frame, whose mean is what a median expects
FIELDS = ("noisy", "blur", "network", "refined", "vstbm3d")


def main(argv=None):
    """Measure what is not in the file yet; print the table."""
    parser = make_parser(__doc__)
    named = f"all, or of {', '.join(SCENES)}, and images of skimage.data"
    parser.add_argument("--scenes", default="", help=named)
    parser.add_argument("--counts", type=literals, default=[1, 8], help="joined by commas")
    parser.add_argument("--kinds", default=",".join(KINDS), help="joined by commas")
    arguments = parser.parse_args(argv)
    scenes = SCENES if arguments.scenes == "all" else filter(None, arguments.scenes.split(","))
    tasks = [
        {"scene": scene, "counts": counts, "kind": kind}
        for scene in scenes
        for counts in arguments.counts
        for kind in arguments.kinds.split(",")
    ]
    failed = measure_missing(arguments.file, KEY, tasks, measure)
    table = [("noise", "counts", "scenes", *FIELDS, "behind the blur")]
    for (kind, counts), lines in grouped(read_lines(arguments.file), "kind", "counts").items():
        cells = (f"{mean(lines, field):.1f}" for field in FIELDS)
        behind = sum(line["refined"] < line["blur"] for line in lines)
        table.append((kind, str(counts), str(len(lines)), *cells, str(behind)))
    show("PSNR in dB, mean over scenes", table)
    return 1 if failed else 0


def measure(task):
    """Return the line of one scene under one noise."""
    rng = np.random.default_rng([zlib.crc32(task["scene"].encode()), task["counts"]])
    clean, noisy = KINDS[task["kind"]](scene(task["scene"]), task["counts"], rng)
    denoiser = Noise2SR(random_state=0, verbose=0).fit(noisy)
    refined = denoiser.transform(noisy)
    results = {
        "noisy": noisy,
        "network": denoiser.set_params(refine=False).transform(noisy),
        "refined": refined,
        "vstbm3d": VSTBM3D().fit_transform(noisy),
    }
    blurred = max(psnr(clean, gaussian_filter(noisy, width)) for width in WIDTHS)
    line = {name: round(psnr(clean, image), 2) for name, image in results.items()}
    return line | {"blur": round(blurred, 2), "binning": denoiser.binning_}


def scene(name):
    """Return a clean image of mean 1."""
    if name == "hrem":
        image = make_hrem((SIDE, SIDE), dose=np.inf, random_state=3)[0]
    elif hasattr(data, name):
        image = getattr(data, name)()
        image = image.mean(axis=2) if image.ndim == 3 else image
    else:
        image = read_image(IMAGES / f"{name}.tif")[0]
    image = middle_of(image.astype(float), SIDE)
    return image / image.mean()


def poisson(clean, counts, rng):
    """Count, and nothing else."""
    return clean, rng.poisson(np.maximum(clean, 0) * counts) / counts


def moved(clean, counts, rng):
    """Move by half a pixel, by linear interpolation."""
    pair = poisson(clean, counts, rng)
    return tuple(map(INSTRUMENTS["moved"], pair))


def spread(clean, counts, rng):
    """Spread each count as a camera does."""
    return tuple(map(INSTRUMENTS["spread"], poisson(clean, counts, rng)))


def read_out(clean, counts, rng):
    """Spread each count less, and add white noise of a tenth of its deviation."""
    spread_out = [gaussian_filter(image, 0.7) for image in poisson(clean, counts, rng)]
    return spread_out[0], spread_out[1] + 0.1 / np.sqrt(counts) * rng.normal(size=clean.shape)


def smoothed(clean, counts, rng):
    """Smooth the frame before it is saved."""
    return tuple(gaussian_filter(image, 1.2) for image in poisson(clean, counts, rng))


def median(clean, counts, rng):
    """Take a 3 x 3 median before the frame is saved; clean is the mean of such frames."""
    frames = [median_filter(poisson(clean, counts, rng)[1], 3) for _ in range(_DRAWS)]
    return np.mean(frames[1:], axis=0), frames[0]


def rotated(clean, counts, rng):
    """Turn by 7 degrees, by linear interpolation."""
    turn = partial(rotate, angle=7, reshape=False, order=1, mode="reflect")
    return tuple(map(turn, poisson(clean, counts, rng)))


def enlarged(clean, counts, rng):
    """Double the middle by cubic splines."""
    pair = poisson(middle_of(clean, SIDE // 2), counts, rng)
    return tuple(zoom(image, 2, order=3) for image in pair)


def rows(clean, counts, rng):
    """Add offsets of whole rows, a third as strong as the noise."""
    _, noisy = poisson(clean, counts, rng)
    return clean, noisy + 0.3 / np.sqrt(counts) * rng.normal(size=(SIDE, 1))


def shaded(clean, counts, rng):
    """Light one pair of corners four times as much as the other."""
    ramp = np.linspace(-1, 1, SIDE)
    return poisson(clean * (1 + 0.6 * np.outer(ramp, ramp)), counts, rng)


def half_vacuum(clean, counts, rng):
    """Leave nothing on one side."""
    clean = clean.copy()
    clean[:, : SIDE // 2] = clean.min()
    return poisson(clean, counts, rng)


def clipped(clean, counts, rng):
    """Clip the brightest two in a hundred."""
    _, noisy = poisson(clean, counts, rng)
    return clean, np.minimum(noisy, np.quantile(noisy, 0.98))


def coarse(clean, counts, rng):
    """Leave twelve levels of intensity."""
    _, noisy = poisson(clean, counts, rng)
    noisy = noisy + 0.3 / np.sqrt(counts) * rng.normal(size=noisy.shape)
    step = np.ptp(noisy) / 12
    return clean, np.round(noisy / step) * step


def hot(clean, counts, rng):
    """Make five in a thousand pixels hot."""
    _, noisy = poisson(clean, counts, rng)
    return clean, noisy + (rng.random(noisy.shape) < 0.005) * rng.exponential(30, noisy.shape)


def laplace(clean, counts, rng):
    """Add noise of heavy tails, of one strength everywhere."""
    return clean, clean + rng.laplace(size=clean.shape) / np.sqrt(2 * counts)


def pink(clean, counts, rng):
    """Add normal noise, the stronger the lower the frequency: its power falls as 1 / f."""
    return clean, clean + _falling(clean.shape, 1, rng) / np.sqrt(counts)


def integrated(clean, counts, rng):
    """Add noise as it is once a gradient was integrated (iDPC): its power falls as 1 / f**2."""
    return clean, clean + _falling(clean.shape, 2, rng) / np.sqrt(counts)


def _falling(shape, exponent, rng):
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1]))
    frequency[0, 0] = np.inf
    white = np.fft.rfft2(rng.normal(size=shape))
    noise = np.fft.irfft2(white * frequency ** (-exponent / 2), shape)
    return noise / noise.std()


def inverted(clean, counts, rng):
    """Invert the contrast: what is bright has the least noise."""
    _, noisy = poisson(clean, counts, rng)
    return noisy.max() - clean, noisy.max() - noisy


def interlaced(clean, counts, rng):
    """Lift every other row by 0.4 times the noise, as the two fields of a video differ."""
    lifted = 0.4 / np.sqrt(counts) * (np.arange(len(clean)) % 2)[:, np.newaxis]
    return clean + lifted.mean(), poisson(clean, counts, rng)[1] + lifted


def aligned(clean, counts, rng):
    """Average eight frames that drift: at two borders there are fewer of them."""
    places = np.add(4, np.indices(clean.shape))
    seen = [(places[0] > 4 * number) & (places[1] > 3 * number) for number in range(8)]
    total = sum(frame * rng.poisson(np.maximum(clean, 0) * counts / 8) for frame in seen)
    return clean, 8 * total / (counts * sum(seen))


KINDS = {
    function.__name__: function
    for function in (
        poisson,
        moved,
        spread,
        read_out,
        smoothed,
        median,
        rotated,
        enlarged,
        rows,
        shaded,
        half_vacuum,
        clipped,
        coarse,
        hot,
        laplace,
        inverted,
        aligned,
        interlaced,
        pink,
        integrated,
    )
}


if __name__ == "__main__":
    sys.exit(main())
