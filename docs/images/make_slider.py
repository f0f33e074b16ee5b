"""Draw the two pictures of the slider on the first page: the sample image, noisy and denoised."""

from pathlib import Path

import numpy as np
from matplotlib.image import imsave

from sk_noise2sr import Noise2SR, datasets

STATIC = Path(__file__).parents[1] / "static"

clean, noisy = datasets.load_sample()
denoised = Noise2SR(random_state=0).fit_transform(noisy)
for name, image in {"noisy": noisy, "denoised": denoised}.items():
    low, high = np.percentile(image, (0.1, 99.9))
    enlarged = np.kron(image, np.ones((2, 2)))  # pixels stay squares
    imsave(STATIC / f"{name}.png", enlarged, cmap="gray", vmin=low, vmax=high)
