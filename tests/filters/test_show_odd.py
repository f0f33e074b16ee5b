"""show_odd: what a result lacks at single places is added, and nothing else."""

import numpy as np
import pytest

from sk_noise2sr.filters import show_odd

ROWS, COLUMNS = np.mgrid[:96, :96]
LATTICE = np.exp(3 * (np.cos(ROWS * np.pi / 6) + np.cos(COLUMNS * np.pi / 6) - 2))
MISSING = np.exp(-((ROWS - 48) ** 2 + (COLUMNS - 48) ** 2) / 2.5)


def test_a_missing_column_that_a_result_has_drawn_is_taken_out():
    shown = []
    for seed in range(5):
        noisy = LATTICE - MISSING + np.random.default_rng(seed).normal(0, 0.15, LATTICE.shape)
        taken = LATTICE - show_odd(noisy, 0.15, LATTICE, profile="crystal")
        shown.append(np.sum(taken * MISSING) / np.sum(MISSING**2))
    assert 0.85 < np.mean(shown) < 1.15


def test_to_a_result_that_lacks_nothing_nothing_is_added():
    noisy = LATTICE + np.random.default_rng(0).normal(0, 0.15, LATTICE.shape)
    np.testing.assert_allclose(
        show_odd(noisy, 0.15, LATTICE, profile="crystal"), LATTICE, atol=0.02
    )


def test_gain_and_offset_commute(rng):
    noisy, result = rng.normal(size=(2, 24, 24))
    other = show_odd(250 * noisy - 3e3, 250, 250 * result - 3e3)
    np.testing.assert_allclose((other + 3e3) / 250, show_odd(noisy, 1, result), atol=1e-3)


def test_without_noise_the_image_is_right(rng):
    noisy = rng.normal(size=(16, 16))
    np.testing.assert_array_equal(show_odd(noisy, 0, np.zeros((16, 16))), noisy)


def test_bad_input_is_told_in_a_sentence(rng):
    image = rng.normal(size=(16, 16))
    with pytest.raises(ValueError, match="Expected a result"):
        show_odd(image, 1, None)
    with pytest.raises(ValueError, match=r"of the shape of the image, \(16, 16\)"):
        show_odd(image, 1, image[:8])
    with pytest.raises(ValueError, match="'sigma' parameter of show_odd"):
        show_odd(image, -1, image)
