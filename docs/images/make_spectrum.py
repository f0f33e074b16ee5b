"""Draw the spectrum of a simulated image and the cut of ``binning="auto"``: spectrum.png."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.fft import dctn

from sk_noise2sr import datasets
from sk_noise2sr.grid import choose_binning, frequencies
from sk_noise2sr.grid._power import power_in_units_of_noise
from sk_noise2sr.grid.binning._end_of_spectrum import _RING, detail_cutoffs, strength_of_spots

STRIDE = 2


def ring_means(power, frequency):
    """Return the mean power of each ring, and the frequency in the middle of it."""
    ring = (frequency / _RING).astype(int).ravel()
    means = np.bincount(ring, power.ravel()) / np.bincount(ring)
    return (np.arange(len(means)) + 0.5) * _RING, means


if __name__ == "__main__":
    _, noisy = datasets.make_hrem((512, 512), random_state=0)
    power = power_in_units_of_noise(dctn(noisy - noisy.mean(), norm="ortho") ** 2)
    frequency = frequencies(noisy.shape)
    cutoff = detail_cutoffs(power, frequency, spots=strength_of_spots(power))[0]
    factor = choose_binning(noisy[None], STRIDE)

    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.axhline(1, color="0.6", linewidth=1)
    axes.text(0.45, 1.25, "noise", color="0.4")
    axes.semilogy(*ring_means(power, frequency), color="C0", label="noisy image, mean of each ring")
    axes.axvline(cutoff, color="C1", linestyle=":", label=f"detail ends: {cutoff:.3f}")
    axes.axvline(0.5 / factor, color="C3", label=f"cut: 0.5 / {factor:g} = {0.5 / factor:.3f}")
    axes.axvspan(0.5 / factor, 0.5, color="C3", alpha=0.08)
    axes.set(xlim=(0, 0.5), ylim=(0.5, None))
    axes.set(xlabel="cycles a pixel", ylabel="power over that of the noise")
    axes.legend(frameon=False)
    figure.savefig(Path(__file__).with_name("spectrum.png"), dpi=110)
