"""Evidence, columns and error bars where neighbours share noise, which a high pass hardly sees."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from sk_noise2sr import VSTBM3D
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import ErrorBars, evidence_map, measure_columns

NOISE = PoissonGaussian(0.1, 0.02)
ROWS, COLUMNS = np.mgrid[:128, :128]
LATTICE = 1 + np.exp(-((ROWS % 16 - 8.0) ** 2 + (COLUMNS % 16 - 8.0) ** 2) / 18)
INSTRUMENTS = {
    "spread": lambda image: gaussian_filter(image, 0.7),
    "moved": lambda image: shift(image, 0.5, order=1, mode="nearest"),
    "along rows": lambda image: gaussian_filter(image, (0, 1)),
}


def record(instrument, seed, clean=LATTICE):
    """Return the noisy image and the clean one that an instrument records."""
    noisy = NOISE.sample(clean, np.random.default_rng(seed))
    return INSTRUMENTS[instrument](noisy), INSTRUMENTS[instrument](clean)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_true_results_raise_few_alarms(instrument):
    """As many as were promised, and z spreads by 1: before, every image had dozens."""
    found = [evidence_map(*record(instrument, seed), width=2.5) for seed in range(70)]
    assert np.mean([np.std(evidence.z) for evidence in found]) == pytest.approx(1, abs=0.05)
    # Of 70 images, 11 or more have an alarm by a chance of 0.1 %, were it 5 % for each.
    assert sum(len(evidence.places) > 0 for evidence in found) <= 10


def test_a_column_that_a_result_lost_is_still_found():
    """It stands 8 standard errors out of what the camera spreads."""
    lost = LATTICE - np.exp(-((ROWS - 56.0) ** 2 + (COLUMNS - 72.0) ** 2) / 18)
    places = []
    for seed in range(20):
        noisy, _ = record("spread", seed)
        evidence = evidence_map(noisy, INSTRUMENTS["spread"](lost), width=2.5)
        places += [evidence.places[0]] if len(evidence.places) else []
    assert len(places) >= 19
    assert all(np.hypot(p["row"] - 56, p["column"] - 72) < 4 and p["z"] > 0 for p in places)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_errors_of_columns_are_those_that_were_made(instrument):
    pulls = {name: [] for name in ("row", "column", "height")}
    for seed in range(12):
        table = measure_columns(*record(instrument, seed))
        for name, values in pulls.items():
            values.extend(table[f"pull_{name}"])
    for values in pulls.values():
        assert 0.8 < np.std(values) < 1.2


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_error_bars_cover(instrument):
    """Nine tenths are asked, and a third were covered when the noise of refits was white."""
    noisy, clean = record(instrument, 0)
    bars = ErrorBars(VSTBM3D(), n_refits=3, random_state=0, verbose=0).fit(noisy)
    denoised, std = bars.transform(noisy, return_std=True)
    assert np.mean(np.abs(denoised - clean) < 1.645 * std) > 0.7


@pytest.mark.parametrize("exponent", [1, 2], ids=["pink", "integrated"])
def test_noise_of_low_frequencies(exponent, falling):
    """Its power falls as 1 / f and 1 / f**2: a free background takes most of it from columns."""
    found, pulls = [], []
    for seed in range(20):
        noisy = LATTICE + 0.3 * falling(exponent, LATTICE.shape, np.random.default_rng(seed))
        found.append(evidence_map(noisy, LATTICE, width=2.5))
        pulls.extend(measure_columns(noisy, LATTICE)["pull_height"])
    assert np.mean([np.std(evidence.z) for evidence in found]) == pytest.approx(1, abs=0.15)
    assert sum(len(evidence.places) > 0 for evidence in found) <= 5
    assert 0.7 < np.std(pulls) < 1.2


@pytest.fixture
def film(rng):
    """Return (clean, noisy): an amorphous film at 64 counts a pixel, which looks like noise."""
    film = gaussian_filter(rng.normal(size=(128, 128)), 1.2)
    clean = 64 * np.maximum(1 + 0.25 * film / film.std(), 0.1)
    return clean, rng.poisson(clean).astype(float)


def test_a_film_that_a_result_lost_is_found_where_the_noise_is_known(film):
    clean, noisy = film
    flat = np.full_like(noisy, noisy.mean())
    assert len(evidence_map(noisy, flat, PoissonGaussian(1, 0)).places) > 20
    assert len(evidence_map(noisy, clean, PoissonGaussian(1, 0)).places) <= 1


def test_error_bars_draw_the_noise_that_the_denoiser_was_told(film):
    clean, noisy = film
    bars = ErrorBars(VSTBM3D((1, 0)), random_state=0, verbose=0).fit(noisy)
    assert bars.noise_ == PoissonGaussian(1, 0)
    denoised, std = bars.transform(noisy, return_std=True)
    assert 0.8 < np.mean(np.abs(denoised - clean) < 1.645 * std) < 0.97
