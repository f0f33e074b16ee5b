"""
One noisy image
===============

Noise2SR trains a small network on the pixels of one noisy image, and returns the denoised image.
"""

# %%
# The sample image comes with the package: a simulated particle of platinum on ceria. The clean
# image serves to say how close the result comes. The denoiser never sees it.

import matplotlib.pyplot as plt

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.metrics import psnr

clean, noisy = datasets.load_sample()
denoiser = Noise2SR(epochs=4, random_state=0, verbose=0)  # the default is 48 epochs
denoised = denoiser.fit_transform(noisy)

# %%
# The **residual** is what was taken away. Here it looks like noise. Atoms, edges or fringes in it
# would be signal that was lost.

panels = {
    f"noisy, {psnr(clean, noisy):.1f} dB": noisy,
    f"denoised, {psnr(clean, denoised):.1f} dB": denoised,
    "residual": noisy - denoised,
}
figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="compressed")
for axis, (title, image) in zip(axes, panels.items(), strict=True):
    axis.imshow(image, cmap="gray")
    axis.set_title(title)
    axis.set_axis_off()
