"""
Compare methods
===============

No method is best for every image. Every denoiser has the same interface, so one loop runs them
all. ``sk-noise2sr compare frame.tif`` does the same on the command line.
"""

# %%
# Four methods, each from the noisy image alone. Networks are cut short here.

import matplotlib.pyplot as plt

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Self, Noise2SR, datasets
from sk_noise2sr.metrics import psnr

clean, noisy = datasets.make_hrem((192, 192), random_state=5)
short = {"epochs": 3, "random_state": 0, "verbose": 0}
methods = [AdaptiveWiener(), VSTBM3D(), Noise2Self(**short), Noise2SR(**short)]
results = {type(method).__name__: method.fit_transform(noisy) for method in methods}

# %%
# Above the images, below what each took away. All residuals have one grey scale: structure in one
# is signal that this method lost.

figure, axes = plt.subplots(2, 4, figsize=(12, 6.4), layout="compressed")
for (name, image), (top, bottom) in zip(results.items(), axes.T, strict=True):
    top.imshow(image, cmap="gray", vmin=clean.min(), vmax=clean.max())
    top.set_title(f"{name}\n{psnr(clean, image):.1f} dB")
    bottom.imshow(noisy - image, cmap="gray", vmin=-1, vmax=1)
    top.set_axis_off()
    bottom.set_axis_off()
