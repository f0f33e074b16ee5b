"""scikit-image's filters, each calibrated on the noisy image alone, as its gallery shows."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks._lib.references import REFERENCES


def non_local_means(noisy):
    """Return the result of non-local means."""
    return REFERENCES["non_local_means"](noisy.astype(float), None)


def wavelet(noisy):
    """Return the result of wavelet shrinkage."""
    return REFERENCES["wavelet"](noisy.astype(float), None)


def total_variation(noisy):
    """Return the result of total-variation denoising."""
    return REFERENCES["total_variation"](noisy.astype(float), None)
