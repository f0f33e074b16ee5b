"""Error bars: they cover, they cost what they say, and they refuse what they cannot do."""

import numpy as np
import pytest
from sklearn.base import clone

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Noise, Noise2SR
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.trust import ErrorBars

CLEAN, NOISY = make_hrem((96, 96), random_state=0)


def test_the_result_is_that_of_the_denoiser():
    plain = AdaptiveWiener().fit(NOISY).transform(NOISY)
    bars = ErrorBars(AdaptiveWiener(), random_state=0, verbose=0).fit(NOISY)
    denoised, std = bars.transform(NOISY, return_std=True)
    np.testing.assert_array_equal(bars.transform(NOISY), plain)
    np.testing.assert_array_equal(denoised, plain)
    assert std.shape == NOISY.shape
    assert (std > 0).all()


def test_ninety_percent_intervals_cover_about_ninety_percent():
    bars = ErrorBars(VSTBM3D(), random_state=0, verbose=0).fit(NOISY)
    denoised, std = bars.transform(NOISY, return_std=True)
    assert 0.8 < np.mean(np.abs(denoised - CLEAN) < 1.645 * std) < 0.98


def test_errors_scale_with_the_image_and_repeat():
    bars = ErrorBars(VSTBM3D(), 2, random_state=3, verbose=0)
    first = clone(bars).fit(NOISY).transform(NOISY, return_std=True)[1]
    again = clone(bars).set_params(n_jobs=2).fit(NOISY).transform(NOISY, return_std=True)[1]
    scaled = clone(bars).fit(5 * NOISY + 3).transform(5 * NOISY + 3, return_std=True)[1]
    np.testing.assert_allclose(again, first, rtol=1e-9)
    np.testing.assert_allclose(scaled, 5 * first, rtol=0.02)


def test_refits_of_a_network_differ_in_noise_and_seed():
    network = Noise2SR(epochs=1, M=2, refine=False, random_state=0, verbose=0)
    bars = ErrorBars(network, 2, random_state=0, verbose=0).fit(np.stack([NOISY, NOISY]))
    denoised, std = bars.transform(np.stack([NOISY, NOISY]), return_std=True)
    assert denoised.shape == std.shape == (2, 96, 96)
    assert (std > 0).all()


def test_a_constant_image_has_no_error():
    flat = np.full((32, 32), 3.0)
    denoised, std = ErrorBars(VSTBM3D(), verbose=0).fit(flat).transform(flat, return_std=True)
    assert (denoised == 3).all()
    assert (std == 0).all()


def test_a_method_that_needs_a_target_is_refused():
    with pytest.raises(ValueError, match="Noise2Noise learns from a target y"):
        ErrorBars(Noise2Noise(), verbose=0).fit(NOISY, NOISY)


def test_a_plain_network_names_error_bars():
    network = Noise2SR(epochs=1, M=1, refine=False, verbose=0).fit(NOISY)
    with pytest.raises(ValueError, match="ErrorBars"):
        network.transform(NOISY, return_std=True)
