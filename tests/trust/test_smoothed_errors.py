"""Standard errors of neighbourhoods: contrast that chance makes goes, and what it hides is back."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.trust._smoothed_errors import SmoothedErrors, telling_power

HERE = np.ones((1, 96, 96), dtype=bool)
HALVES = np.where(np.arange(96) < 48, 1.0, 3.0) * np.ones((96, 1))
STRIPES = np.where(np.arange(96) // 8 % 2, 1.0, 6.0) * np.ones((96, 1))


def standard_errors(true, n_refits=4, seed=0, valid=HERE, grain=0):
    """Return what refits with errors of these standard deviations tell of them."""
    errors = np.random.default_rng(seed).normal(0, 1, (n_refits, *true.shape))
    if grain:
        errors = gaussian_filter(errors, (0, grain, grain))
        errors /= errors.std()
    smoothed = SmoothedErrors(valid)
    for each in errors * true:
        smoothed.add(each[np.newaxis] ** 2)
    return smoothed.standard_errors()[0]


@pytest.mark.parametrize("seed", range(5))
def test_neighbourhoods_that_refits_do_not_tell_apart_get_one_error(seed):
    told = standard_errors(np.ones((96, 96)), seed=seed, grain=3)
    assert told.std() < 0.1 * told.mean()
    assert told.mean() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("n_refits", [2, 4, 16])
def test_halves_of_unlike_errors_are_told_apart(n_refits):
    told = standard_errors(HALVES, n_refits, grain=1)
    left, right = told[:, :36].mean(), told[:, 60:].mean()
    assert right / left == pytest.approx(3, rel=0.15)
    assert np.mean(told**2) == pytest.approx(np.mean(HALVES**2), rel=0.05)


def test_contrast_that_smoothing_takes_is_given_back_in_part():
    told = standard_errors(STRIPES)
    smooth = np.sqrt(gaussian_filter(STRIPES**2, 7))
    contrasts = [np.log(each).std() for each in (smooth, told, STRIPES)]
    assert contrasts[0] * 1.3 < contrasts[1] < contrasts[2]
    inside = np.abs(np.random.default_rng(9).normal(0, STRIPES)) < 1.645 * told
    assert 0.87 < inside.mean() < 0.93


def test_the_power_is_that_of_the_law_between_them(rng):
    smooth = np.exp(rng.normal(0, 1, 20000)) * np.ones((4, 1))
    for power in (0.5, 1.0, 1.6):
        squares = smooth**power * rng.chisquare(1, smooth.shape)
        assert telling_power(smooth, squares) == pytest.approx(power, abs=0.1)
    assert telling_power(smooth, smooth**4) == 2
    assert telling_power(smooth, 1 / smooth) == 0


def test_no_errors_and_no_pixels_tell_nothing():
    assert telling_power(np.zeros((4, 9)), np.zeros((4, 9))) == 0
    assert telling_power(np.zeros((4, 0)), np.zeros((4, 0))) == 0
    assert not standard_errors(np.zeros((96, 96))).any()


def test_invalid_pixels_change_no_error_elsewhere_but_near():
    valid = HERE.copy()
    valid[:, :30, :30] = False
    wild = np.where(valid[0], HALVES, 1e3)
    told, plain = standard_errors(wild, valid=valid), standard_errors(HALVES)
    np.testing.assert_allclose(told[valid[0]] / plain[valid[0]], 1, atol=0.35)
    assert np.median(told[valid[0]] / plain[valid[0]]) == pytest.approx(1, abs=0.05)
