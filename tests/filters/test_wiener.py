"""The Wiener filter: the best one for texture that is everywhere alike."""

import numpy as np
import pytest
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter

from sk_noise2sr.filters import bm3d, wiener
from sk_noise2sr.grid import frequencies


@pytest.fixture
def film(rng):
    film = gaussian_filter(rng.normal(size=(160, 128)), 1.2)
    return film / film.std()


def test_an_amorphous_film_is_clearer_than_by_blocks_and_by_any_blur(film, rng):
    noisy = film + rng.normal(size=film.shape)
    errors = [np.mean((result - film) ** 2) for result in (wiener(noisy, 1.0), bm3d(noisy, 1.0))]
    blurred = [np.mean((gaussian_filter(noisy, w) - film) ** 2) for w in (0.5, 0.8, 1.2, 1.8)]
    assert errors[0] < 0.95 * errors[1]
    assert errors[0] < min(blurred)


def test_noise_of_a_known_spectrum_is_weighed_by_it(film, rng):
    power = np.exp(-((4 * frequencies(film.shape)) ** 2))
    white = rng.normal(size=film.shape)
    noisy = film + idctn(dctn(white, norm="ortho") * np.sqrt(power), norm="ortho")
    errors = [np.mean((wiener(noisy, each) - film) ** 2) for each in (power, power.mean())]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_gain_offset_and_type_stay(film, rng, dtype):
    noisy = (film + rng.normal(size=film.shape)).astype(dtype)
    result = wiener(noisy, 1.0)
    assert result.dtype == dtype
    assert result.mean() == pytest.approx(noisy.mean(), abs=1e-5)
    np.testing.assert_allclose(wiener(5 * noisy + 3, 25.0), 5 * result + 3, atol=1e-4)


def test_nothing_but_noise_becomes_next_to_nothing(rng):
    assert wiener(rng.normal(size=(128, 128)), 1.0).std() < 0.2
    assert np.ptp(wiener(np.full((8, 9), 4.0), 1.0)) < 1e-12
