"""fourier_ring_correlation: agreement where the scene is, and none where only noise is."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.metrics import fourier_ring_correlation

SHAPE = (96, 128)


@pytest.fixture
def pair(rng):
    """Return a scene of low frequencies with two independent noises."""
    scene = 10 * gaussian_filter(rng.normal(size=SHAPE), 3)
    return scene + 0.5 * rng.normal(size=(2, *SHAPE))


def test_an_image_agrees_with_itself_in_every_ring(pair):
    frequency, correlation = fourier_ring_correlation(pair[0], pair[0])
    np.testing.assert_allclose(correlation, 1)
    assert len(frequency) == 48
    assert (frequency[0], frequency[-1]) == (1 / 96, 0.5)


def test_independent_noise_agrees_nowhere(rng):
    _, correlation = fourier_ring_correlation(*rng.normal(size=(2, 256, 256)))
    assert abs(correlation[10:].mean()) < 0.02
    assert correlation[10:].std() < 0.1


def test_halves_agree_where_the_scene_is_stronger_than_the_noise(pair):
    frequency, correlation = fourier_ring_correlation(*pair)
    assert correlation[frequency < 0.04].min() > 0.9
    assert abs(correlation[frequency > 0.2].mean()) < 0.05


def test_the_correlation_of_white_noise_with_a_shared_part_is_its_share(rng):
    """Signal and noise of equal power: 1 / 2 in every ring, by the definition."""
    shared, first, second = rng.normal(size=(3, 256, 256))
    _, correlation = fourier_ring_correlation(shared + first, shared + second)
    assert correlation.mean() == pytest.approx(0.5, abs=0.03)


def test_neither_gain_nor_offset_nor_order_matters(pair):
    expected = fourier_ring_correlation(*pair)[1]
    np.testing.assert_allclose(fourier_ring_correlation(pair[1], 7 * pair[0] + 3)[1], expected)
    np.testing.assert_allclose(fourier_ring_correlation(pair[1], -pair[0])[1], -expected)


def test_a_stack_is_one_measurement(pair):
    """Pairs add up: of one that agrees and one of opposite sign, nothing is left."""
    first, second = np.stack([pair[0], pair[0]]), np.stack([pair[0], -pair[0]])
    np.testing.assert_allclose(fourier_ring_correlation(first, second)[1], 0, atol=1e-12)


def test_a_scene_that_ends_at_a_border_is_not_detail():
    """A ramp jumps where a periodic image begins again: without a window, at all frequencies."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 20, 128) * np.ones((128, 1))
    frequency, correlation = fourier_ring_correlation(*(ramp + rng.normal(size=(2, 128, 128))))
    assert abs(correlation[frequency > 0.2].mean()) < 0.05


def test_nothing_correlates_with_a_constant():
    assert np.isnan(fourier_ring_correlation(np.eye(8), np.ones((8, 8)))[1]).all()


def test_it_falls_as_noise_is_added(pair, rng):
    noise = rng.normal(size=SHAPE)
    images = [pair[0] + strength * noise for strength in (0, 1, 3, 9)]
    scores = [np.mean(fourier_ring_correlation(image, pair[1])[1]) for image in images]
    assert (np.diff(scores) < 0).all()


def test_it_is_blind_to_a_blur(rng):
    """As the docstring warns: a gain of a ring, however small, changes nothing."""
    first, second = rng.normal(size=(2, 128, 128)) + rng.normal(size=(128, 128))
    expected = fourier_ring_correlation(first, second)[1]
    blurred = fourier_ring_correlation(gaussian_filter(first, 1, mode="wrap"), second)[1]
    assert abs(blurred - expected).mean() < 0.02


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (np.ones((8, 9)), np.ones((9, 8)), "Expected two images of one shape"),
        (np.full((8, 9), np.nan), np.ones((8, 9)), "Expected finite numbers"),
        (np.ones((7, 9)), np.ones((7, 9)), "sides of at least 8 pixels, got an image of 7 x 9"),
    ],
)
def test_says_what_is_wrong(first, second, message):
    with pytest.raises(ValueError, match=message):
        fourier_ring_correlation(first, second)
