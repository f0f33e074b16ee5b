"""
Bad pixels and rows that are too bright
=======================================

A denoiser mends them before it learns from the image. Steps of a Pipeline do the same.
"""

# %%
# A good image is spoiled: 200 hot pixels, and an offset of its own for each row.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.compose import HotPixelFilter, ScanLineCorrector
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import diagnose

rng = np.random.default_rng(0)
clean, noisy = datasets.make_hrem((256, 256), random_state=3)
noisy += rng.normal(0, 0.12, (256, 1))
noisy[rng.integers(256, size=200), rng.integers(256, size=200)] = rng.uniform(6, 12, 200)

# %%
# :func:`~sk_noise2sr.noise.diagnose` names both faults.

for warning in diagnose(noisy).warnings:
    print(warning)

# %%
# Denoisers mend both; ``mask="none"`` takes the image as it is. Each remedy is a transformer of
# scikit-learn too, and a Pipeline shows what it does. Faint bands stay: an offset that many rows
# share looks like structure.

steps = make_pipeline(HotPixelFilter(), ScanLineCorrector())
panels = {
    "mended": steps.fit_transform(noisy),
    "denoised as it is": VSTBM3D().fit_transform(noisy, mask="none"),
    "mended, then denoised": VSTBM3D().fit_transform(noisy),
}
figure, axes = plt.subplots(1, 3, figsize=(12, 4.3), layout="compressed")
for axis, (title, image) in zip(axes, panels.items(), strict=True):
    axis.imshow(image, cmap="gray", vmin=np.percentile(image, 0.5), vmax=np.percentile(image, 99.5))
    axis.set_title(f"{title}\n{psnr(clean, image):.1f} dB")
    axis.set_axis_off()
