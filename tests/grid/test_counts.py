"""Counted electrons: their noise is white, and as strong as they are many."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, median_filter
from skimage import data

from sk_noise2sr import VSTBM3D
from sk_noise2sr._middle import middle_of
from sk_noise2sr.grid import counts_in, whiteness
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import estimate_noise


@pytest.fixture(scope="module")
def film():
    film = gaussian_filter(np.random.default_rng(1).normal(size=(192, 192)), 1.2)
    return np.maximum(1 + 0.25 * film / film.std(), 0.1)


@pytest.mark.parametrize("counts", [1, 8, 64, 512])
@pytest.mark.parametrize("step", [1, 0.25, 7])
def test_counts_of_a_texture_are_told(film, counts, step, rng):
    assert counts_in(step * rng.poisson(counts * film)) == (1.0, step)


@pytest.mark.parametrize("gain", [0.1, 7.77])
@pytest.mark.parametrize("counts", [8, 64, 512])
def test_counts_are_told_when_float32_has_rounded_them(film, counts, gain, rng):
    share, step = counts_in((gain * rng.poisson(counts * film)).astype(np.float32))
    assert share == 1.0
    assert step == pytest.approx(gain, rel=1e-6)


@pytest.mark.filterwarnings("ignore:.*passes for noise")
def test_noise_of_counted_frames_scales_with_the_gain():
    """Frames are of the same counts, though float32 has rounded the step of each."""
    grass = middle_of(data.grass().astype(float), 192)
    counts = np.random.default_rng(1).poisson(64 * grass / grass.mean(), (4, *grass.shape))
    a, scaled = (estimate_noise((gain * counts).astype(np.float32)).a for gain in (1, 7.77))
    assert scaled == pytest.approx(7.77 * a, rel=1e-3)


def test_hot_pixels_do_not_hide_counts(film, rng):
    noisy = rng.poisson(20 * film).astype(float)
    noisy[rng.random(noisy.shape) < 0.003] += 5000
    assert counts_in(noisy) == (1.0, 1.0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("gain", [0.1, 0.3, 7.77, 1e-5])
def test_vacuum_beside_a_film_hides_no_counts_at_any_gain(gain, seed):
    """Sliding sums leave a rest in empty places, unless all values are binary fractions."""
    counts = np.random.default_rng(seed).poisson(3.0, (256, 256)).astype(float)
    counts[:, 150:] = 0
    told, known = (whiteness(counts, known) for known in (None, lambda mean: mean))
    assert told > 0.9
    assert known > 0.9
    assert whiteness(gain * counts) == pytest.approx(told)
    assert whiteness(gain * counts, lambda mean: gain * mean) == pytest.approx(known)


@pytest.mark.parametrize("width", [0.6, 0.7, 0.8])
@pytest.mark.parametrize("counts", [1, 8, 64])
def test_a_camera_that_spreads_electrons_does_not_count_them(film, counts, width, rng):
    """Its gain may bring the variance of high frequencies to that of counts."""
    spread = gaussian_filter(rng.poisson(counts * film).astype(float), width)
    for gain in (2, 5, 10, 20, 40, 80):
        assert whiteness(np.rint(gain * spread)) < 0.2


@pytest.mark.parametrize(
    "make",
    [
        lambda counts: counts + 100,
        lambda counts: counts + 0.3,
        lambda counts: median_filter(counts, 3),
        lambda counts: np.repeat(np.repeat(counts, 2, axis=0), 2, axis=1),
        lambda counts: np.rint((counts + np.roll(counts, 1, axis=1)) / 2),
        lambda counts: np.rint(3 * np.sqrt(counts)),
    ],
    ids=["offset", "shifted", "median", "enlarged", "smeared", "square root"],
)
def test_whole_numbers_that_are_no_counts(make, film, rng):
    assert whiteness(make(rng.poisson(20 * film).astype(float))) < 0.1


@pytest.mark.filterwarnings("ignore:.*passes for noise")
@pytest.mark.parametrize(("name", "counts"), [("grass", 64), ("gravel", 64)])
def test_texture_is_kept_where_electrons_are_counted(name, counts):
    clean = middle_of(getattr(data, name)().astype(float), 192)
    clean *= counts / clean.mean()
    noisy = np.random.default_rng(1).poisson(clean)
    counted = psnr(clean, VSTBM3D().fit_transform(noisy))
    untold = psnr(clean, VSTBM3D().fit_transform(noisy + 0.5) - 0.5)
    assert counted > max(psnr(clean, noisy), untold + 1)
    told, strength = (estimate_noise(each).variance for each in (noisy, noisy + 0.5))
    assert 0.95 * counts < told < strength + 1e-9


def test_a_little_doubt_changes_little(film):
    """How sure it is changes smoothly from counts to what a camera has spread more and more."""
    counts = np.random.default_rng(3).poisson(20 * film).astype(float)
    shares = [whiteness(np.rint(gaussian_filter(counts, w))) for w in np.arange(0.3, 0.55, 0.01)]
    assert shares[0] == 1
    assert shares[-1] < 0.1
    assert np.abs(np.diff(shares)).max() < 0.7
