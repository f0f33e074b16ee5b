"""make_hrem: statistics of the noise, band limit, and what the scene depends on."""

import numpy as np
import pytest

from sk_noise2sr.datasets import make_hrem


def spectrum(image):
    """Return spatial frequencies in cycles per pixel, and the power there."""
    image = image.astype(float)
    window = np.outer(*(np.hanning(side) for side in image.shape))
    frequencies = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, image.shape), indexing="ij"))
    return frequencies, np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7), (64, 96)])
def test_any_shape_comes_back_as_float32(shape):
    for image in make_hrem(shape, random_state=0):
        assert image.shape == shape
        assert image.dtype == np.float32
        assert np.isfinite(image).all()


def test_noise_is_that_of_8_electrons_a_pixel():
    """800 electrons per square angstrom on a pixel of 0.1 angstrom; variance is clean / 8."""
    clean, noisy = make_hrem(random_state=0)
    np.testing.assert_allclose(noisy * 8, np.round(noisy * 8), atol=1e-5)
    assert np.mean(noisy - clean) == pytest.approx(0, abs=4 * np.sqrt(1 / 8 / clean.size))
    assert np.mean((noisy - clean) ** 2 / clean) == pytest.approx(1 / 8, rel=0.03)


def test_electrons_a_pixel_grow_with_its_area():
    """A pixel of 0.2 angstrom holds 4 times as many, so that the variance is a quarter."""
    clean, noisy = make_hrem(pixel_size=0.02, random_state=0)
    assert np.mean((noisy - clean) ** 2 / clean) == pytest.approx(1 / 32, rel=0.03)


def test_an_endless_dose_has_no_noise():
    clean, noisy = make_hrem((64, 64), dose=np.inf, random_state=0)
    np.testing.assert_array_equal(clean, noisy)
    assert clean is not noisy


@pytest.mark.parametrize("seed", range(5))
def test_default_image_is_as_noisy_and_as_oversampled_as_the_published_ones(seed):
    clean, noisy = make_hrem(random_state=seed)
    error = np.mean((noisy - clean) ** 2)
    assert 5 < 10 * np.log10(np.ptp(clean) ** 2 / error) < 9
    frequencies, power = spectrum(clean)
    assert power[frequencies > 0.07].sum() < 2e-4 * power.sum()


def test_rings_of_platinum_and_ceria_stand_out():
    """{111} planes are a / sqrt(3) apart: 0.226 nm of platinum, 0.312 nm of ceria."""
    clean, _ = make_hrem((512, 512), dose=np.inf, random_state=1)
    frequencies, power = spectrum(clean)
    frequencies = frequencies / 0.01
    for constant in (0.392, 0.541):
        ring = np.abs(frequencies - np.sqrt(3) / constant) < 0.2
        around = np.abs(frequencies - np.sqrt(3) / constant) < 0.8
        assert power[ring].max() == power[around].max()


def test_vacuum_is_1_at_the_top_of_the_field():
    clean, _ = make_hrem(dose=np.inf, random_state=0)
    np.testing.assert_allclose(clean[:10], 1, atol=0.03)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("defocus", [-100, -8, 0, 8, 100])
def test_intensity_is_positive_at_any_defocus(defocus, seed):
    """Counts need it; the linear model itself does not promise it."""
    clean, _ = make_hrem((128, 128), defocus=defocus, dose=np.inf, random_state=seed)
    assert clean.min() > 0.2


def test_contrast_reverses_with_defocus():
    white, _ = make_hrem(dose=np.inf, defocus=8, random_state=0)
    black, _ = make_hrem(dose=np.inf, defocus=-8, random_state=0)
    assert np.corrcoef(white.ravel(), black.ravel())[0, 1] < -0.9


def test_one_seed_gives_one_scene_whatever_the_dose():
    low, noisy = make_hrem((64, 64), dose=10, random_state=5)
    high, _ = make_hrem((64, 64), dose=1e6, random_state=np.random.default_rng(5))
    np.testing.assert_array_equal(low, high)
    np.testing.assert_array_equal(noisy, make_hrem((64, 64), dose=10, random_state=5)[1])


def test_other_seeds_give_other_scenes():
    one, other = (make_hrem((64, 64), dose=np.inf, random_state=seed)[0] for seed in (0, 1))
    assert np.abs(one - other).max() > 0.1


def test_a_finer_pixel_shows_the_same_field():
    """3 x 3 pixels of a third of the size: the middle one lies where the coarse pixel does."""
    coarse, _ = make_hrem((60, 50), pixel_size=0.015, dose=np.inf, random_state=2)
    fine, _ = make_hrem((180, 150), pixel_size=0.005, dose=np.inf, random_state=2)
    np.testing.assert_allclose(fine[1::3, 1::3], coarse, atol=0.02)


def test_borders_do_not_wrap_around():
    """Without the margin, the support at the bottom would shine through into the vacuum on top."""
    clean, _ = make_hrem(dose=np.inf, random_state=0)
    assert np.ptp(clean[:3]) < 0.1 * np.ptp(clean[-3:])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"shape": (0, 8)}, r"two integers of at least 1, got shape=\(0, 8\)"),
        ({"shape": 8}, "two integers of at least 1, got shape=8"),
        ({"shape": (8.0, 8)}, "two integers of at least 1, got"),
        ({"pixel_size": 0.1}, r"'pixel_size' parameter of make_hrem must be .* \[0.002, 0.05\]"),
        ({"dose": 0}, "'dose' parameter of make_hrem must be a float in the range"),
        ({"dose": np.nan}, "'dose' parameter of make_hrem must be a float in the range"),
        ({"defocus": 1000}, r"'defocus' parameter of make_hrem must be .* \[-100.0, 100.0\]"),
    ],
)
def test_says_what_is_wrong(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_hrem(**parameters)
