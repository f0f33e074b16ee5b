"""The same bits wherever a fit runs, and results that follow gain and offset.

    python -m benchmarks.robustness.repeat FILE.jsonl

One line a denoiser: whether threads, other processes, a saved fit and tiles give the same bits, and
the largest departure from ``gain * result + offset``, in shares of the range of the result.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from sk_noise2sr import VSTBM3D, ZSN2N, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.persistence import load, save

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

SHORT = {"epochs": 1, "random_state": 0, "verbose": 0}
DENOISERS = {
    "adaptivewiener": AdaptiveWiener,
    "vstbm3d": VSTBM3D,
    "zsn2n": partial(ZSN2N, **SHORT),
    "noise2sr": partial(Noise2SR, M=4, **SHORT),
}
GAINS = (1e-6, 1e-3, 1e3, 1e6)
OFFSETS = (1e2, 1e4, 1e6)  # standard deviations of the image


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--side", type=int, default=128)
    arguments = parser.parse_args(argv)
    noisy = datasets.make_hrem((arguments.side,) * 2, random_state=0)[1].astype(float)
    for name, make in DENOISERS.items():
        line = {"benchmark": "repeat", "denoiser": name, **bits(make, noisy), **affine(make, noisy)}
        append_line(arguments.file, line | provenance())
        print(line, flush=True)


def bits(make, noisy):
    """Return which ways of running give the same bits."""
    fitted = make().fit(noisy)
    expected = fitted.transform(noisy)
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(lambda _: fit_transform(make, noisy), range(4)))
    with tempfile.TemporaryDirectory() as folder:
        save(fitted, Path(folder, "fit.safetensors"))
        loaded = load(Path(folder, "fit.safetensors")).transform(noisy)
    processes = Parallel(2)(delayed(fit_transform)(make, noisy) for _ in range(2))
    ways = {"threads": threads, "processes": processes, "loaded": [loaded]}
    if "max_memory" in fitted.get_params():
        ways["tiles"] = [fitted.set_params(max_memory="8 MB").transform(noisy)]
    return {way: all(np.array_equal(each, expected) for each in images)
            for way, images in ways.items()}  # fmt: skip


def fit_transform(make, noisy):
    return make().fit_transform(noisy)


def affine(make, noisy):
    """Return the largest departures under gains and offsets."""
    expected, spread = fit_transform(make, noisy), noisy.std()
    gains = [fit_transform(make, gain * noisy) / gain for gain in GAINS]
    shifts = [fit_transform(make, noisy + far * spread) - far * spread for far in OFFSETS]
    worst = lambda images: float(max(np.abs(each - expected).max() for each in images))  # noqa: E731
    extent = float(np.ptp(expected))
    return {"gain_error": worst(gains) / extent, "offset_error": worst(shifts) / extent}


if __name__ == "__main__":
    sys.exit(main())
