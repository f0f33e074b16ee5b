"""Plant divergence in fits, and see that each is found.

    python -m benchmarks.robustness.divergence FILE.jsonl --fits 100

A learning rate far too large, numbers that are none, and features that grow from step to step are
planted in turn, in four methods, each fit on another scene and seed. A fit has to raise, to warn
with ConvergenceWarning, or to mend itself by starting again: its result then has to be finite and
nearer the clean image than the noisy one is; the fit cannot see the clean image. As many fits
without a plant show how often a healthy one is blamed. A line for each plant.
"""

import sys
import warnings
from functools import partial

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from sk_noise2sr import Neighbor2Neighbor, Noise2Noise, Noise2Self, Noise2SR, Training, datasets
from sk_noise2sr.networks import CompactUNet

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

METHODS = (Noise2SR, Noise2Self, Neighbor2Neighbor, Noise2Noise)
SIDE = 48


class Planted(CompactUNet):
    """An encoder whose features go wrong from some call on."""

    def __init__(self, *sizes, spoil, after):
        super().__init__(*sizes)
        self.spoil, self.after, self.n_calls = spoil, after, 0

    def forward(self, images):
        """Map images to features, healthy ones at first."""
        self.n_calls += 1
        late = self.n_calls - self.after
        features = super().forward(images)
        return self.spoil(features, late) if late > 0 else features


def not_a_number(features, late):
    return features * torch.nan


def infinite(features, late):
    return features + torch.inf


def growing(features, late):
    return features * 1.5**late


def plants(rng):
    """Return what a fit is given: no plant, and one of each kind."""
    encoder = lambda spoil: partial(Planted, spoil=spoil, after=int(rng.integers(30)))  # noqa: E731
    rate = 10.0 ** rng.uniform(2, 8)
    return {
        "none": {},
        "learning rate": {"training": Training(learning_rate=rate, schedule="constant")},
        "NaN": {"encoder": encoder(not_a_number)},
        "infinity": {"encoder": encoder(infinite)},
        "growth": {"encoder": encoder(growing)},
    }


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--fits", type=int, default=100, help="with a plant, in all")
    arguments = parser.parse_args(argv)
    kinds = list(plants(np.random.default_rng(0)))
    for kind in kinds:
        n_fits = arguments.fits // (len(kinds) - 1)
        counts = {}
        for seed in range(n_fits):
            word = outcome(kind, seed)
            counts[word] = counts.get(word, 0) + 1
        line = {"benchmark": "divergence", "plant": kind, "fits": n_fits, "outcomes": counts}
        append_line(arguments.file, line | provenance())
        print(line, flush=True)


def outcome(kind, seed):
    """Fit and denoise; return a word for what came of it."""
    rng = np.random.default_rng(seed)
    clean, noisy = datasets.make_hrem((SIDE, SIDE), dose=800, random_state=seed)
    again = rng.permutation(noisy - clean) + clean  # a second view, for those who need one
    method = METHODS[seed % len(METHODS)]
    quick = {"epochs": 2, "binning": 1, "verbose": 0, "random_state": seed}
    target = again if method is Noise2Noise else None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            denoised = method(**quick, **plants(rng)[kind]).fit(noisy, target).transform(noisy)
        except RuntimeError:
            return "raised"
    if any(issubclass(each.category, ConvergenceWarning) for each in warned):
        return "warned"
    gains = np.isfinite(denoised).all() and error(denoised, clean) < error(noisy, clean)
    return "good" if gains else "missed"


def error(image, clean):
    return float(np.mean((image - clean) ** 2))


if __name__ == "__main__":
    sys.exit(main())
