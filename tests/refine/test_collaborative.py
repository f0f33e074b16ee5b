"""The collaborative filter that refines what a network makes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr import ZSN2N, Noise2SR, datasets
from sk_noise2sr.filters import bm3d
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import Anscombe, estimate_noise
from sk_noise2sr.refine import CollaborativeFilter, residual
from sk_noise2sr.refine._stabilized import mean_difference


@pytest.fixture(scope="module")
def counts():
    return datasets.make_hrem((128, 128), random_state=0)


@pytest.fixture(scope="module")
def fitted(counts):
    return Noise2SR(epochs=5, M=8, random_state=0, verbose=0).fit(counts[1])


def test_a_result_is_refined_and_can_be_had_without(fitted, counts):
    clean, noisy = counts
    refined = fitted.transform(noisy)
    plain = Noise2SR(epochs=5, M=8, random_state=0, verbose=0, refine=False).fit_transform(noisy)
    assert psnr(clean, refined) > psnr(clean, plain) + 0.3
    try:
        np.testing.assert_array_equal(fitted.set_params(refine=False).transform(noisy), plain)
    finally:
        fitted.set_params(refine=True)


def test_what_was_not_learned_in_fit_cannot_be_switched_on(counts):
    denoiser = ZSN2N(epochs=1, random_state=0, verbose=0).fit(counts[1]).set_params(refine=True)
    with pytest.raises(ValueError, match="refine was False in fit and is True now; fit again"):
        denoiser.transform(counts[1])


def test_any_method_can_be_refined(counts):
    clean, noisy = counts
    plain, refined = (
        ZSN2N(epochs=2, refine=refine, random_state=0, verbose=0).fit_transform(noisy)
        for refine in (False, True)
    )
    assert psnr(clean, refined) > psnr(clean, plain) + 0.5


def test_the_guide_weighs_and_the_noisy_pixels_are_weighed(counts):
    """A perfect guide beats the filter's own, and draws nothing that is not in the image."""
    clean, noisy = counts
    collaborative = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(0.125), "auto")
    alone, guided = collaborative.denoise(noisy), collaborative.denoise(noisy, guide=clean)
    assert psnr(clean, guided) > psnr(clean, alone) + 1
    flat = np.random.default_rng(0).poisson(8 * clean.mean(), clean.shape) / 8
    invented = collaborative.denoise(flat, guide=clean)
    pattern = clean - clean.mean()
    assert abs((invented * pattern).mean()) < 0.1 * (pattern**2).mean()


def test_guided_by_its_own_result_the_filter_leaves_a_rough_guide_behind(counts):
    clean, noisy = counts
    collaborative = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(0.125), "auto")
    rough = gaussian_filter(noisy, 6)
    once, twice = (collaborative.refine(noisy, rough, n_passes=n) for n in (1, 2))
    assert psnr(clean, twice) > psnr(clean, once) + 0.3


@pytest.mark.parametrize(("dose", "least", "most"), [(10, 0.0, 0.1), (3200, 0.5, 1.1)])
def test_where_few_are_counted_another_pass_counts_little(dose, least, most):
    _, noisy = datasets.make_hrem((128, 128), dose=dose, random_state=0)
    collaborative = CollaborativeFilter.fit(
        noisy[np.newaxis], estimate_noise(noisy).anscombe(), 2.5
    )
    once, twice = (
        collaborative.refine(noisy, gaussian_filter(noisy, 3), n_passes=n) for n in (1, 2)
    )
    again = collaborative.refine(noisy, once)
    assert least <= np.abs(twice - once).mean() / np.abs(again - once).mean() <= most


@pytest.mark.parametrize(("refine", "n_passes"), [(True, 2), (np.True_, 2), (1, 1), (3, 3)])
def test_a_network_is_refined_twice_or_as_often_as_told(fitted, counts, refine, n_passes):
    noisy = counts[1]
    network = fitted.set_params(refine=False).transform(noisy)
    try:
        refined = fitted.set_params(refine=refine).transform(noisy)
    finally:
        fitted.set_params(refine=True)
    expected = fitted.filter_.refine(noisy, network, n_passes=n_passes)
    np.testing.assert_array_equal(refined, expected)


def test_a_frame_darker_than_the_noise_model_comes_back_as_its_guide(counts):
    collaborative = CollaborativeFilter.fit(counts[1][np.newaxis], Anscombe(0.125), "auto")
    dark = counts[1] - counts[1].max() - 1
    assert collaborative.denoise(dark, guide=dark / 2) is not None
    np.testing.assert_array_equal(collaborative.denoise(dark, guide=dark / 2), dark / 2)


def test_the_mean_is_that_of_the_image_though_the_noise_is_no_counting(rng):
    """Normal noise at four counts a pixel; the inverse for counts alone is off by 0.01."""
    clean = np.full((128, 128), 4.0)
    noisy = clean + rng.normal(0, 2, clean.shape)
    collaborative = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(1.0), "auto")
    denoised = collaborative.denoise(noisy, guide=clean + rng.normal(0, 0.01, clean.shape))
    assert abs(denoised.mean() - noisy.mean()) < 2e-3


def test_one_outlier_does_not_move_the_mean(rng):
    noisy = rng.normal(0, 2, (64, 64))
    black, anscombe = np.zeros_like(noisy), Anscombe(0.0, 2.0)
    without = mean_difference(noisy, black, anscombe, None)
    noisy[5, 5] = 1e6
    assert abs(mean_difference(noisy, black, anscombe, None) - without) < 2e-3


def test_a_guide_of_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"Expected a guide of the shape of the image, \(32, 32\)"):
        bm3d(rng.normal(size=(32, 32)), 1.0, guide=np.zeros((32, 31)))


@pytest.mark.parametrize(("gain", "offset"), [(1e-9, 0.0), (250.0, -3e3)])
def test_gain_and_offset_commute_with_the_filter(counts, gain, offset):
    clean, noisy = (image.astype(float) for image in counts)

    def denoise(image, guide):
        anscombe = estimate_noise(image[np.newaxis]).anscombe()
        return CollaborativeFilter.fit(image[np.newaxis], anscombe, "auto").denoise(image, guide)

    other = denoise(gain * noisy + offset, gain * clean + offset)
    difference = (other - offset) / gain - denoise(noisy, clean)
    assert difference.std() < 0.005 * noisy.std()


def test_an_image_without_noise_stays_finite(fast):
    image = np.kron(np.random.default_rng(0).normal(size=(8, 8)), np.ones((8, 8)))
    denoiser = fast(Noise2SR, refine=True)
    try:
        assert np.isfinite(denoiser.fit_transform(image)).all()
    except RuntimeError as error:
        assert "could not be fitted" in str(error)  # noqa: PT017


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_image_is_kept(counts, dtype):
    noisy = counts[1].astype(dtype)
    alone = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(a=1.0, b=0.1), "auto")
    assert alone.denoise(noisy).dtype == dtype
    assert alone.denoise(noisy, guide=noisy).dtype == dtype


@pytest.mark.parametrize("crystal", ["te", "mor"])
def test_the_mean_of_few_counts_is_kept_whatever_a_lone_pixel_holds(crystal):
    """Most pixels hold no count, so that the median pixel says nothing of how far counts reach."""
    clean, noisy = (x.astype(float) for x in datasets.make_stem(crystal, (96, 96), random_state=0))
    collaborative = CollaborativeFilter.fit(noisy[None], estimate_noise(noisy).anscombe(), "auto")
    assert collaborative.refine(noisy, clean).mean() == pytest.approx(noisy.mean(), rel=0.02)
    spoilt = noisy.copy()
    spoilt[40, 40] = 1e3 * noisy.max()
    assert collaborative.refine(spoilt, clean).mean() == pytest.approx(noisy.mean(), rel=0.05)


def test_copies_of_a_frame_add_nothing_to_what_is_known_of_it():
    clean, noisy = datasets.make_hrem((96, 96), random_state=0)
    refining = CollaborativeFilter.fit(noisy[None], estimate_noise(noisy).anscombe(), 2.0)
    left = residual(noisy, clean, refining.grid, refining.anscombe)
    alone, copied = (refining.denoise(noisy, clean, [left] * n) for n in (0, 4))
    np.testing.assert_allclose(copied, alone, atol=1e-3)


@pytest.mark.parametrize("dose", [50, 100])
def test_an_image_that_drowns_in_its_noise_is_binned_until_blocks_are_told_apart(dose):
    """A filter of single pixels is up to 2 dB behind the best blur there, and this one ahead."""
    for seed in range(3):
        clean, noisy = datasets.make_hrem((192, 192), dose=dose, random_state=seed)
        anscombe = estimate_noise(noisy).anscombe()
        collaborative = CollaborativeFilter.fit(noisy[np.newaxis], anscombe, "auto")
        assert collaborative.drowned > 2
        kept, guided, *others = collaborative.shares
        assert 0.5 < guided < 0.8
        assert kept + guided == pytest.approx(1)
        assert others == [0, 0]
        blurred = max(psnr(clean, gaussian_filter(noisy, width)) for width in (2, 3, 4, 6))
        assert psnr(clean, collaborative.denoise(noisy)) > blurred + 0.5
        among_others = CollaborativeFilter.fit(noisy[np.newaxis], anscombe, "auto", alone=False)
        assert among_others.drowned == 1


@pytest.mark.parametrize("dose", [800, 10000])
def test_an_image_that_stands_out_of_its_noise_does_not_drown(dose):
    noisy = datasets.make_hrem((160, 160), dose=dose, random_state=0)[1]
    anscombe = estimate_noise(noisy).anscombe()
    assert CollaborativeFilter.fit(noisy[np.newaxis], anscombe, "auto").drowned == 1


def lattice(side, odd):
    """Columns three pixels apart, of which one is missing."""
    y, x = np.mgrid[:side, :side]
    columns = np.exp(1.6 * (np.cos(2 * np.pi * y / 3.2) + np.cos(2 * np.pi * x / 3.2) - 2))
    row, column = 3.2 * 15, 3.2 * 15
    missing = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * 0.75**2))
    return 5 + 20 * columns, 15 * odd * missing


def test_a_vacancy_is_shown_even_if_the_network_gets_all_shares():
    """A network that has learned the lattice draws no gap, which is right nearly everywhere."""
    perfect, missing = lattice(96, 1)
    noisy = np.random.default_rng(0).poisson(perfect - missing).astype(float)
    refining = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(1.0), "auto")
    refining = replace(refining, mixture=(1.0, 0.0, 0.0, 0.0))
    shown = perfect - refining.refine(noisy, perfect)
    assert 0.7 < np.sum(shown * missing) / np.sum(missing**2) < 1.3


@pytest.mark.parametrize("counts", [0.05, 0.5, 5.0])
def test_of_few_counts_nothing_seems_odd(counts):
    """The mean of a stabilised count is less than the stabilised mean."""
    perfect = counts / 5 * lattice(96, 0)[0]
    changed = []
    for seed in range(10):
        noisy = np.random.default_rng(seed).poisson(perfect).astype(float)
        refining = CollaborativeFilter.fit(noisy[np.newaxis], Anscombe(1.0), "auto")
        refining = replace(refining, mixture=(1.0, 0.0, 0.0, 0.0))
        changed.append(np.sum((refining.refine(noisy, perfect) - perfect) ** 2 / perfect))
    assert np.mean(changed) < 1  # in units of the noise of a place
