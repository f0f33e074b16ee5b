"""Draw how Noise2SR learns from one image: method.png."""

from itertools import pairwise
from pathlib import Path

import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from sk_noise2sr import datasets
from sk_noise2sr.samplers import RandomSubsampler, split

SIDE, STRIDE = 8, 2

clean, noisy = datasets.make_hrem((64, 64), pixel_size=0.05, dose=3000.0, random_state=3)
window = (slice(24, 24 + SIDE), slice(28, 28 + SIDE))
clean, noisy = clean[window], noisy[window]
choice = RandomSubsampler(STRIDE).choose(
    1, SIDE // STRIDE, SIDE // STRIDE, torch.Generator().manual_seed(1)
)
kept, left_out = split(torch.from_numpy(noisy)[None, None], choice, STRIDE)
kept, left_out = kept[0, 0].numpy(), left_out[0, 0].numpy()

figure = Figure(figsize=(10, 2.7), layout="constrained")
panels = figure.subplots(1, 4, width_ratios=[1, 0.55, 1, 1])
titles = [
    "noisy image: one random pixel\nof each cell is kept",
    "sub-sample",
    "prediction at full size",
    "loss: only on the\npixels left out",
]
for axes, image, title in zip(panels, (noisy, kept, clean, noisy), titles, strict=True):
    axes.imshow(image, cmap="gray", vmin=noisy.min(), vmax=noisy.max())
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()


def outline(axes, row, column, side, **style):
    """Draw a square around pixels."""
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), side, side, fill=False, **style))


for row in range(0, SIDE, STRIDE):
    for column in range(0, SIDE, STRIDE):
        outline(panels[0], row, column, STRIDE, edgecolor="0.45", linewidth=0.8)
for row in range(SIDE):
    for column in range(SIDE):
        if not left_out[row, column]:
            outline(panels[0], row, column, 1, edgecolor="C1", linewidth=2)
            square = Rectangle((column - 0.5, row - 0.5), 1, 1, color=to_rgba("C1", 0.9))
            panels[3].add_patch(square)
for (left, right), label in zip(pairwise(panels), ("", "network", "compare"), strict=True):
    ends = {"xyA": (1.02, 0.5), "xyB": (-0.02, 0.5), "coordsA": "axes fraction"}
    arrow = ConnectionPatch(
        **ends, coordsB="axes fraction", axesA=left, axesB=right, arrowstyle="->"
    )
    figure.add_artist(arrow)
    right.text(-0.04, 0.56, label, transform=right.transAxes, ha="right", fontsize=9)
figure.get_layout_engine().set(wspace=0.12)
figure.savefig(Path(__file__).with_name("method.png"), dpi=110)
