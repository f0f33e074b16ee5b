"""Hot and dead pixels, and what only looks like them."""

import numpy as np
import pytest
from scipy import ndimage

from sk_noise2sr.grid import fill_outliers
from sk_noise2sr.grid.mask._medians import neighbourhood_medians


def test_hot_and_dead_pixels_are_filled_and_nothing_else(rng):
    image = rng.normal(size=(1, 128, 128)).astype(np.float32)
    spoilt = image.copy()
    for row, column, value in ((3, 4, 500.0), (0, 0, -300.0), (127, 60, 80.0)):
        spoilt[0, row, column] = value
    filled = fill_outliers(spoilt)
    assert (filled != spoilt).sum() == 3
    assert np.abs(filled).max() < 6
    assert (filled != image).sum() == 3


def test_an_atom_is_no_outlier(rng):
    rows, columns = np.mgrid[:64, :64]
    atom = 100 * np.exp(-((rows - 30) ** 2 + (columns - 31) ** 2) / (2 * 0.9**2))
    noisy = (atom + rng.normal(size=(64, 64)))[None]
    assert fill_outliers(noisy) is noisy


@pytest.mark.parametrize("rate", [1e-4, 0.002, 0.05])
def test_rare_counts_are_no_outliers(rate, rng):
    counts = rng.poisson(rate, size=(1, 256, 256)).astype(np.float32)
    assert fill_outliers(counts) is counts


@pytest.mark.parametrize("shape", [(70, 900), (2, 3), (1, 1), (1, 6), (200, 300)])
def test_medians_are_those_of_scipy(shape):
    image = np.random.default_rng(0).poisson(4, shape).astype(np.float32)
    expected = ndimage.median_filter(image, size=3, mode="mirror")
    np.testing.assert_array_equal(neighbourhood_medians(image), expected)
