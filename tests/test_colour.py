"""The colour of noise: what is planted comes out, with error bars that hold."""

from functools import partial

import numpy as np
import pytest
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter, median_filter, shift, zoom
from scipy.signal import lfilter
from skimage import data

from sk_noise2sr import VSTBM3D
from sk_noise2sr.datasets import make_hrem, make_stem, record
from sk_noise2sr.filters import bm3d
from sk_noise2sr.grid import choose_binning
from sk_noise2sr.grid.colour._read_colour import colour_of, colour_of_image
from sk_noise2sr.grid.colour._streaks import line_power
from sk_noise2sr.grid.colour._waves import POWER_LAW
from sk_noise2sr.metrics import psnr


def power_of(image):
    return dctn(image - image.mean(), norm="ortho") ** 2


def lattice(side):
    clean, _ = make_stem("te", (side, side), dose=np.inf, random_state=0)
    return clean.astype(float)


def row_correlated(rho, shape, rng):
    """Noise of variance 1 whose neighbours in a row are correlated by `rho`, and powers of it."""
    white = rng.normal(size=(shape[0], shape[1] + 50)) * np.sqrt(1 - rho**2)
    return lfilter([1], [1, -rho], white, axis=1)[:, 50:]


@pytest.mark.parametrize("rho", [0.0, 0.05, 0.2, 0.35])
def test_correlation_along_rows_comes_out_within_its_error_bars(rho):
    z = []
    for seed in range(20):
        noise = row_correlated(rho, (192, 256), np.random.default_rng(seed))
        colour = colour_of(power_of(noise))
        value, error = colour.correlation(0, 1)
        z.append((value - rho) / error)
        assert abs(colour.correlation(1, 0)[0]) < 5 * colour.correlation(1, 0)[1]
    assert abs(np.mean(z)) < 1
    assert 0.5 < np.std(z) < 1.5


SMOOTHED = {
    "interpolated by half a pixel": partial(shift, shift=0.5, order=1, mode="nearest"),
    "interpolated by a quarter": partial(shift, shift=(0.25, 0.1), order=1, mode="nearest"),
    "splines": partial(shift, shift=(0.3, 0.4), order=3, mode="nearest"),
    "spread by 0.7": partial(gaussian_filter, sigma=0.7),
    "spread by 1": partial(gaussian_filter, sigma=1),
}


@pytest.mark.parametrize("smooth", SMOOTHED.values(), ids=SMOOTHED)
def test_noise_at_low_frequencies_is_told_from_that_at_high_ones(smooth):
    """Whatever made neighbours share it; once, interpolated noise came out as 1.8 times its own."""
    ratios = []
    for seed in range(12):
        power = power_of(smooth(np.random.default_rng(seed).normal(size=(192, 192))))
        model = power.mean() * colour_of(power).relative_power(power.shape)
        ratios.append(model[:39, :39].mean() / power[:39, :39].mean())
    assert np.exp(np.mean(np.log(ratios))) == pytest.approx(1, abs=0.3)
    assert max(ratios) < 1.7
    assert min(ratios) > 0.6


def test_a_frame_after_a_median_filter():
    """Its noise at low frequencies came out as a fifth of its own, and stayed in the result."""
    clean, _ = make_hrem((192, 192), dose=np.inf, random_state=0)
    clean = clean / clean.mean()
    frames = [median_filter(record(clean, 8, random_state=seed) / 8, 3) for seed in range(60)]
    expected, noisy = np.mean(frames[1:], axis=0), frames[0]
    blurred = max(psnr(expected, gaussian_filter(noisy, width)) for width in (0.7, 1, 1.4, 2, 2.8))
    assert psnr(expected, VSTBM3D().fit_transform(noisy)) > blurred + 2


def test_a_faint_lattice_in_noise_of_a_camera_is_not_binned_away():
    """Noise that was told as too strong hid it, and the image was binned by 4."""
    rows, columns = np.ogrid[:192, :192]
    window = np.exp(-((rows - 96) ** 2 + (columns - 96) ** 2) / (2 * 30**2))
    lattice = window * np.cos(2 * np.pi * rows / 10) * np.cos(2 * np.pi * columns / 9)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        noisy = gaussian_filter(rng.normal(0.7 * lattice), 0.7) + 0.1 * rng.normal(size=(192, 192))
        assert choose_binning(noisy[np.newaxis], stride=2) < 2.5


def test_an_enlarged_frame_is_not_binned_much_farther_than_it_was_enlarged():
    """What its noise is like at low frequencies is not known, nor what detail drowns in it."""
    for seed in range(8):
        _, noisy = make_hrem((128, 128), random_state=seed)
        assert choose_binning(zoom(noisy, 2, order=3)[np.newaxis], stride=2) < 2.7


def test_what_the_dose_leaves_at_high_frequencies_is_not_taken_for_the_camera():
    """Stabilised, smooth noise gains a faint floor; once, a fit to it saw ten times the noise."""
    clean, _ = make_stem("mfi", (192, 192), pixel_size=0.02, dose=np.inf, random_state=0)
    ratios = []
    for seed in range(8):
        counts = record(clean / clean.mean(), 2, spread=1, random_state=seed).astype(float)
        expected = gaussian_filter(2.0 * clean / clean.mean(), 1)
        noise = power_of(np.sqrt(counts + 0.4) - np.sqrt(expected + 0.4))
        model = colour_of_image(np.sqrt(counts + 0.4)).relative_power(noise.shape)
        low, middle = noise[8:20, 8:20].mean(), noise[50:80, 8:20].mean()
        ratios.append(model[8:20, 8:20].mean() / model[50:80, 8:20].mean() / (low / middle))
    assert np.median(ratios) < 2


@pytest.mark.parametrize("counts", [4, 16])
@pytest.mark.parametrize("smooth", SMOOTHED.values(), ids=SMOOTHED)
def test_noise_that_neighbours_share_is_taken_away(smooth, counts):
    """From a photograph and from a lattice: no blur does better, in the mean of four draws."""
    for clean in (data.camera()[192:320, 192:320].astype(float), lattice(128)):
        lead = []
        for seed in range(4):
            rng = np.random.default_rng(seed)
            noisy = smooth(rng.poisson(clean * counts / clean.mean()).astype(float))
            expected = smooth(clean * counts / clean.mean())
            blurred = max(psnr(expected, gaussian_filter(noisy, s)) for s in (0.5, 0.8, 1.2, 2, 3))
            lead.append(psnr(expected, VSTBM3D().fit_transform(noisy)) - blurred)
        assert np.mean(lead) > 0.5


@pytest.mark.parametrize("spread", [0.5, 0.8])
def test_correlation_in_two_dimensions(spread, rng):
    """A camera that spreads what it counts: the autocorrelation of a Gaussian."""
    noise = gaussian_filter(rng.normal(size=(512, 512)), spread, mode="wrap")
    expected = gaussian_filter(np.pad([[1.0]], 16), spread)
    expected = np.fft.ifft2(np.abs(np.fft.fft2(expected)) ** 2).real
    colour = colour_of(power_of(noise))
    for lag in ((0, 1), (1, 0), (1, 1)):
        value, error = colour.correlation(*lag)
        assert value == pytest.approx(expected[lag] / expected[0, 0], abs=4 * error + 0.02)


@pytest.mark.parametrize("spread", [0.5, 0.75])
def test_what_a_camera_has_spread_is_binned_all_the_same(spread):
    clean, _ = make_hrem((192, 192), dose=np.inf, random_state=0)
    for seed in range(2):
        noisy = record(clean, 32, spread=spread, random_state=seed)
        assert choose_binning((noisy - noisy.mean())[np.newaxis] / noisy.std(), stride=2) > 1.7


@pytest.mark.parametrize("axis", [0, 1])
def test_offsets_of_lines_are_streaks(axis, rng):
    noise = rng.normal(size=(256, 256))
    offsets = 0.5 * np.take(rng.normal(size=(256, 256)), [0], axis=1 - axis)
    colour = colour_of(power_of(noise + offsets))
    assert colour.certainty > 0.1  # though one frequency of a line has them all
    assert np.sign(colour.streaks) == (1 if axis == 0 else -1)
    jitter = gaussian_filter(rng.normal(size=(256, 256)), (0, 3) if axis == 0 else (3, 0))
    colour = colour_of(power_of(noise + 3 * jitter))
    assert colour.certainty > 0.8
    assert np.sign(colour.streaks) == (1 if axis == 0 else -1)
    lines = power_of(noise + 3 * jitter)
    lines = line_power(lines if axis == 0 else lines.T)
    expected = 1 + 9 * gaussian_power(3, 256)
    np.testing.assert_allclose(lines[8:40].mean(), expected[8:40].mean(), rtol=0.2)


def gaussian_power(sigma, side):
    return np.exp(-((2 * np.pi * sigma * np.arange(side) / (2 * side)) ** 2))


def test_white_noise_has_no_colour():
    """Over many draws: no streaks, and a floor that stays about flat."""
    for seed in range(50):
        colour = colour_of(power_of(np.random.default_rng(seed).normal(size=(256, 256))))
        assert colour.share < 0.01
        assert np.ptp(colour.relative_power((64, 64))) < 0.15
        assert colour.variance == pytest.approx(1, abs=0.15)


def test_structure_that_ends_is_no_colour(rng):
    smooth = 20 * gaussian_filter(rng.normal(size=(256, 256)), 4)
    noisy = colour_of(power_of(smooth + rng.normal(size=(256, 256))))
    value, error = noisy.correlation(0, 1)
    assert abs(value) < 4 * error
    assert noisy.share < 0.05


def test_binning_leaves_less_correlation(rng):
    colour = colour_of(power_of(row_correlated(0.3, (256, 256), rng)))
    whole, error = colour.correlation_of_neighbours((256, 256), (1.0, 1.0), axis=1)
    binned, _ = colour.correlation_of_neighbours((256, 256), (3.0, 3.0), axis=1)
    across, across_error = colour.correlation_of_neighbours((256, 256), (1.0, 1.0), axis=0)
    assert whole == pytest.approx(0.3, abs=4 * error)
    assert 0 < binned < 0.15
    assert abs(across) < 4 * across_error


def test_no_noise_and_small_images_have_none(rng):
    assert colour_of(np.zeros((256, 256))) is None
    assert colour_of_image(rng.normal(size=(16, 16))) is None


def test_fine_detail_in_some_places_is_no_colour_of_noise(rng):
    """Texture has the power of noise that is alike in neighbours, but not everywhere."""
    clean = np.zeros((256, 256))
    clean[80:176, 80:176] = 10 * gaussian_filter(rng.normal(size=(96, 96)), 0.8)
    everywhere = colour_of(power_of(clean + rng.normal(size=clean.shape)))
    value, error = everywhere.correlation(0, 1)
    assert value > 6 * error
    for rho in (0.0, 0.2):
        noisy = clean + row_correlated(rho, clean.shape, rng)
        value, error = colour_of_image(noisy).correlation(0, 1)
        assert value == pytest.approx(rho, abs=4 * error)
        assert error < 0.06


def test_a_hot_pixel_does_no_harm(rng):
    noise = row_correlated(0.2, (256, 256), rng)
    noise[100, 100] = 1000
    value, error = colour_of_image(noise).correlation(0, 1)
    assert value == pytest.approx(0.2, abs=4 * error)


@pytest.mark.parametrize("exponent", [1, 2], ids=["pink", "integrated"])
@pytest.mark.parametrize("amplitude", [0, 0.5], ids=["noise alone", "a lattice"])
def test_noise_that_falls_as_a_power_of_the_frequency(exponent, amplitude, falling):
    """It came out as a tenth and less of its own at low frequencies, and stayed in the result."""
    rows, columns = np.ogrid[:192, :192]
    lattice = amplitude * np.cos(rows / 2.5) * np.cos(columns / 3)
    told = []
    for seed in range(10):
        noise = falling(exponent, (192, 192), np.random.default_rng(seed))
        told.append(2 * colour_of_image(noise + lattice).waves[POWER_LAW])
    assert np.mean(told) == pytest.approx(exponent, abs=0.15)


@pytest.mark.parametrize("spread", [0, 0.4, 0.7])
@pytest.mark.parametrize("read_out", [0, 0.05])
def test_noise_of_a_camera_does_not_fall_as_a_power(spread, read_out):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        noise = gaussian_filter(rng.normal(size=(192, 192)), spread)
        noise += np.sqrt(read_out) * rng.normal(size=(192, 192))
        assert colour_of_image(noise).waves[POWER_LAW] < 0.1


@pytest.mark.parametrize("exponent", [1, 2], ids=["pink", "integrated"])
def test_an_image_under_noise_of_low_frequencies(exponent, falling, rng):
    """A Gaussian blur was ahead by 5 dB and more."""
    clean, _ = make_hrem((192, 192), dose=np.inf, random_state=0)
    noisy = clean + 4 * clean.std() * falling(exponent, clean.shape, rng)
    blurred = max(psnr(clean, gaussian_filter(noisy, width)) for width in (1, 1.4, 2, 2.8, 4))
    assert psnr(clean, VSTBM3D().fit_transform(noisy)) > blurred + 1


@pytest.mark.parametrize("name", ["coins", "page", "astronaut"])
@pytest.mark.parametrize("sigma", [0.03, 0.1])
def test_fine_texture_is_not_taken_for_smooth_noise(name, sigma, rng):
    """Of a page of text, 9 dB were lost, and of coins, 7."""
    clean = getattr(data, name)().astype(float)[:192, :192]
    clean = clean if clean.ndim == 2 else clean.mean(axis=2)
    clean = (clean - clean.min()) / np.ptp(clean)
    noisy = clean + sigma * rng.normal(size=clean.shape)
    found = psnr(clean, VSTBM3D().fit_transform(noisy))
    assert found > max(psnr(clean, bm3d(noisy, sigma)) - 3, psnr(clean, noisy))


def test_noise_steeper_than_integrated_is_no_law(falling, rng):
    """A lattice as fine as its pixels looked like noise of exponent 3, and was taken away."""
    noise = falling(3, (192, 192), rng)
    assert colour_of_image(noise).waves[POWER_LAW] < 0.1
