"""
Choose parameters by a grid search
==================================

Which ``stride``, and how many epochs? ``GridSearchCV`` of scikit-learn answers without a clean
image.
"""

# %%
# :func:`~sk_noise2sr.model_selection.hide_pixels` takes some pixels away before the fit. Their
# noise is unknown to every candidate, so the one that predicts them best is closest to the clean
# image.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.metrics import hidden_pixel_scorer, psnr
from sk_noise2sr.model_selection import WholeImage, hide_pixels

clean, noisy = datasets.make_hrem((128, 128), random_state=0)
X, y = hide_pixels(noisy, random_state=0)

# %%
# ``cv=WholeImage()`` keeps the image whole: ordinary splitters would cut it into rows.

grid = {"stride": [2, 3, 4], "epochs": [1, 2]}
denoiser = Noise2SR(M=8, random_state=0, verbose=0)
search = GridSearchCV(denoiser, grid, scoring=hidden_pixel_scorer, cv=WholeImage(), refit=False)
search.fit(X, y)
print(search.best_params_)

# %%
# Fit the best candidate once more, to all pixels. The picture beside the scores needs the clean
# image, which a user does not have.

best = denoiser.set_params(**search.best_params_).fit_transform(noisy)
scores = np.reshape(search.cv_results_["mean_test_score"], (2, 3)).T
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.9), layout="compressed")
left.plot(grid["stride"], scores, "o-", label=["1 epoch", "2 epochs"])
left.set(
    xlabel="stride",
    xticks=grid["stride"],
    ylabel="score at hidden pixels, dB",
    title="higher is better",
)
left.set_box_aspect(1)
left.legend()
for axis, image, name in ((middle, noisy, "noisy"), (right, best, "best")):
    axis.imshow(image, cmap="gray")
    axis.set_title(f"{name}, {psnr(clean, image):.1f} dB")
    axis.set_axis_off()
