"""Faults planted in noise are found, and noise and structure are not taken for faults."""

from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.grid import fill_pixels, find_bad_pixels
from sk_noise2sr.noise import estimate_noise


def test_planted_pixels_are_found_and_no_others(rng):
    noisy = make_hrem((128, 128), random_state=0)[1].astype(float)
    planted = np.zeros(noisy.shape, dtype=bool)
    planted[[3, 60, 127], [5, 0, 127]] = True  # one inside, one on a border, one in a corner
    planted[90:92, 40:42] = True
    noisy[planted] += 30
    noisy[30, 30:32] -= 30
    planted[30, 30:32] = True
    np.testing.assert_array_equal(find_bad_pixels(noisy), planted)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("scene", ["hrem", "te", "mfi", "mor"])
def test_nothing_is_found_where_nothing_is(scene, seed):
    make = make_hrem if scene == "hrem" else partial(make_stem, scene)
    noisy = make((192, 192), random_state=seed)[1]
    assert not find_bad_pixels(noisy).any()


def test_sparse_counts_and_flat_images_have_no_bad_pixels(rng):
    for rate in (0.2, 0.02, 0.002, 0.0002):
        assert not find_bad_pixels(rng.poisson(rate, (256, 256))).any()
    assert not find_bad_pixels(np.ones((16, 16))).any()


def test_what_spans_more_pixels_is_structure(rng):
    image = rng.normal(size=(96, 96))
    image[20:23, 20:23] += 100
    assert find_bad_pixels(image).sum() == 9
    assert not find_bad_pixels(image, max_size=4).any()
    image[50:54, 50:54] += 100
    assert find_bad_pixels(image).sum() == 9
    spot = np.zeros((64, 64))
    spot[32, 32] = 3000
    assert not find_bad_pixels(rng.normal(size=(64, 64)) + gaussian_filter(spot, 1.2)).any()


def test_fillings_come_from_good_neighbours_alone(rng):
    image = rng.normal(size=(32, 32))
    bad = rng.random(image.shape) < 0.1
    bad[8:20, 8:20] = True
    filled = fill_pixels(image, bad)
    np.testing.assert_array_equal(filled[~bad], image[~bad])
    np.testing.assert_array_equal(fill_pixels(np.where(bad, np.nan, image), bad), filled)
    assert np.abs(filled[bad]).max() < np.abs(image).max()


@pytest.mark.parametrize("share", [0.0005, 0.005, 0.02])
def test_up_to_two_in_a_hundred_of_both_signs_are_found(share):
    clean, noisy = make_hrem((128, 128), random_state=0)
    rng = np.random.default_rng(0)
    planted = rng.random(noisy.shape) < share
    sigma = np.std(noisy - clean)
    spoilt = noisy + planted * rng.choice([-40, 40], noisy.shape) * sigma
    found = find_bad_pixels(spoilt)
    assert (found & planted).sum() >= 0.95 * planted.sum()
    assert (found & ~planted).sum() <= 2


@pytest.mark.parametrize("scene", ["hrem", "te"])
@pytest.mark.parametrize("side", [1, 2, 3])
@pytest.mark.parametrize("share", [0.005, 0.02])
def test_clusters_that_touch_are_found_and_keep_the_brightness(scene, side, share):
    make = make_hrem if scene == "hrem" else partial(make_stem, scene)
    noisy = make((128, 128), random_state=2)[1].astype(float)
    rng = np.random.default_rng(2)
    corners = (rng.random(noisy.shape) < share / side**2) * rng.choice([-1, 1], noisy.shape)
    height = sum(np.roll(corners, by, (0, 1)) for by in np.ndindex(side, side))
    planted = height != 0
    spoilt = noisy + 40 * noisy.std() * np.sign(height)
    found = find_bad_pixels(spoilt)
    assert (found & planted).sum() >= 0.98 * planted.sum()
    assert (found & ~planted).sum() <= 2
    hidden = 3 * noisy.std() * np.sqrt(planted.sum()) / noisy.size  # what nobody can know of them
    assert fill_pixels(spoilt, found).mean() == pytest.approx(noisy.mean(), abs=hidden)


def test_neighbours_of_any_heights_are_found(rng):
    image = rng.normal(size=(96, 96))
    planted = np.zeros(image.shape, dtype=bool)
    for row in range(5, 90, 8):
        heights = np.sort(10 ** rng.uniform(1.5, 5, 3))
        image[row, 40:43] += np.where(heights > 3 * heights[0], heights, heights[0])
        image[row + 1, 43] -= 50
        planted[row, 40:43] = planted[row + 1, 43] = True
    np.testing.assert_array_equal(find_bad_pixels(image), planted)


def test_clusters_beside_borders_and_atoms_are_found(rng):
    image = rng.normal(size=(64, 64))
    rows, columns = np.mgrid[:64, :64]
    image += 10 * np.exp(-((rows - 40) ** 2 + (columns - 40) ** 2) / (2 * 1.27**2))
    planted = np.zeros(image.shape, dtype=bool)
    planted[20:23, 1:4] = planted[61:63, 30:32] = planted[40, 42] = True
    image[planted] += 60
    np.testing.assert_array_equal(find_bad_pixels(image), planted)


@pytest.mark.parametrize("strength", [20, 200, 2000])
def test_an_atom_of_three_pixels_is_no_bad_pixel(strength):
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:64, :64]
    for row, column in rng.uniform(28, 36, (20, 2)):
        atom = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * 1.27**2))
        assert not find_bad_pixels(strength * atom + rng.normal(size=(64, 64))).any()


@pytest.mark.parametrize("seed", [3, 19, 54, 59])
def test_a_few_more_than_two_in_a_hundred_are_found_among_sparse_counts(seed):
    noisy = make_stem("te", (96, 96), random_state=seed)[1].astype(float)
    bad = np.random.default_rng(seed).random(noisy.shape) < 0.025
    found = find_bad_pixels(np.where(bad, noisy + 40 * noisy.std(), noisy))
    assert found[bad].mean() > 0.95
    assert found[~bad].sum() <= 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("dose", "blur"), [(250, 1.0), (250, 2.0), (500, 0.5)])
def test_sparse_counts_with_an_afterglow_are_the_picture(dose, blur, seed):
    noisy = make_stem("te", (192, 192), dose=dose, detector_blur=blur, random_state=seed)[1]
    assert find_bad_pixels(noisy).mean() < 1e-3
    hot = noisy.copy()
    hot[20, 30] = hot[90, 150] = 50 * noisy.max()
    assert find_bad_pixels(hot)[[20, 90], [30, 150]].all()
    assert find_bad_pixels(hot).sum() < 40


@pytest.mark.parametrize("seed", range(5))
def test_one_count_in_twenty_pixels_is_the_picture_however_weak_the_readout(seed):
    clean = 0.05 * make_hrem((256, 256), random_state=seed)[0].astype(float)
    rng = np.random.default_rng(seed)
    noisy = rng.poisson(clean) + rng.normal(0, 0.01, clean.shape)
    assert not find_bad_pixels(noisy).any()
    assert estimate_noise(noisy).variance == pytest.approx(0.05, rel=0.06)


@pytest.mark.parametrize("n_good", [1, 9])
def test_filling_ends_where_hardly_a_pixel_is_good(n_good, rng):
    """The Gaussian grew for ever where fewer than one pixel of a thousand was good."""
    bad = np.ones((128, 128), bool)
    bad[0, :n_good] = False
    filled = fill_pixels(rng.normal(5, 1, bad.shape), bad)
    assert filled.std() < 1
    assert abs(filled.mean() - 5) < 4
