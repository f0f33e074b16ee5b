"""Draw the spectrum of a simulated image and the cut of ``binning="auto"``: spectrum.png."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sk_noise2sr import datasets
from sk_noise2sr._resampling import _RING, _detail_cutoff, _rings, _spectrum, choose_binning

STRIDE = 2

clean, noisy = datasets.make_hrem((512, 512), random_state=0)
power = _spectrum(noisy)
_, means, _ = _rings(power)
middles = (np.arange(len(means)) + 0.5) * _RING
cutoff = _detail_cutoff(power)
factor = choose_binning(noisy[None], STRIDE)

figure = Figure(figsize=(7, 3.4), layout="constrained")
axes = figure.subplots()
axes.axhline(1, color="0.6", linewidth=1)
axes.text(0.45, 1.25, "noise", color="0.4")
axes.semilogy(middles, means, color="C0", label="noisy image, mean of each ring")
axes.axvline(cutoff, color="C1", linestyle=":", label=f"detail ends: {cutoff:.3f}")
axes.axvline(0.5 / factor, color="C3", label=f"cut: 0.5 / {factor:g} = {0.5 / factor:.3f}")
axes.axvspan(0.5 / factor, 0.5, color="C3", alpha=0.08)
axes.set(xlim=(0, 0.5), ylim=(0.5, None))
axes.set(xlabel="cycles a pixel", ylabel="power over that of the noise")
axes.legend(frameon=False)
figure.savefig(Path(__file__).with_name("spectrum.png"), dpi=110)
