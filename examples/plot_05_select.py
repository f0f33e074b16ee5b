"""
Let the package choose a method
===============================

:class:`~sk_noise2sr.model_selection.DenoiserSelector` hides some pixels, tries all candidates on
the rest, and fits the one that predicts the hidden pixels best.
"""

# %%
# Candidates are denoisers, each alone or with a grid of parameters.

import matplotlib.pyplot as plt

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.model_selection import DenoiserSelector

clean, noisy = datasets.make_stem("mor", (160, 160), dose=20000, random_state=1)
candidates = [
    ("wiener", AdaptiveWiener(), {"window": [5, 9, 15]}),
    ("bm3d", VSTBM3D()),
    ("noise2sr", Noise2SR(epochs=4, random_state=0, verbose=0)),
]
selector = DenoiserSelector(candidates, random_state=0).fit(noisy)
denoised = selector.transform(noisy)
print("chosen:", selector.best_name_, selector.best_params_)

# %%
# ``cv_results_`` has the distance to the best, with its standard error. Candidates within two
# errors cannot be distinguished.

table = selector.cv_results_
names = [
    " ".join([name, *(f"{key}={value}" for key, value in params.items())])
    for name, params in zip(table["name"], table["params"], strict=True)
]
figure, axes = plt.subplots(1, 3, figsize=(12.6, 4), layout="compressed")
axes[0].barh(names, table["behind_best"], xerr=table["behind_best_error"], color="C0")
axes[0].set(xlabel="behind the best, dB", title="score at hidden pixels")
axes[0].invert_yaxis()
for axis, image, title in zip(axes[1:], (noisy, denoised), ("noisy", "denoised"), strict=True):
    axis.imshow(image, cmap="gray", vmin=0, vmax=image.mean() + 4 * image.std())
    axis.set_title(title)
    axis.set_axis_off()
