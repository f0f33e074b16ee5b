"""AdaptiveWiener: the formula, its limits and its borders."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from scipy.signal import wiener

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.noise import PoissonGaussian


@pytest.mark.parametrize("window", [3, 15])
@pytest.mark.parametrize("noise", ["estimate", 0.2])
def test_with_zeros_beyond_the_border_it_is_that_of_scipy(noisy, window, noise):
    denoised = AdaptiveWiener(window, noise, border="zero").fit_transform(noisy)
    expected = wiener(noisy, window, noise=None if noise == "estimate" else noise)
    np.testing.assert_allclose(denoised, expected, atol=1e-12)


def test_the_paper_preset_has_zeros_beyond_the_border(noisy):
    denoised = AdaptiveWiener.from_preset("paper").fit_transform(noisy)
    np.testing.assert_allclose(denoised, wiener(noisy, 15), atol=1e-12)


def test_zeros_darken_the_frame_and_a_mirror_does_not(rng):
    noisy = rng.normal(1, 0.1, (60, 60))
    corner = {
        border: AdaptiveWiener(border=border, noise=0.3).fit_transform(noisy)[0, 0]
        for border in ("reflect", "zero")
    }
    assert corner["reflect"] == pytest.approx(1, abs=0.05)
    assert corner["zero"] < 0.5


def test_learns_the_variance_of_white_noise(rng):
    """A window of n pixels takes one n-th of the variance with its mean."""
    denoiser = AdaptiveWiener().fit(rng.normal(50, 3, (200, 200)))
    assert denoiser.noise_ == pytest.approx(9 * (1 - 1 / 15**2), rel=0.02)


def test_a_stack_has_the_mean_variance_of_its_frames(rng):
    stack = rng.normal(size=(2, 50, 50)) * np.reshape([1, 3], (2, 1, 1))
    alone = [AdaptiveWiener().fit(frame).noise_ for frame in stack]
    assert AdaptiveWiener().fit(stack).noise_ == pytest.approx(np.mean(alone))


def test_without_noise_nothing_changes_and_with_much_the_local_mean_is_left(noisy):
    unchanged = AdaptiveWiener(noise=0).fit_transform(noisy)
    np.testing.assert_allclose(unchanged, noisy, atol=1e-12)
    smooth = AdaptiveWiener(noise=1e6).fit_transform(noisy)
    np.testing.assert_allclose(smooth, uniform_filter(noisy, 15), atol=1e-12)


def test_an_edge_is_kept_where_the_surroundings_are_smoothed():
    clean = np.repeat([[0.2, 1.0]], 40, axis=1) * np.ones((80, 1))
    noisy = PoissonGaussian(0, 0.05).sample(clean, random_state=0)
    errors = np.abs(AdaptiveWiener(noise=0.05**2).fit_transform(noisy) - clean)
    assert errors[:, :30].mean() < 0.15 * np.abs(noisy - clean).mean()
    assert errors[:, 38:42].mean() < 1.1 * np.abs(noisy - clean).mean()


@pytest.mark.parametrize("shape", [(2, 2), (3, 40), (14, 14)])
def test_images_smaller_than_the_window(rng, shape):
    denoised = AdaptiveWiener(noise=1).fit_transform(rng.normal(size=shape))
    assert denoised.shape == shape
    assert np.isfinite(denoised).all()


def test_with_a_known_variance_a_fit_on_a_constant_image_denoises_others(noisy):
    denoiser = AdaptiveWiener(noise=0.2).fit(np.ones((9, 9)))
    expected = AdaptiveWiener(noise=0.2).fit_transform(noisy)
    np.testing.assert_array_equal(denoiser.transform(noisy), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"window": 4}, "Expected window to be odd, .* got 4"),
        ({"window": 1}, "'window' parameter of AdaptiveWiener must be an int in the range"),
        ({"noise": -1.0}, "'noise' parameter of AdaptiveWiener must be"),
        ({"border": "wrap"}, "'border' parameter of AdaptiveWiener must be a str among"),
    ],
)
def test_says_which_parameter_is_wrong(noisy, parameters, message):
    with pytest.raises(ValueError, match=message):
        AdaptiveWiener(**parameters).fit(noisy)


def test_a_window_beyond_all_memory_gets_one_sentence(noisy):
    with pytest.raises(ValueError, match="window=10000000001 is far beyond an image of 64 x 64"):
        AdaptiveWiener(window=10**10 + 1).fit(noisy)
