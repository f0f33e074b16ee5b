"""What a straight border costs the best linear estimate, which knows the spectra: no filling helps.

    python -m benchmarks.robustness.rim_limit FILE.jsonl

One line a scene: the expected squared error within 4 pixels of a border beyond which nothing is
seen, over that of the same pixels where all around them is.
"""

import sys

import numpy as np

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance
from .bad_pixels import RIM, SCENES, draw

SIDE, STEP = 128, 2  # pixels; means of 2 x 2 are seen, for all else is noise
DEEP, WIDE = 28, 20  # pixels that are seen on either side, and along the border


def main(argv=None):
    arguments = make_parser(__doc__).parse_args(argv)
    for scene in SCENES:
        for seed in (20, 21):
            clean, noisy = draw(scene, SIDE, seed)
            ratio = limit(covariances(clean), (noisy - clean).std() / STEP)
            line = {"scene": scene, "seed": seed, "rim": round(float(ratio), 2)}
            append_line(arguments.file, {"benchmark": "rim_limit"} | line | provenance())
            print(line, flush=True)


def covariances(clean):
    """Return the covariance of an image at each lag, from its spectrum under a window."""
    window = np.outer(*[np.hanning(side) for side in clean.shape])
    size = [2 * side for side in clean.shape]
    own, shared = (
        np.fft.irfft2(abs(np.fft.rfft2(image, s=size)) ** 2)
        for image in ((clean - clean.mean()) * window, window)
    )
    return own / np.maximum(shared, 1e-9)


def limit(covariance, noise):
    """Return the expected error with one side of the border over that with both."""
    rows, columns = (each.ravel() for each in np.mgrid[-DEEP:DEEP:STEP, -WIDE:WIDE:STEP])
    signal = covariance[np.subtract.outer(rows, rows), np.subtract.outer(columns, columns)]
    powers, waves = np.linalg.eigh((signal + signal.T) / 2)
    signal = waves * np.maximum(powers, 0) @ waves.T
    asked = (rows >= 0) & (rows < RIM) & (columns == 0)
    one_side, both = (
        _error(signal, noise, asked, seen) for seen in (rows >= 0, np.full(rows.shape, True))
    )
    return one_side / both


def _error(signal, noise, asked, seen):
    observed = signal[np.ix_(seen, seen)] + noise**2 * np.eye(seen.sum())
    shared = signal[np.ix_(asked, seen)]
    explained = np.einsum("as,sa->a", shared, np.linalg.solve(observed, shared.T))
    return np.mean(np.diag(signal)[asked] - explained)


if __name__ == "__main__":
    sys.exit(main())
