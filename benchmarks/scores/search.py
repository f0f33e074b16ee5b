"""Search without a reference, and see what the clean image would have chosen.

Prints a JSON line for each image:

    python benchmarks/scores/search.py --images DIR --level 0.05 --repeats 3 >> FILE.jsonl
"""

import argparse
import json
import time
import zlib
from pathlib import Path

import numpy as np
from sklearn.base import clone
from study import READOUT, cut, provenance

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.model_selection import DenoiserSelector
from sk_noise2sr.noise import PoissonGaussian


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", required=True, help="folder of clean .tif images")
    parser.add_argument("--level", type=float, default=0.05)
    parser.add_argument("--crop", type=int, default=384, help="side cut from the middle")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fraction", type=float, default=0.05)
    arguments = parser.parse_args()
    for path in sorted(Path(arguments.images).glob("*.tif")):
        clean = cut(read_image(path)[0].astype(float), arguments.crop)
        rng = np.random.default_rng([0, zlib.crc32(path.name.encode())])
        noise = PoissonGaussian(a=arguments.level, b=READOUT)
        line = search(clean, noise.sample(clean, random_state=rng).astype(float), arguments)
        print(json.dumps({"image": path.name, **vars(arguments), **line, **provenance()}))


def search(clean, noisy, arguments):
    """Return what the selector says of each candidate, and what the clean image says."""
    network = Noise2SR(epochs=arguments.epochs, random_state=0, verbose=0)
    candidates = [
        ("wiener", AdaptiveWiener(15)),
        ("vstbm3d", VSTBM3D()),
        *((f"stride={stride}", clone(network).set_params(stride=stride)) for stride in (2, 3)),
    ]
    start = time.process_time()
    selector = DenoiserSelector(
        candidates, fraction=arguments.fraction, n_repeats=arguments.repeats, random_state=0
    ).fit(noisy)
    seconds = time.process_time() - start
    table = selector.cv_results_
    truth = [psnr(clean, clone(one).fit_transform(noisy)) for _, one in candidates]
    return {
        "names": table["name"].tolist(),
        "psnr": truth,
        "behind_best": table["behind_best"].tolist(),
        "behind_best_error": table["behind_best_error"].tolist(),
        "chosen": selector.best_name_,
        "lost": max(truth) - truth[selector.best_index_],
        "cpu": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
