"""Filters of electron microscopists: what exceeds the mean spectrum at a spatial frequency stays.

R. Kilaas, "Optimal and near-optimal filters in high-resolution electron microscopy", Journal of
Microscopy 190, 45-51, 1998. The background is the radial mean of the spectrum; Bragg spots, which
stand out of it, are cut down to it and the mean is taken again.
"""

import numpy as np

_ROUNDS = 5
_SPOT = 2.0  # times the background: what is cut down before the next mean


def radial_wiener(noisy):
    """Keep (P - B) / P of each coefficient, for its power P and the background B."""
    return _filtered(noisy, lambda spectrum: np.abs(spectrum) ** 2)


def absf(noisy):
    """Average background subtraction: keep (A - B) / A, for amplitudes instead of powers."""
    return _filtered(noisy, np.abs)


def _filtered(noisy, strength_of):
    mean = noisy.mean()
    spectrum = np.fft.fft2(noisy - mean)
    strength = strength_of(spectrum)
    kept = np.maximum(1 - _background(strength) / np.maximum(strength, np.finfo(float).tiny), 0)
    return mean + np.fft.ifft2(kept * spectrum).real


def _background(strength):
    side = max(strength.shape)
    radius = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, strength.shape), indexing="ij"))
    ring = np.rint(radius * side).astype(int)
    sizes, rest = np.bincount(ring.ravel()), strength
    for _ in range(_ROUNDS):
        background = (np.bincount(ring.ravel(), rest.ravel()) / np.maximum(sizes, 1))[ring]
        rest = np.minimum(strength, _SPOT * background)
    return background
