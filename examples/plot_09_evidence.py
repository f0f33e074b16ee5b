"""
A vacancy that the result hides
===============================

A denoiser that has seen many equal columns may draw one where none is. The evidence map compares
the result with its own noisy image, and shows the place.
"""

# %%
# One column is missing from a lattice. We take the worst result that there could be: the perfect
# lattice.

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np

from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import evidence_map

y, x = np.mgrid[:160, :160]


def column(row, col):
    return np.exp(-((y - row) ** 2 + (x - col) ** 2) / (2 * 3.5**2))


perfect = 1 + sum(column(i, j) for i in range(8, 160, 16) for j in range(8, 160, 16))
noise = PoissonGaussian(a=0.1, b=0.02)
noisy = noise.sample(perfect - column(56, 104), random_state=0)

# %%
# z is the difference under a Gaussian as wide as a column, in standard errors. Noise alone exceeds
# the threshold anywhere in one image of twenty.

evidence = evidence_map(noisy, perfect, noise)
print(fill(evidence.summary(), 90))

# %%
# Blue: the result shows more than the image does.

figure, axes = plt.subplots(1, 3, figsize=(12.6, 4.1), layout="compressed")
for axis, image, title in zip(axes, (noisy, perfect), ("noisy", "result"), strict=False):
    axis.imshow(image, cmap="gray")
    axis.set_title(title)
drawn = axes[2].imshow(evidence.z, cmap="RdBu_r", vmin=-8, vmax=8)
figure.colorbar(drawn, ax=axes[2], label="z, standard errors", fraction=0.046)
axes[2].set_title("evidence map")
for axis in axes:
    axis.set_axis_off()
    for place in evidence.places:
        ring = plt.Circle((place["column"], place["row"]), 10, fill=False, color="orange", lw=2)
        axis.add_patch(ring)
