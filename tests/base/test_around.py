"""Scale bars, labels and padding do no harm, and come back to the bit."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.grid import find_constant_regions

SIDE = 128
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def shapes():
    """Return masks of what lies over pictures."""
    bar = np.zeros((SIDE, SIDE), dtype=bool)
    bar[108:114, 20:70] = True
    label = bar.copy()
    label[98:105, 22:24] = label[98:105, 30:32] = label[101:103, 24:30] = True  # an H
    rotated = abs((ROWS - 64) * 0.98 + (COLUMNS - 64) * 0.17) > 52
    aperture = np.hypot(ROWS - 64, COLUMNS - 64) > 58
    disc = np.hypot(ROWS - 30, COLUMNS - 90) < 9
    letterbox = (ROWS < 14) | (ROWS >= 114)
    return {
        "bar": bar,
        "label": label,
        "rotated": rotated,
        "aperture": aperture,
        "disc": disc,
        "letterbox": letterbox,
    }


SHAPES = shapes()


@pytest.fixture(scope="module")
def pair():
    clean, noisy = datasets.make_hrem((SIDE, SIDE), random_state=0)
    return clean.astype(float), noisy.astype(float)


@pytest.mark.parametrize("value", [0.0, 300.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_regions_are_found_to_the_pixel(pair, shape, value):
    spoilt = np.where(SHAPES[shape], value, pair[1])
    wrong = find_constant_regions(spoilt) != SHAPES[shape]
    assert wrong.sum() <= 4


@pytest.mark.parametrize("denoiser", [VSTBM3D(), AdaptiveWiener()], ids=["vstbm3d", "wiener"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_rest_is_denoised_as_without_them(pair, shape, denoiser):
    clean, noisy = pair
    over = SHAPES[shape]
    spoilt = np.where(over, 300.0, noisy)
    with pytest.warns(UserWarning, match=f"{over.sum()} of {over.size} pixels lie in regions"):
        denoised = denoiser.fit(spoilt).transform(spoilt)
    np.testing.assert_array_equal(denoised[over], 300.0)
    control = denoiser.fit(noisy).transform(noisy)
    far = distance_transform_edt(~over) > 4
    error, usual = (np.mean((image - clean)[far] ** 2) for image in (denoised, control))
    assert error < 1.25 * usual


def test_a_network_and_its_spread(pair, fast):
    spoilt = np.where(SHAPES["bar"], 300.0, pair[1])
    with pytest.warns(UserWarning, match="300 of 16384 pixels lie in regions"):
        denoiser = fast(Noise2SR, epochs=1).fit(spoilt)
    denoised, spread = denoiser.transform(spoilt, return_spread=True)
    np.testing.assert_array_equal(denoised[SHAPES["bar"]], 300.0)
    np.testing.assert_array_equal(spread[SHAPES["bar"]], 0.0)
    assert np.abs(denoised[~SHAPES["bar"]]).max() < 10


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.7, 3.0, 100.0])
def test_counts_are_no_regions(rate):
    for seed in range(20):
        counts = np.random.default_rng(seed).poisson(rate, (SIDE, SIDE))
        assert not find_constant_regions(counts).any()


def test_clean_frames_stay_as_they_are(pair):
    assert not find_constant_regions(pair[1]).any()
    assert not find_constant_regions(np.ones((32, 32))).any()
