"""Hidden pixels: nothing of them is left, and they rank what is fitted without them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.grid.binning._factors import choose_binning
from sk_noise2sr.metrics import hidden_pixel_scorer, psnr
from sk_noise2sr.model_selection import hide_pixels


def test_what_is_hidden_leaves_no_trace(noisy, rng):
    X, y = hide_pixels(noisy, random_state=0)
    hidden = ~np.isnan(y)
    altered = np.where(hidden, noisy + 0.1 * rng.normal(size=noisy.shape), noisy)
    again, values = hide_pixels(altered, random_state=0)
    np.testing.assert_array_equal(again, X)
    np.testing.assert_array_equal(values[hidden], altered[hidden])


def test_the_rest_of_the_image_is_untouched(noisy):
    X, y = hide_pixels(noisy, fraction=0.1, random_state=0)
    hidden = ~np.isnan(y)
    np.testing.assert_array_equal(X[~hidden], noisy[~hidden])
    np.testing.assert_array_equal(y[hidden], noisy[hidden])
    assert 0.05 < hidden.mean() < 0.15


def test_a_hidden_pixel_is_as_noisy_as_before(rng):
    noise = rng.normal(size=(256, 256))
    X, y = hide_pixels(noise, fraction=0.05, random_state=0)
    hidden = ~np.isnan(y)
    assert X[hidden].std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(X[hidden], y[hidden])[0, 1]) < 0.06


@pytest.mark.parametrize("seed", range(3))
def test_what_is_put_in_does_not_color_the_noise(seed):
    """Copies of the closest neighbours do: nothing would be binned that is judged."""
    noisy = make_hrem((256, 256), random_state=seed)[1]
    X = hide_pixels(noisy, fraction=0.05, random_state=seed)[0]
    binnings = [choose_binning(image[np.newaxis], stride=2) for image in (noisy, X)]
    assert binnings[0] == pytest.approx(binnings[1], rel=0.05)
    assert min(binnings) > 2


def test_stacks_and_types_are_kept(noisy):
    stack = (20 * np.stack([noisy, noisy.T])).astype("uint16")
    X, y = hide_pixels(stack, random_state=0)
    assert X.shape == y.shape == stack.shape
    assert (X.dtype, y.dtype) == (stack.dtype, np.float32)
    assert not np.array_equal(np.isnan(y[0]), np.isnan(y[1]))


def test_hot_pixels_are_neither_hidden_nor_copied(rng):
    noisy = rng.normal(size=(64, 64))
    noisy[[5, 20, 40], [9, 30, 50]] = 1000
    X, y = hide_pixels(noisy, fraction=0.2, random_state=0)
    assert np.nanmax(y) < 1000
    np.testing.assert_array_equal(X == 1000, noisy == 1000)


def test_the_score_ranks_filters_as_the_clean_image_does():
    clean, noisy = make_hrem((192, 192), random_state=1)
    X, y = hide_pixels(noisy, fraction=0.05, random_state=0)
    hidden = ~np.isnan(y)
    by_truth, by_hidden = [], []
    for sigma in (0, 0.5, 1, 2, 3, 4, 6, 10):
        by_truth.append(psnr(clean, gaussian_filter(noisy, sigma)))
        by_hidden.append(-np.mean((gaussian_filter(X, sigma) - y)[hidden] ** 2))
    assert spearmanr(by_truth, by_hidden).statistic > 0.9
    assert np.argmax(by_hidden) == np.argmax(by_truth)


def test_the_score_is_the_error_plus_the_noise():
    clean, noisy = make_hrem((256, 256), random_state=0)
    X, y = hide_pixels(noisy, fraction=0.05, random_state=0)
    denoiser = AdaptiveWiener().fit(X)
    hidden = ~np.isnan(y)
    error = np.mean((denoiser.transform(X) - clean) ** 2) + np.mean((noisy - clean) ** 2)
    expected = -10 * np.log10(error / y[hidden].var())
    assert hidden_pixel_scorer(denoiser, X, y) == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (np.ones((1, 9)), {}, "need neighbours"),
        (np.ones((2, 2)), {"fraction": 1e-9}, "No pixel of images of shape .1, 2, 2. is hidden"),
        (np.ones((9, 9)), {"fraction": 0.5}, "'fraction' parameter"),
        (np.full((9, 9), np.nan), {}, "contains NaN"),
    ],
)
def test_bad_input_gets_one_sentence(X, options, message):
    with pytest.raises(ValueError, match=message):
        hide_pixels(X, random_state=0, **options)
