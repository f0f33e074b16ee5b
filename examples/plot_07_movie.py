"""
A movie
=======

With ``context=1`` a frame is predicted from the frame before it and the one after it too. What
happens in one frame alone is weakened, but stays.
"""

# %%
# A lattice stands still for seven frames. In the middle frame, and in no other, one column has
# hopped to another place.

import matplotlib.pyplot as plt

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.metrics import psnr

clean, noisy = datasets.make_movie("still", (96, 96), 7, counts=3, random_state=0)
short = {"epochs": 4, "M": 8, "random_state": 0, "verbose": 0}
alone = Noise2SR(**short).fit_transform(noisy)
together = Noise2SR(context=1, **short).fit_transform(noisy)

# %%
# The middle frame.

middle = 3
panels = {
    "clean": clean,
    "noisy": noisy,
    "each frame alone": alone,
    "context=1": together,
}
figure, axes = plt.subplots(1, 4, figsize=(12.6, 3.6), layout="compressed")
for axis, (title, movie) in zip(axes, panels.items(), strict=True):
    image = movie[middle]
    low, high = (noisy if movie is noisy else clean)[middle].min(), 1.05 * image.max()
    axis.imshow(image, cmap="gray", vmin=low, vmax=high)
    axis.set_title(title if movie is clean else f"{title}, {psnr(clean[middle], image):.1f} dB")
    axis.set_axis_off()
