"""Draw three crystals, without noise and with it: stem.png."""

from pathlib import Path

from matplotlib.figure import Figure

from sk_noise2sr import datasets

CRYSTALS = {"te": "tellurium", "mfi": "MFI", "mor": "mordenite"}

figure = Figure(figsize=(8.4, 4.4), layout="constrained")
panels = figure.subplots(2, 4)
scenes = {
    f'"{crystal}", {name}': datasets.make_stem(crystal, random_state=1)
    for crystal, name in CRYSTALS.items()
}
scenes["scan_jitter, detector_blur"] = datasets.make_stem(
    "te", scan_jitter=0.015, detector_blur=2, random_state=1
)
for (above, below), (title, (clean, noisy)) in zip(panels.T, scenes.items(), strict=True):
    above.set_title(title, fontsize=9)
    above.imshow(clean, cmap="gray", interpolation="nearest")
    below.imshow(noisy, cmap="gray", interpolation="nearest", vmax=clean.max() * 2)
for axes in panels.flat:
    axes.set_axis_off()
figure.savefig(Path(__file__).with_name("stem.png"), dpi=125)
