"""residual_whiteness: what was taken away should look like noise."""

import numpy as np
import pytest

from sk_noise2sr.metrics import residual_whiteness

SHAPE = (128, 128)
CHANCE = 3 / 128  # three standard errors of a correlation


@pytest.fixture
def noise(rng):
    return rng.normal(size=SHAPE)


@pytest.fixture
def signal():
    return np.sin(np.arange(128) / 4) * np.ones(SHAPE)


def test_a_perfect_result_leaves_white_noise(signal, noise):
    assert residual_whiteness(signal + noise, signal) < CHANCE


def test_lost_signal_shows_by_its_share_of_the_residual(signal, noise):
    """Along columns the signal does not change: its variance, 1/2, of 3/2 in all."""
    assert residual_whiteness(signal + noise, 0 * signal) == pytest.approx(1 / 3, abs=0.02)


def test_kept_noise_does_not_show(signal, noise):
    assert residual_whiteness(signal + noise, signal + 0.9 * noise) < CHANCE


@pytest.mark.parametrize(("down", "right"), [(0, 1), (1, 0), (1, 1), (1, -1)])
def test_each_neighbour_is_looked_at(noise, down, right):
    """The sum of a pixel and one neighbour is correlated by 1/2 at that lag alone."""
    correlated = noise + np.roll(noise, (down, right), axis=(0, 1))
    assert residual_whiteness(correlated, 0 * noise) == pytest.approx(0.5, abs=CHANCE)


def test_alternating_pixels_are_anticorrelated():
    """Every neighbour along a row or column has the other sign."""
    board = (-1.0) ** np.add.outer(np.arange(8), np.arange(9))
    assert residual_whiteness(board, 0 * board) == pytest.approx(1, rel=0.05)


def test_gain_and_offset_change_nothing(signal, noise):
    noisy = signal + noise
    expected = residual_whiteness(noisy, 0 * noisy)
    assert residual_whiteness(5 * noisy + 9, 0 * noisy) == pytest.approx(expected)


def test_a_hot_pixel_hides_nothing(signal, noise):
    noisy = signal + noise
    expected = residual_whiteness(noisy, 0 * noisy)
    noisy[50, 50] = 1e4
    assert residual_whiteness(noisy, 0 * noisy) == pytest.approx(expected, rel=0.05)


def test_images_of_a_stack_have_levels_of_their_own(noise):
    stack = np.stack([noise, noise[::-1] + 100])
    assert residual_whiteness(stack, np.zeros_like(stack)) < CHANCE


def test_a_constant_residual_has_no_correlation(noise):
    assert np.isnan(residual_whiteness(noise, noise))


@pytest.mark.parametrize(
    ("noisy", "denoised", "message"),
    [
        (np.ones((4, 5)), np.ones((5, 4)), "Expected two images of one shape"),
        (np.full((4, 5), np.nan), np.ones((4, 5)), "Expected finite numbers"),
        (np.ones((1, 5)), np.ones((1, 5)), "sides of at least 2, got an image of 1 x 5"),
    ],
)
def test_says_what_is_wrong(noisy, denoised, message):
    with pytest.raises(ValueError, match=message):
        residual_whiteness(noisy, denoised)


def test_pixels_that_are_nan_are_left_out(rng):
    noisy, denoised = rng.normal(size=(2, 64, 64))
    holes = noisy.copy()
    holes[:20] = np.nan
    assert residual_whiteness(holes, denoised) == pytest.approx(
        residual_whiteness(noisy[20:], denoised[20:]), abs=1e-12
    )
    dark = np.where(np.isnan(holes), np.nan, denoised)
    assert residual_whiteness(holes, dark) == residual_whiteness(holes, denoised)
    with pytest.raises(ValueError, match="NaN or infinity in the image"):
        residual_whiteness(noisy, dark)
