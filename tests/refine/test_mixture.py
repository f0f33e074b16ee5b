"""Shares of estimates that the noisy image tells."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import poisson
from skimage import data

from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.grid import colour_of_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import Anscombe
from sk_noise2sr.refine import CollaborativeFilter
from sk_noise2sr.refine._mixture import changes_like_noise, find_shares, with_mixture


@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_the_mixture_is_as_good_as_the_best_of_its_parts(colour):
    """Three blurs; noise that is white, or smooth along rows."""

    def estimates(image):
        return [gaussian_filter(image, sigma) for sigma in (0.5, 1.5, 4.0)]

    for seed in range(3):
        rng = np.random.default_rng(seed)
        clean = 30 * gaussian_filter(rng.normal(size=(128, 128)), 3)
        noise, more = (gaussian_filter(rng.normal(size=clean.shape), (0, colour)) for _ in "ab")
        made = np.stack([each.ravel() for each in estimates(clean + noise)], axis=1)
        changes = 0.1 * more, -0.1 * more
        shares = find_shares(estimates, clean + noise, changes, more.var(), (1 / 3, 1 / 3, 1 / 3))
        assert sum(shares) == pytest.approx(1)
        alone = np.mean((made - clean.reshape(-1, 1)) ** 2, axis=0)
        assert np.mean((made @ shares - clean.ravel()) ** 2) < 1.02 * alone.min()


def test_where_the_image_tells_nothing_shares_are_the_usual_ones(rng):
    image, noise = rng.normal(size=(2, 16, 16))
    shares = find_shares(lambda noisy: [noisy, noisy], image, [0.1 * noise], 1.0, (0.3, 0.7))
    assert shares == pytest.approx((0.3, 0.7))


@pytest.mark.parametrize("counts", [1, 4])
def test_changes_of_counts_tell_how_far_a_bent_estimate_follows_them(counts):
    """Normal noise of the same variance tells 0.17 for 0.23, and 0.46 for 0.39."""

    def bend(counts):
        return counts**2 / (4 + counts**2)

    numbers = np.arange(60.0)
    followed = np.sum(poisson.pmf(numbers, counts) * bend(numbers) * (numbers - counts))
    told = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        clean = np.full((512, 512), float(counts))
        noisy = rng.poisson(clean).astype(float)
        *changes, variance = changes_like_noise(noisy, clean, Anscombe(1.0), None, rng)
        assert variance == counts
        for change in changes:
            assert np.mean(change**2) == pytest.approx(0.01 * counts, rel=0.15)
            told.append(np.mean((bend(noisy + change) - bend(noisy)) * change) / 0.01)
    assert np.mean(told) == pytest.approx(followed, rel=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_smooth_noise_is_told_by_what_a_guide_leaves(seed):
    """A high pass alone tells 0.79 of its variance; all was left to block matching."""
    rows, columns = np.mgrid[:112, :112]
    clean = 1 + 0.2 * (np.cos(2 * np.pi * rows / 11) + np.cos(2 * np.pi * columns / 10))
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(0.3 * rng.normal(size=clean.shape), 0.7)
    anscombe = Anscombe.from_pair((0.0, noise.std() / 3.78))  # what a high pass sees of it
    colour = colour_of_image(anscombe.transform(clean + noise))
    *_, variance = changes_like_noise(clean + noise, clean, anscombe, colour, rng)
    assert variance == pytest.approx(noise.var(), rel=0.15)


def test_of_sparse_counts_enough_change(rng):
    """Of 0.01 counts a pixel a hundredth would be four."""
    clean = np.full((192, 192), 0.01)
    more, less, _ = changes_like_noise(rng.poisson(clean), clean, Anscombe(1.0), None, rng)
    assert np.count_nonzero(more > 0.5) > 20
    assert np.count_nonzero(less < -0.5) > 20


def test_what_was_trained_on_more_of_the_image_is_believed_less(rng):
    clean = 4 * gaussian_filter(rng.normal(size=(96, 96)), 2)
    noise, change = rng.normal(size=(2, 96, 96))

    def estimates(image):
        return [gaussian_filter(image, sigma) for sigma in (1.0, 2.0, 3.0)]

    changes, usual = (0.1 * change, -0.1 * change), (1 / 3, 1 / 3, 1 / 3)
    first = [
        find_shares(estimates, clean + noise, changes, 1.0, usual, trained)[0]
        for trained in (0.0, 0.2, 1.0)
    ]
    assert first[0] > first[1] + 0.03
    assert first[1] > first[2] + 0.03


def test_an_amorphous_film_is_left_to_the_wiener_filter(rng):
    """Blocks show no motif there, and the best blur was ahead by 0.3 dB."""
    film = gaussian_filter(rng.normal(size=(160, 160)), 1.2)
    clean = np.maximum(1 + 0.25 * film / film.std(), 0.1)
    noisy = rng.poisson(8 * clean) / 8
    refining = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(1 / 8), "auto")
    mixed = with_mixture(refining, noisy, lambda image: gaussian_filter(image, 3), trained=1.0)
    assert mixed.shares[3] > 0.2
    result = mixed.refine(noisy, gaussian_filter(noisy, 3))
    assert psnr(clean, result) > psnr(clean, refining.denoise(noisy)) + 0.1


@pytest.mark.parametrize("noise", ["smooth", "uneven"])
def test_noise_that_is_hardly_known_is_not_left_to_the_wiener_filter(noise, rng):
    """It follows such noise, which passed for signal: 3.5 dB were lost behind the network."""
    film = gaussian_filter(rng.normal(size=(192, 192)), 3)
    clean = np.maximum(1 + 0.25 * film / film.std(), 0.1)
    if noise == "smooth":
        noisy = gaussian_filter(rng.poisson(clean).astype(float), 0.7)
    else:
        noisy = rng.poisson(clean) + np.where(np.arange(192) < 64, 1.5, 0) * rng.normal(
            size=(192,) * 2
        )
    denoiser = VSTBM3D().fit(noisy)
    mixed = with_mixture(denoiser.filter_, noisy, lambda image: gaussian_filter(image, 3))
    assert mixed.shares[3] == 0


def test_a_photograph_of_few_counts_is_not_left_to_the_network():
    """It knows the noise that it was trained on, and was believed: 0.5 dB were lost."""
    clean = data.camera()[80:208, 180:308] / 120
    denoiser, behind = Noise2SR(epochs=24, random_state=0, verbose=0), []
    for seed in range(2):  # of one draw, another processor made -0.3 for -0.1
        noisy = np.random.default_rng(seed).poisson(2 * clean) / 2
        filtered, denoised = (each.fit_transform(noisy) for each in (VSTBM3D(), denoiser))
        behind.append(psnr(clean, filtered) - psnr(clean, denoised))
    assert np.mean(behind) < 0.4  # the network alone is behind by 1.6


def test_a_crystal_of_hardly_any_counts_is_not_left_to_the_network():
    """Six counts on 100 pixels, from which a network learns little: 3 dB were lost."""
    rows, columns = np.mgrid[:128, :128] % 16 - 8
    clean = 0.03 + 0.15 * np.exp(-(rows**2 + columns**2) / (2 * 3.0**2))
    denoiser, behind = Noise2SR(epochs=2, M=4, random_state=0, verbose=0), []
    for seed in range(4):
        noisy = np.random.default_rng(seed).poisson(clean).astype(float)
        filtered, denoised = (each.fit_transform(noisy) for each in (VSTBM3D(), denoiser))
        behind.append(psnr(clean, filtered) - psnr(clean, denoised))
    assert np.mean(behind) < 0.5


def test_a_sharp_image_is_handed_over_as_far_as_the_network_is_worse():
    clean = data.camera()[60:156, 180:276].astype(float)
    noisy = clean + 25 * np.random.default_rng(0).normal(size=clean.shape)
    denoiser = Noise2SR(epochs=8, M=8, random_state=0, verbose=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        denoised = denoiser.fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, VSTBM3D().fit_transform(noisy)) - 0.2
    told = any(
        "of the result is that of VSTBM3D(refine=False)" in str(each.message) for each in said
    )
    assert told == (denoiser.filter_.shares[2] > 0.5)
    blurred = with_mixture(denoiser.filter_, noisy, lambda image: gaussian_filter(image, 6))
    assert blurred.shares[2] > 0.5
    assert sum(blurred.shares) == pytest.approx(1)
