"""Sideways shifts of rows: found where they are, and nowhere else."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.grid import find_row_shifts, shift_rows


def jittered(shifts, dose=2e4, seed=2):
    """Return a noisy image whose rows are shifted to the right by so many pixels."""
    clean = make_stem("mfi", pixel_size=0.02, dose=np.inf, random_state=seed)[0].astype(float)
    moved = np.maximum(shift_rows(clean, shifts), 0)
    electrons = dose * 0.2**2
    return np.random.default_rng(seed).poisson(moved * electrons) / electrons


@pytest.mark.parametrize("size", [0.3, 0.6, 1.2])
def test_shifts_are_found_with_their_strength(rng, size):
    shifts = size * rng.normal(size=256)
    shifts -= shifts.mean()
    found = find_row_shifts(jittered(shifts))
    assert found.strength == pytest.approx(size, rel=0.25, abs=0.05)
    assert np.corrcoef(found.shifts, shifts)[0, 1] > 0.6
    # Nearly as good as the noise allows.
    left = (found.shifts - shifts).std()
    expected = found.error * size / np.hypot(found.error, size)
    assert left < 1.5 * expected


@pytest.mark.parametrize(("dose", "worth"), [(2e4, True), (1500, False)])
def test_rows_are_worth_moving_where_noise_lets_their_shifts_be_seen(dose, worth):
    """Judged by the straight image, which no method sees."""
    shifts = np.random.default_rng(3).normal(size=256)
    noisy = jittered(shifts - shifts.mean(), dose)
    found = find_row_shifts(noisy)
    assert found.worth_moving is worth
    straight = make_stem("mfi", pixel_size=0.02, dose=np.inf, random_state=2)[0]
    alone, moved = (
        min(np.mean((gaussian_filter(image, sigma) - straight) ** 2) for sigma in (1, 1.4, 2))
        for image in (noisy, shift_rows(noisy, -found.shifts))
    )
    assert bool(alone / moved > 1.2) is worth


@pytest.mark.parametrize("make", [make_stem, make_hrem])
@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_is_shifted_nothing_moves(make, seed):
    clean, noisy = make(random_state=seed)
    moved = shift_rows(clean, -find_row_shifts(noisy).shifts)
    assert np.mean((moved - clean) ** 2) < 1e-3 * np.mean((noisy - clean) ** 2)


def test_brightness_of_rows_is_no_shift(rng):
    noisy = jittered(np.zeros(256))
    lifted = noisy + noisy.std() * rng.normal(size=(256, 1))
    assert find_row_shifts(lifted).shifts.std() < 0.05


def test_what_tells_nothing_moves_nothing(rng):
    for image in (
        np.ones((64, 64)),
        rng.normal(size=(64, 64)),
        gaussian_filter(rng.normal(size=(64, 64)), 4),
        rng.normal(size=(16, 64)),
        np.add.outer(np.sin(np.arange(64.0)), np.zeros(64)),
    ):
        shifts = find_row_shifts(image).shifts
        assert shifts.shape == image.shape[:1]
        assert np.all(np.isfinite(shifts))
        assert shifts.std() < 0.3


def test_rows_move_by_parts_of_a_pixel_and_back(rng):
    columns = np.arange(64)
    wave = np.cos(2 * np.pi * columns / 16)
    shifts = np.array([0.0, 0.3, -1.7])
    moved = shift_rows(np.tile(wave, (3, 1)), shifts)
    expected = np.cos(2 * np.pi * (columns - shifts[:, np.newaxis]) / 16)
    np.testing.assert_allclose(moved[:, 8:-8], expected[:, 8:-8], atol=0.01)
    noise = rng.normal(size=(64, 64))
    back = shift_rows(shift_rows(noise, np.full(64, 1.0)), np.full(64, -1.0))
    np.testing.assert_allclose(back[:, 2:-2], noise[:, 2:-2], atol=1e-9)
    half = shift_rows(noise, np.full(64, 0.5))
    assert half.std() == pytest.approx(1, abs=0.05)
    assert abs(np.mean(half[:, 1:] * half[:, :-1])) < 0.06
