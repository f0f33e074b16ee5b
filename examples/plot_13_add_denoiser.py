"""
Add a denoiser of your own
==========================

A method without a network writes two functions. Fits, stacks, types, scores, pickles, bad input
and the command line's conventions come from the base class.
"""

# %%
# The median of the neighbourhood, as a denoiser. What a parameter may be is data.

from numbers import Integral

import matplotlib.pyplot as plt
from scipy.ndimage import median_filter
from sklearn.utils._param_validation import Interval

from sk_noise2sr import datasets
from sk_noise2sr.base import BaseDenoiser
from sk_noise2sr.metrics import psnr


class MedianDenoiser(BaseDenoiser):
    """The median of the pixels around each pixel."""

    _parameter_constraints = {"size": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, size=5):
        self.size = size

    def _fit(self, stack, y):
        pass  # nothing to learn

    def _denoise(self, image):
        return median_filter(image, self.size)


# %%
# It works like every other denoiser: on stacks, in pipelines, in a grid search. Bad input gets a
# sentence.

clean, noisy = datasets.make_hrem((128, 128), random_state=0)
try:
    MedianDenoiser(size=0).fit(noisy)
except ValueError as error:
    print(error)

# %%
# :func:`~sk_noise2sr.testing.check_denoiser` runs the whole contract on it. :doc:`/how_to_add` has
# methods with networks.

figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="compressed")
results = [MedianDenoiser(size).fit_transform(noisy) for size in (3, 9)]
for axis, image, title in zip(axes, [noisy, *results], ("noisy", "size=3", "size=9"), strict=True):
    axis.imshow(image, cmap="gray")
    axis.set_title(f"{title}, {psnr(clean, image):.1f} dB")
    axis.set_axis_off()
