"""Search without a reference, and see what the clean image would have chosen.

One JSON line for each image and seed; finished lines are skipped:

    python benchmarks/scores/search.py --images DIR --level 0.05 --repeats 6 --out FILE.jsonl
"""

import argparse
import time
import zlib
from pathlib import Path

import numpy as np
from sklearn.base import clone
from study import READOUT, append_line, cut, provenance, read_lines

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.model_selection import DenoiserSelector
from sk_noise2sr.noise import PoissonGaussian

KEY = ("image", "level", "seed", "crop", "epochs", "repeats", "fraction")
STRIDES = (2, 3, 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="folder of clean .tif images")
    parser.add_argument("--level", type=float, default=0.05)
    parser.add_argument("--seeds", type=lambda text: [int(n) for n in text.split(",")], default=[0])
    parser.add_argument("--crop", type=int, default=384, help="side cut from the middle")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=6, help="at most")
    parser.add_argument("--fraction", type=float, default=0.05, help="hidden pixels")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    done = {tuple(line.get(name) for name in KEY) for line in read_lines(arguments.out)}
    shared = {name: getattr(arguments, name) for name in KEY if hasattr(arguments, name)}
    for seed in arguments.seeds:
        for path in sorted(arguments.images.glob("*.tif")):
            line = {"image": path.name, "seed": seed, **shared}
            if tuple(line[name] for name in KEY) in done:
                continue
            clean = cut(read_image(path)[0].astype(float), arguments.crop)
            rng = np.random.default_rng([seed, zlib.crc32(path.name.encode())])
            noise = PoissonGaussian(a=arguments.level, b=READOUT)
            noisy = noise.sample(clean, random_state=rng).astype(float)
            line |= search(clean, noisy, line) | provenance()
            print({name: line[name] for name in ("image", "seed", "chosen", "lost", "cpu")})
            append_line(arguments.out, line)


def search(clean, noisy, setting):
    """Return what the selector says of each candidate, and what the clean image says."""
    network = Noise2SR(epochs=setting["epochs"], random_state=0, verbose=0)
    candidates = [
        ("wiener", AdaptiveWiener(15)),
        ("vstbm3d", VSTBM3D()),
        *((f"stride={stride}", clone(network).set_params(stride=stride)) for stride in STRIDES),
    ]
    start = time.process_time()
    selector = DenoiserSelector(
        candidates,
        fraction=setting["fraction"],
        n_repeats=setting["repeats"],
        random_state=setting["seed"],
    ).fit(noisy)
    seconds = time.process_time() - start
    table = selector.cv_results_
    truth = [psnr(clean, clone(one).fit_transform(noisy)) for _, one in candidates]
    return {
        "names": table["name"].tolist(),
        "psnr": truth,
        "n_repeats": table["n_repeats"].tolist(),
        "behind_best": table["behind_best"].tolist(),
        "behind_best_error": table["behind_best_error"].tolist(),
        "chosen": selector.best_name_,
        "lost": max(truth) - truth[selector.best_index_],
        "cpu": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
