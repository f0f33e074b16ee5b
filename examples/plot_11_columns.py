"""
Positions and heights of atomic columns
=======================================

The denoised image says where columns are. The noisy image says where exactly, how high, and with
what error.
"""

# %%
# Columns of two heights, in strong noise.

import matplotlib.pyplot as plt
import numpy as np

from sk_noise2sr import VSTBM3D
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import measure_columns

y, x = np.mgrid[:160, :160]
centres = [(i, j) for i in range(12, 160, 17) for j in range(12, 160, 17)]
heights = [0.6 if (i + j) % 2 else 1.0 for i, j in centres]
clean = 1 + sum(
    height * np.exp(-((y - i) ** 2 + (x - j) ** 2) / (2 * 3.5**2))
    for height, (i, j) in zip(heights, centres, strict=True)
)
noise = PoissonGaussian(a=0.05, b=0.02)
noisy = noise.sample(clean, random_state=0)
denoised = VSTBM3D().fit_transform(noisy)
table = measure_columns(noisy, denoised, noise)

# %%
# ``pull_`` is the result minus the raw value, in standard errors. Beyond 4 the result is wrong
# there.

for name in ("row", "column", "height"):
    print(f"{name}: largest pull {np.abs(table[f'pull_{name}']).max():.1f}")

# %%
# The measured heights fall into two groups, as the true ones do (lines).

tall = table["raw_height"] > 0.8
figure, axes = plt.subplots(1, 3, figsize=(12.6, 4), layout="compressed")
for axis, image, title in zip(axes, (noisy, denoised), ("noisy", "denoised"), strict=False):
    axis.imshow(image, cmap="gray")
    axis.set_title(title)
    axis.set_axis_off()
for number, group in enumerate((tall, ~tall)):
    axes[1].scatter(table["column"][group], table["row"][group], c=f"C{number}", marker="+")
    heights, errors = table["raw_height"][group], table["error_height"][group]
    axes[2].errorbar(np.flatnonzero(group), heights, errors, fmt=f"C{number}.")
    axes[2].axhline((1.0, 0.6)[number], color=f"C{number}", lw=1)
axes[2].set(xlabel="number of the column", title="height in the noisy image", ylim=(0, 1.4))
