"""Pin what every denoiser makes, bit for bit, so that a redesign can prove that it changes nothing.

    OMP_NUM_THREADS=1 python tests/reference/golden.py           # compare with golden.json
    OMP_NUM_THREADS=1 python tests/reference/golden.py --write   # store what comes out now

Bits depend on the processor and on torch, so that the file tells which it is from: write it anew
before a change of yours, compare after it. No test reads it.
"""

import argparse
import hashlib
import json
import platform
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch

import sk_noise2sr
from sk_noise2sr import datasets
from sk_noise2sr.networks import CompactUNet
from sk_noise2sr.persistence import load, save

STORED = Path(__file__).with_suffix(".json")
CLEAN, NOISY = datasets.make_hrem((48, 40), random_state=0)
SECOND = datasets.make_hrem((48, 40), random_state=1)[1]
FRAME = datasets.make_hrem((250, 179), random_state=2)[1]
SHARED = {"epochs": 1, "random_state": 0, "verbose": 0, "n_threads": 1}


def cases():
    """Yield the name of every case, an unfitted denoiser and the target of its fit."""
    for sampling in ("random", "fixed", "rows", "all_but_one"):
        for stride in (2, 3):
            for refine in (False, True):
                make = partial(sk_noise2sr.Noise2SR, stride, sampling=sampling, refine=refine, M=5)
                yield f"Noise2SR {sampling} {stride} refine={refine}", make(**SHARED), None
    yield "Noise2SR binning=1", sk_noise2sr.Noise2SR(binning=1, M=5, **SHARED), None
    others = {
        "Noise2Self": [{}, {"inference": "single"}],
        "Neighbor2Neighbor": [{}, {"inference": "whole"}],
        "Self2Self": [{"M": 3}],
        "ZSN2N": [{}],
        "FBIDenoiser": [{}, {"noise": "pge"}],
        "Noise2Noise": [{}],
        "SupervisedDenoiser": [{"noise": (0.1, 0.02)}],
        "AdaptiveWiener": [{}],
        "VSTBM3D": [{}],
    }
    targets = {"Noise2Noise": SECOND, "SupervisedDenoiser": CLEAN}
    for name, variants in others.items():
        denoiser_class = getattr(sk_noise2sr, name)
        for own in variants:
            known = denoiser_class().get_params()
            shared = {key: value for key, value in SHARED.items() if key in known}
            yield f"{name} {own}", denoiser_class(**{**shared, **own}), targets.get(name)


def digests(denoiser, target):
    """Yield what is pinned of one denoiser: a name and a digest or a number."""
    denoiser.fit(NOISY, target)
    yield "image", digest(denoiser.transform(NOISY))
    yield "stack", digest(denoiser.transform(np.stack([NOISY, SECOND])))
    with tempfile.TemporaryDirectory() as folder:
        save(denoiser, Path(folder) / "denoiser.safetensors")
        yield "loaded", digest(load(Path(folder) / "denoiser.safetensors").transform(NOISY))
    if not hasattr(denoiser, "partial_fit"):
        return
    yield "score", denoiser.score(NOISY)
    yield "spread", digest(denoiser.transform(NOISY, return_spread=True)[1])
    yield (
        "partial_fit",
        attempt(lambda: digest(denoiser.partial_fit(SECOND, target).transform(NOISY))),
    )
    if target is None:
        both = np.stack([NOISY, SECOND])
        yield "fit of a stack", attempt(lambda: digest(denoiser.fit(both).transform(NOISY)))


def tiled():
    """Yield the name of every case that is cut into tiles, and a digest."""
    narrow = partial(CompactUNet, n_levels=2)
    for name, own in (("Noise2SR", {"encoder": narrow, "M": 5}), ("ZSN2N", {})):
        options = {"binning": 1, "refine": False, "max_memory": "6 MB", **SHARED}
        denoiser = getattr(sk_noise2sr, name)(**own, **options).fit(NOISY)
        yield f"{name} in tiles", {"image": digest(denoiser.transform(FRAME))}


def digest(image):
    """Return the digest of an array."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()[:16]


def attempt(make):
    """Return what comes out, or which error."""
    try:
        return make()
    except (MemoryError, RuntimeError, ValueError) as error:
        return type(error).__name__


def main():
    """Compare or store; return the number of differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store the results")
    write = parser.parse_args().write
    warnings.simplefilter("ignore")
    found = {}
    for name, denoiser, target in cases():
        try:
            found[name] = dict(digests(denoiser, target))
        except RuntimeError as error:
            found[name] = {"fit": type(error).__name__}
    found.update(tiled())
    machine = {"processor": platform.processor() or platform.machine(), "torch": torch.__version__}
    if write:
        STORED.write_text(json.dumps({"machine": machine, "digests": found}, indent=1) + "\n")
        return 0
    stored = json.loads(STORED.read_text())
    if stored["machine"] != machine:
        print(f"Stored on {stored['machine']}, here is {machine}: expect differences.")
    differ = [
        f"{name}: {key}"
        for name, values in stored["digests"].items()
        for key, value in values.items()
        if found.get(name, {}).get(key) != value
    ]
    print("\n".join(differ) or "All the same.")
    return len(differ)


if __name__ == "__main__":
    sys.exit(main() > 0)
