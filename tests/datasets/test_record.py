"""record: each thing that a detector does leaves the noise that theory gives it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_hrem, make_stem, record
from sk_noise2sr.grid import colour_of_image
from sk_noise2sr.noise import diagnose

FLAT = np.full((512, 512), 2.0)


def correlation(noise, rows, columns):
    height, width = noise.shape
    noise = noise - noise.mean()
    pairs = noise[rows:, columns:] * noise[: height - rows, : width - columns]
    return pairs.mean() / noise.var()


def test_counts_have_the_variance_of_poisson():
    noisy = record(FLAT, 8, random_state=0)
    assert noisy.dtype == np.float32
    assert noisy.mean() == pytest.approx(2, rel=0.005)
    assert noisy.var() == pytest.approx(2 / 8, rel=0.02)


@pytest.mark.parametrize("constant", [0.43, 1.0, 2.0])
def test_afterglow_correlates_rows_by_its_exponential(constant):
    noisy = record(FLAT, 8, afterglow=constant, random_state=0)
    kept = np.exp(-1 / constant)
    assert noisy.mean() == pytest.approx(2, rel=0.005)
    assert noisy.var() == pytest.approx(2 / 8 * (1 - kept) / (1 + kept), rel=0.03)
    assert noisy[:, 0].var() == pytest.approx(noisy.var(), rel=0.3)  # from the first pixel on
    for lag in (1, 2):
        assert correlation(noisy, 0, lag) == pytest.approx(kept**lag, abs=0.01)
        assert correlation(noisy, lag, 0) == pytest.approx(0, abs=0.01)


def test_a_camera_spreads_in_all_directions():
    noisy = record(FLAT, 8, spread=0.5, random_state=0)
    point = gaussian_filter(np.pad([[1.0]], 8), 0.5)
    expected = np.fft.ifft2(np.abs(np.fft.fft2(point)) ** 2).real
    assert noisy.var() == pytest.approx(2 / 8 * expected[0, 0], rel=0.03)
    for lag in ((0, 1), (1, 0), (1, 1), (0, 2)):
        assert correlation(noisy, *lag) == pytest.approx(expected[lag] / expected[0, 0], abs=0.01)
    value, error = colour_of_image(noisy).correlation(0, 1)
    assert value == pytest.approx(expected[0, 1] / expected[0, 0], abs=4 * error + 0.01)


@pytest.mark.parametrize("bits", [4, 8])
def test_grey_levels_are_as_many_as_bits_allow(bits):
    clean, _ = make_hrem((128, 128), dose=np.inf, random_state=0)
    exact, rounded = (record(clean, 320, bits=each, random_state=0) for each in (None, bits))
    step = np.ptp(exact) / (2**bits - 1)
    assert len(np.unique(rounded)) <= 2**bits
    assert np.abs(rounded - exact).max() < 0.501 * step
    assert np.var(rounded - exact) == pytest.approx(step**2 / 12, rel=0.05)


def test_coarse_grey_levels_are_named():
    clean, _ = make_hrem(dose=np.inf, random_state=0)
    said = diagnose(record(1 + 50 * clean, 100, bits=4, random_state=0)).warnings
    assert any("Grey levels lie" in each for each in said)


def test_seeds_are_exposures_of_one_scene():
    clean, _ = make_stem(dose=np.inf, random_state=0)
    first, again, second = (record(clean, 4500, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef((first - clean).ravel(), (second - clean).ravel())[0, 1]) < 0.02
    np.testing.assert_array_equal(record(clean, np.inf), clean)


@pytest.mark.parametrize(
    "bad", [-np.ones((4, 4)), np.full((4, 4), np.nan), np.ones(4), np.ones((0, 4))]
)
def test_what_is_no_expected_image_is_refused(bad):
    with pytest.raises(ValueError, match="one image of finite intensities of at least 0"):
        record(bad, 8)
