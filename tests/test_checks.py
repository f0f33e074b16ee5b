"""Arrays that are no images, or whose axes stand in another order, are told."""

import contextlib

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sk_noise2sr import AdaptiveWiener, Noise2SR


@pytest.mark.parametrize(
    ("n", "advice"), [(5, r"np\.moveaxis\(X, -1, 0\)"), (1, r"X\[\.\.\., 0\]")]
)
def test_images_whose_number_stands_last_are_told(rng, n, advice):
    told = pytest.warns(UserWarning, match=rf"taken for 64 images of 48 x {n}, .* give {advice}")
    with told, contextlib.suppress(ValueError):  # a line is no image
        AdaptiveWiener(window=3).fit(rng.normal(size=(64, 48, n)))


def test_three_equal_channels_are_grey(rng):
    grey = rng.normal(size=(48, 40))
    denoised = AdaptiveWiener().fit_transform(np.repeat(grey[..., np.newaxis], 3, axis=2))
    np.testing.assert_array_equal(denoised, AdaptiveWiener().fit_transform(grey))


def test_a_fit_of_hardly_any_step_warns(fast, noisy):
    with pytest.warns(ConvergenceWarning, match=r"took \d+ of 2000000 steps before max_time"):
        fast(Noise2SR, epochs=50_000, max_time=0.5, refine=False).fit(noisy)
