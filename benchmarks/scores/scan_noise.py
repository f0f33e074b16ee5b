"""What helps where the noise is correlated along rows: one JSON line a denoiser and scene.

    python -m benchmarks.scores.scan_noise FILE.jsonl --epochs 20
    python -m benchmarks.scores.scan_noise FILE.jsonl --rst

Scenes are simulated dark-field STEM: with afterglow of the detector (make_stem, detector_blur), or
with offsets of whole rows as strong as the noise of a pixel.
"""

import sys
import time

import numpy as np

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR
from sk_noise2sr.datasets import make_stem
from sk_noise2sr.metrics import psnr

from .._lib.arguments import add_rst, make_parser
from .._lib.lines import measure_missing, read_lines
from .._lib.tables import grouped, mean, pivot, show

KEY = ("fit", "scene", "epochs", "side")
SCENES = {
    "te blur=1": ("te", 1.0, False, 1),
    "te blur=2": ("te", 2.0, False, 2),
    "mfi blur=1": ("mfi", 1.0, False, 1),
    "te offsets": ("te", 0.0, True, 4),
    "te": ("te", 0.0, False, 4),
}


def main(argv=None):
    """Measure what is not in the file yet; print the table."""
    parser = make_parser(__doc__)
    add_rst(parser)
    parser.add_argument("--epochs", type=int, default=48)
    parser.add_argument("--side", type=int, default=192)
    parser.add_argument("--scenes", default=",".join(SCENES))
    parser.add_argument("--fits", default=",".join(make_fits(1)))
    arguments = parser.parse_args(argv)
    tasks = [
        {"fit": fit, "scene": scene, "epochs": arguments.epochs, "side": arguments.side}
        for scene in arguments.scenes.split(",")
        for fit in arguments.fits.split(",")
    ]
    failed = measure_missing(arguments.file, KEY, tasks, measure)
    lines = read_lines(arguments.file)
    table = pivot(lines, "fit", "scene", lambda group: f"{mean(group, 'psnr'):.1f}")
    noisy = [f"{mean(group, 'noisy_psnr'):.1f}" for group in grouped(lines, "scene").values()]
    table.insert(1, ("noisy", *noisy))
    show("PSNR in dB", table, arguments.rst)
    return 1 if failed else 0


def make_fits(epochs):
    """Return denoisers by name."""
    shared = {"epochs": epochs, "random_state": 0, "verbose": 0}
    return {
        "wiener": AdaptiveWiener(15),
        "vstbm3d": VSTBM3D(),
        "default": Noise2SR(**shared),
        "default refine=False": Noise2SR(refine=False, **shared),
        "stride=3 refine=False": Noise2SR(3, refine=False, **shared),
        "rows": Noise2SR(sampling="rows", **shared),
        "rows refine=False": Noise2SR(sampling="rows", refine=False, **shared),
    }


def measure(task):
    """Return the line of one denoiser on one scene."""
    crystal, blur, offsets, seed = SCENES[task["scene"]]
    fit, side = task["fit"], task["side"]
    pair = make_stem(crystal, (side, side), detector_blur=blur, random_state=seed)
    clean, noisy = (image.astype(float) for image in pair)
    if offsets:
        strength = (noisy - clean).std()
        noisy += strength * np.random.default_rng(seed).normal(size=(side, 1))
    start = time.process_time()
    denoised = make_fits(task["epochs"])[fit].fit_transform(noisy)
    return {
        "noisy_psnr": psnr(clean, noisy),
        "psnr": psnr(clean, denoised),
        "cpu": round(time.process_time() - start, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
