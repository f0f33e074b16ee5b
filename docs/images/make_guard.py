"""Draw four hard images, the cut of ``binning="auto"``, and results without and with it: guard.png.

Takes about a minute of CPU time.
"""

from pathlib import Path

import numpy as np
from make_spectrum import ring_means
from matplotlib.figure import Figure
from scipy.fft import dctn

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.grid import choose_factors, frequencies
from sk_noise2sr.grid._power import power_in_units_of_noise
from sk_noise2sr.metrics import psnr

SIDE, SHOWN, EPOCHS = 128, slice(32, 96), 6
rows, columns = np.mgrid[:SIDE, :SIDE]
rng = np.random.default_rng(0)
noise = rng.normal(size=(SIDE, SIDE))
smooth = 3 * np.sin(rows / 13 + np.cos(columns / 17)) * np.cos(columns / 11)


def peak(row, column, sigma):
    """Return a Gaussian peak of height 1."""
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))


def scenes():
    """Yield a title, the clean image, the noisy one, and one of the same without the difficulty."""
    atoms = 10 * sum(peak(*place, 0.7) for place in ((45, 50), (60, 81), (80, 44), (74, 66)))
    yield "sharp atoms", smooth + atoms, smooth + atoms + noise, smooth + noise
    lattice = 1.2 * peak(64, 64, 14) * np.cos(2 * np.pi * (0.17 * rows + 0.11 * columns))
    title = "weak spots of a small particle"
    yield title, smooth + lattice, smooth + lattice + noise, smooth + noise
    correlated = (noise + 0.5 * np.roll(noise, 1, axis=1)) / np.hypot(1, 0.5)
    yield "correlated noise", smooth, smooth + correlated, smooth + noise
    stem = {"pixel_size": 0.005, "dose": 8000.0, "random_state": 0}
    _, even = datasets.make_stem("te", (SIDE, SIDE), **stem)
    bad, noisy = datasets.make_stem("te", (SIDE, SIDE), scan_jitter=0.02, detector_blur=1.0, **stem)
    yield "scan errors and afterglow", bad, noisy, even


def draw_spectrum(axes, noisy, factors):
    """Draw the means of rings and the cuts."""
    power = power_in_units_of_noise(dctn(noisy - noisy.mean(), norm="ortho") ** 2)
    axes.semilogy(*ring_means(power, frequencies(noisy.shape)), color="C0", linewidth=1)
    for factor, color, style in zip(factors, ("C3", "C2"), ("--", "-"), strict=True):
        axes.axvline(0.5 / factor, color=color, linestyle=style)
    axes.axhline(1, color="0.6", linewidth=0.8)
    axes.set(xlim=(0, 0.52), ylim=(0.3, None))


def fit(noisy, binning):
    """Return the result of a short fit."""
    denoiser = Noise2SR(
        epochs=EPOCHS, M=16, binning=binning, refine=False, random_state=0, verbose=0
    )
    return denoiser.fit_transform(noisy), denoiser.binning_


if __name__ == "__main__":
    figure = Figure(figsize=(9, 9), layout="constrained")
    panels = figure.subplots(4, 4, width_ratios=(1, 1.3, 1, 1))
    for (title, clean, noisy, easy), line in zip(scenes(), panels, strict=True):
        spread = noisy.std()
        without = choose_factors((easy - easy.mean())[None] / spread, stride=2)[0]
        blind, _ = fit(noisy, without)
        guarded, chosen = fit(noisy, "auto")
        draw_spectrum(line[1], noisy, (without, chosen))
        print(f"{title}: {without:.2f} -> {chosen:.2f}")
        for axes, image, name in (
            (line[0], noisy, title),
            (line[2], blind, f"k = {without:.2f}"),
            (line[3], guarded, f"auto: k = {chosen:.2f}"),
        ):
            if image is not noisy:
                name += f", {psnr(clean, image):.1f} dB"
                print(f"  {name}, largest value {image[SHOWN, SHOWN].max():.1f}", end="")
                print(f" of {clean[SHOWN, SHOWN].max():.1f}")
            low, high = np.quantile(clean[SHOWN, SHOWN], (0.001, 0.999))
            axes.imshow(image[SHOWN, SHOWN], cmap="gray", vmin=low, vmax=high)
            axes.set_title(name, fontsize=9)
            axes.set_axis_off()
    panels[-1, 1].set_xlabel("cycles a pixel")
    figure.savefig(Path(__file__).with_name("guard.png"), dpi=90)
