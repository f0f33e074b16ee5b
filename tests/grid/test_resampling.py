"""Fourier binning: what it keeps, and when it keeps its hands off."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.fft import dctn, idctn
from skimage import data

from sk_noise2sr import datasets
from sk_noise2sr.grid import bin_images, frequencies, unbin_image
from sk_noise2sr.grid._working_grid import WorkingGrid
from sk_noise2sr.grid.binning._factors import (
    choose_binning,
    choose_factors,
)
from sk_noise2sr.grid.binning._lost_detail import chance_of_loss
from sk_noise2sr.grid.colour._filled_share import filled_share


def band_limited(shape, limits, rng):
    """Return a random texture with no power beyond limits in cycles a pixel, of deviation 1."""
    rows, columns = (
        np.arange(side) / (2 * side * limit)
        for side, limit in zip(shape, np.broadcast_to(limits, 2), strict=True)
    )
    beyond = np.hypot(rows[:, None], columns)
    spectrum = rng.normal(size=shape) * (beyond < 1) * np.cos(beyond * np.pi / 2)
    image = idctn(spectrum, norm="ortho")
    return (image - image.mean()) / image.std()


@pytest.mark.parametrize("factor", [1.3, 2, 3.7, 4])
@pytest.mark.parametrize("shape", [(64, 96), (65, 97)])
def test_what_lies_below_the_cut_comes_back(shape, factor, rng):
    image = band_limited(shape, 0.45 / factor, rng)
    binned = bin_images(image, factor)
    np.testing.assert_allclose(unbin_image(binned, shape), image, atol=1e-9)


def test_white_noise_stays_white_and_its_variance_falls_by_the_square(rng):
    noise = rng.normal(size=(1, 512, 512))
    binned = bin_images(noise, 4)[0]
    assert binned.std() == pytest.approx(1 / 4, rel=0.02)
    for shifted in (binned[1:] * binned[:-1], binned[:, 1:] * binned[:, :-1]):
        assert abs(shifted.mean()) < 4 * binned.var() / np.sqrt(shifted.size)


def test_the_mean_is_kept(rng):
    images = rng.uniform(size=(3, 50, 70))
    binned = bin_images(images, 2.5)
    np.testing.assert_allclose(binned.mean(axis=(1, 2)), images.mean(axis=(1, 2)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_auto_binning_never_cuts_into_the_signal(seed):
    """What the cut removes lies 30 dB below the error that any fit could reach.

    That error is at least what an ideal low-pass at the band limit leaves of the noise, less the
    20 dB that the structure of an image may be worth.
    """
    rng = np.random.default_rng(seed)
    limit = rng.uniform(0.02, 0.3)
    clean = band_limited((256, 320), limit, rng)
    sigma = 10 ** rng.uniform(-1, 0.7)
    noisy = clean + sigma * rng.normal(size=clean.shape)
    factor = choose_binning(noisy[None].astype(np.float32), stride=2)
    back = unbin_image(bin_images(clean, factor), clean.shape, taper=True)
    removed = clean - back
    ideal_error = sigma**2 * np.pi * limit**2 / 100
    assert removed.var() < 1e-3 * ideal_error
    assert factor <= max(1.0, 0.5 / limit)


@pytest.mark.parametrize("scene", [10, 11, 12])
def test_a_doubt_costs_a_part_of_the_factor(scene):
    """However the noise falls, a small image whose spectrum ends is not left as it is."""
    size = {"shape": (128, 128), "pixel_size": 0.006}
    clean, _ = datasets.make_hrem(**size, dose=np.inf, random_state=scene)
    draws = (datasets.record(clean, 11.5, random_state=100 + draw) for draw in range(4))
    assert min(choose_binning(noisy[np.newaxis], stride=2) for noisy in draws) > 1.3


@pytest.mark.parametrize("dose", [800, 3200])
def test_oversampled_nanoparticles_are_binned(dose):
    factors = [
        choose_binning(datasets.make_hrem(dose=dose, random_state=seed)[1][None], stride=2)
        for seed in range(3)
    ]
    assert min(factors) >= 1.3
    assert max(factors) <= 5


def test_a_larger_stride_leaves_more_room():
    noisy = datasets.make_hrem((512, 512), pixel_size=0.005, random_state=0)[1][None]
    assert choose_binning(noisy, stride=2) > choose_binning(noisy, stride=3) > 1


@pytest.mark.parametrize("sigma", [0, 10, 25, 50, 100])
@pytest.mark.parametrize("name", ["camera", "moon", "coins", "brick", "grass"])
def test_natural_images_are_not_binned(name, sigma, rng):
    image = getattr(data, name)() / 255.0
    noisy = image + rng.normal(size=image.shape) * sigma / 255
    assert choose_binning(noisy[None], stride=2) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda noise: noise, id="noise alone"),
        pytest.param(lambda noise: noise + np.roll(noise, 1, axis=1), id="correlated noise"),
        pytest.param(lambda noise: noise + 2 * noise[:, :1], id="scan lines"),
    ],
)
def test_no_end_of_the_spectrum_no_binning(spoil, rng):
    assert choose_binning(spoil(rng.normal(size=(256, 256)))[None], stride=2) == 1


def test_small_images_are_not_binned(rng):
    clean = band_limited((40, 300), 0.02, rng)
    factors = choose_factors((clean + rng.normal(size=clean.shape))[None], stride=2)
    assert factors[0] <= 40 / 32
    assert factors[1] <= 300 / 32


def test_rows_and_columns_each_get_their_factor(rng):
    for limits in ((0.03, 0.12), (0.2, 0.05)):
        clean = band_limited((256, 320), limits, rng)
        noisy = clean + 0.5 * rng.normal(size=clean.shape)
        factors = choose_factors(noisy[None], stride=2)
        finer, coarser = np.argsort(limits)[::-1]
        assert factors[coarser] > 2 * factors[finer]
        grid = WorkingGrid.fit(noisy[None], binning="auto", stride=2, standardize=True)
        assert grid.factors == factors
        assert grid.prepare(noisy).size == pytest.approx(noisy.size / grid.binning**2, 0.1)
        back = unbin_image(bin_images(clean, factors), clean.shape, taper=True)
        assert (clean - back).std() < 0.01


def test_a_texture_like_itself_in_all_directions_gets_one_factor(rng):
    for limit in (0.04, 0.06, 0.08):
        noisy = band_limited((256, 320), limit, rng) + 0.5 * rng.normal(size=(256, 320))
        assert len(set(choose_factors(noisy[None], stride=2))) == 1


def add_features(image, n_features, sigma, height, rng):
    """Add Gaussian peaks at random places, far from the border."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    places = rng.uniform(20, min(image.shape) - 20, size=(n_features, 2))
    for row, column in places:
        distance = np.hypot(rows - row, columns - column)
        image = image + height * np.exp(-(distance**2) / (2 * sigma**2))
    return image, places.round().astype(int)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("n_features", "sigma"), [(1, 0.7), (3, 0.7), (5, 1.0)])
def test_sharp_features_on_a_smooth_image_are_not_blurred(n_features, sigma, sign, rng):
    """The spectrum does not show them: what lies above its end does."""
    smooth = 3 * band_limited((192, 192), 0.04, rng)
    noise = rng.normal(size=smooth.shape)
    assert choose_binning((smooth + noise)[None], stride=2) > 2
    sharp, places = add_features(smooth, n_features, sigma, 10 * sign, rng)
    factors = choose_factors((sharp + noise)[None], stride=2)
    lost = (sharp - smooth) - unbin_image(
        bin_images(sharp - smooth, factors), smooth.shape, taper=max(factors) > 1
    )
    assert np.abs(lost[tuple(places.T)]).max() < 3.5


@pytest.mark.parametrize("scene", ["hrem", "stem", "two levels"])
@pytest.mark.parametrize("counts", [0.2, 1, 10])
def test_counting_noise_is_no_feature(scene, counts):
    """What is smooth keeps its factor at any dose, however much the noise varies with it."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        smooth = smooth_scene(scene, seed)
        for read_out in (0, 0.3):
            noisy = rng.poisson(counts * smooth) + read_out * rng.normal(size=smooth.shape)
            assert not is_suspicious(noisy, (2.0, 2.0))


def test_a_lattice_of_few_counts_has_no_feature():
    """Where nearly all pixels are empty, what two counts make is no rarer than it should be."""
    clean, _ = datasets.make_stem("te", (128, 128), pixel_size=0.01, dose=np.inf, random_state=0)
    for draw in (2, 5, 6, 7):
        assert not is_suspicious(datasets.record(clean, 20, random_state=draw), (2.0, 2.0))


def is_suspicious(image, factors):
    image = image.astype(np.float32)
    spectrum = dctn(image - image.mean(), norm="ortho")
    return chance_of_loss(image, spectrum, factors, stride=2) < 1e-4


def smooth_scene(scene, seed):
    """Return expected counts of mean 1 without detail above 0.1 cycles a pixel."""
    if scene == "hrem":
        image = datasets.make_hrem((192, 192), dose=np.inf, random_state=seed)[0]
    elif scene == "stem":
        image = datasets.make_stem("mfi", (192, 192), dose=np.inf, random_state=seed)[0]
    else:
        rows, columns = np.mgrid[:192, :192]
        image = (np.hypot(rows - 90, columns - 80) < 40) * (2 + np.cos(rows / 3))
    spectrum = dctn(image.astype(float), norm="ortho") * (frequencies(image.shape) < 0.1)
    smooth = idctn(spectrum, norm="ortho")
    smooth += 0.01 * np.ptp(smooth) - smooth.min()
    return smooth / smooth.mean()


def test_the_lattice_of_a_small_particle_is_not_lost(rng):
    """Its spots are too weak for the spectrum of the whole image."""
    rows, columns = np.mgrid[:256, :256]
    smooth = 3 * band_limited((256, 256), 0.05, rng)
    noise = rng.normal(size=smooth.shape)
    particle = np.exp(-((rows - 128) ** 2 + (columns - 128) ** 2) / (2 * 20**2))
    lattice = 0.6 * particle * np.cos(2 * np.pi * (0.17 * rows + 0.11 * columns))
    assert choose_binning((smooth + noise)[None], stride=2) > 2
    assert choose_binning((smooth + lattice + noise)[None], stride=2) < 1.25


def displaced_lines(seed):
    """Return a noisy lattice with rows too bright, and displaced, most in a quarter of them."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:256, :256]
    shift = np.where(abs(rows[:, :1] - 128) < 32, 1.2, 0.3)
    columns = columns + shift * rng.normal(size=(256, 1))
    clean = 6 * np.cos(2 * np.pi * columns / 32) * np.cos(2 * np.pi * rows / 32)
    return clean + 0.3 * rng.normal(size=(256, 1)) + rng.normal(size=clean.shape)


@pytest.mark.parametrize("seed", [2, 19])
def test_lines_displaced_farther_in_places_are_no_detail(seed):
    image = displaced_lines(seed)
    assert choose_binning(image[np.newaxis], stride=2) > 2.5
    assert choose_binning(image.T[np.newaxis], stride=2) > 2.5


@pytest.mark.parametrize("seed", [0, 2, 19])
def test_displaced_lines_do_not_hide_the_lattice_of_a_small_particle(seed):
    rows, columns = np.mgrid[:256, :256]
    lattice = np.cos(2 * np.pi * rows / 5) + np.cos(2 * np.pi * (rows / 2 + columns * 0.87) / 5)
    particle = lattice * (np.hypot(rows - 120, columns - 90) < 24)
    image = displaced_lines(seed) + particle
    assert choose_binning(image[np.newaxis], stride=2) < 1.5


def test_a_lone_feature_is_found(rng):
    smooth = 10 * smooth_scene("hrem", 0)
    sharp, _ = add_features(smooth, 1, 0.8, 40, rng)
    assert not is_suspicious(rng.poisson(smooth), (2.0, 2.0))
    assert is_suspicious(rng.poisson(sharp), (2.0, 2.0))


def test_a_frame_with_detail_decides_for_the_stack():
    smooth = datasets.make_hrem((256, 256), random_state=0)[1]
    rng = np.random.default_rng(0)
    sharp = rng.normal(size=(256, 256)) * 0.3 + (rng.uniform(size=(256, 256)) > 0.9)
    assert choose_binning(smooth[None], stride=2) > 1
    assert choose_binning(np.stack([smooth, sharp]), stride=2) == 1


def test_a_large_frame_is_looked_at_in_windows(rng, monkeypatch):
    """Their mean spectrum comes to an end, and detail in one of them is found."""
    monkeypatch.setattr("sk_noise2sr.grid.binning._windows._WINDOW", 256)
    smooth = 3 * band_limited((600, 520), 0.05, rng)
    noisy = smooth + rng.normal(size=smooth.shape)
    factor = choose_binning(noisy[None], stride=2)
    rows, columns = np.mgrid[:256, :256]
    particle = np.exp(-((rows - 90) ** 2 + (columns - 128) ** 2) / (2 * 20**2))
    noisy[-256:, -256:] += 0.6 * particle * np.cos(2 * np.pi * (0.17 * rows + 0.11 * columns))
    assert choose_binning(noisy[None], stride=2) < 1.25 < 2 < factor


def test_the_grid_has_mean_0_and_deviation_1_and_leads_back(rng):
    image = 1e5 + 37 * band_limited((80, 120), 0.1, rng)
    for binning in (1, 2):
        grid = WorkingGrid.fit(image[None], binning=binning, stride=2, standardize=True)
        prepared = grid.prepare(image)
        assert abs(prepared.mean()) < 1e-4
        assert prepared.std() == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(grid.restore(prepared, image.shape), image, atol=1e-3)


def test_tiny_units_do_not_vanish(rng):
    image = 1e-30 * (5 + band_limited((80, 120), 0.1, rng))
    grid = WorkingGrid.fit(image[None], binning="auto", stride=2, standardize=True)
    assert grid.prepare(image[None]).std() == pytest.approx(1, abs=1e-3)


def test_only_a_factor_read_off_the_image_fades_out_its_margin():
    images = datasets.make_hrem((128, 128), random_state=0)[1][None]
    chosen = WorkingGrid.fit(images, binning="auto", stride=2, standardize=True)
    named = WorkingGrid.fit(images, binning=chosen.binning, stride=2, standardize=True)
    checkerboard = (-1.0) ** np.add.outer(*map(np.arange, chosen.prepare(images)[0].shape))
    assert chosen.binning > 1
    faded, kept = (grid.restore(checkerboard, (128, 128)).std() for grid in (chosen, named))
    assert faded < 0.1 * kept


@pytest.mark.parametrize("spread", [1.0, 1.5, 3.0])
def test_what_was_smoothed_is_binned_and_loses_nothing(spread):
    clean, _ = datasets.make_hrem((256, 256), dose=np.inf, random_state=0)
    blurred = ndimage.gaussian_filter(clean.astype(float), spread)
    for seed in range(3):
        noisy = datasets.record(clean, 32, spread=spread, random_state=seed).astype(float)
        factor = choose_binning(noisy[None], stride=2)
        kept = unbin_image(bin_images(blurred, factor), blurred.shape)
        assert factor > 1.8
        assert np.var((kept - blurred)[16:-16, 16:-16]) < 0.02 * np.var(noisy - blurred)


def test_only_what_is_empty_counts_as_empty(rng):
    noise = rng.normal(size=(96, 96))
    rough = ndimage.gaussian_filter(rng.normal(size=(192, 192)), 8) * 400 + rng.normal(
        size=(192, 192)
    )
    spectra = (
        dctn(x, norm="ortho") ** 2 for x in (noise, rough, ndimage.gaussian_filter(noise, 2))
    )
    white, scene, smoothed = map(filled_share, spectra)
    assert (white, scene) == (1, 1)
    assert 0.4 < smoothed < 0.6
