"""Columns: raw values are as far from the truth as their errors say, whatever the result shows."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import measure_columns

NOISE = PoissonGaussian(0.05, 0.02)
RNG = np.random.default_rng(0)
PLACES = np.stack(np.mgrid[:7, :7], axis=-1).reshape(-1, 2) * 16 + 8 + RNG.normal(0, 0.5, (49, 2))
HEIGHTS = RNG.uniform(0.8, 1.2, 49)


def draw(places, heights, width=3.5, side=112):
    rows, columns = np.mgrid[:side, :side]
    image = np.ones((side, side))
    for (row, column), height in zip(places, heights, strict=True):
        image += height * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2))
    return image


CLEAN = draw(PLACES, HEIGHTS)


def of_truth(table):
    """Return places and heights of the true columns nearest to those of a table."""
    far = np.hypot(*(table[n][:, None] - PLACES[:, i] for i, n in enumerate(("row", "column"))))
    nearest = far.argmin(axis=1)
    return {"row": PLACES[nearest, 0], "column": PLACES[nearest, 1], "height": HEIGHTS[nearest]}


def test_pulls_from_the_truth_have_mean_zero_and_deviation_one():
    pulls = {name: [] for name in ("row", "column", "height")}
    for seed in range(20):
        table = measure_columns(NOISE.sample(CLEAN, seed), CLEAN, NOISE)
        for name, true in of_truth(table).items():
            pulls[name] += list((table[f"raw_{name}"] - true) / table[f"error_{name}"])
    assert len(pulls["row"]) == 20 * 49
    for values in pulls.values():
        assert np.std(values) == pytest.approx(1, abs=0.1)
        assert abs(np.mean(values)) < 0.13  # four standard errors


def test_a_blurred_result_does_not_make_raw_heights_too_large():
    blurred, pulls = gaussian_filter(CLEAN, 1.5), []
    for seed in range(6):
        table = measure_columns(NOISE.sample(CLEAN, seed), blurred, NOISE)
        pulls += list((table["raw_height"] - of_truth(table)["height"]) / table["error_height"])
    assert abs(np.mean(pulls)) < 0.2  # chance gives 0.06, the width of the result 0.45


def test_a_result_a_little_off_makes_all_raw_heights_no_more_wrong_than_chance():
    means = []
    for seed in range(20):
        places = PLACES + np.random.default_rng(seed).normal(0, 0.3, PLACES.shape)
        result = gaussian_filter(draw(places, HEIGHTS), 0.8)
        table = measure_columns(NOISE.sample(CLEAN, seed), result, NOISE)
        wrong = table["raw_height"] - of_truth(table)["height"]
        means.append(np.mean(wrong / table["error_height"]))
    # Chance gives 1/7; losses of unlike pixels, compared to find the width, gave 0.24.
    assert np.sqrt(np.mean(np.square(means))) < 0.19


def test_what_a_clean_result_shows_is_the_truth():
    table = measure_columns(NOISE.sample(CLEAN, 0), CLEAN, NOISE)
    for name, true in of_truth(table).items():
        np.testing.assert_allclose(table[name], true, atol=0.03)


@pytest.mark.parametrize("height", [0.3, 0.45])
def test_a_low_column_among_high_ones_is_found(height):
    heights = np.where(np.arange(49) == 24, height, 1.0)
    clean = draw(PLACES, heights)
    table = measure_columns(NOISE.sample(clean, 0), clean, NOISE)
    far = np.hypot(table["row"] - PLACES[24, 0], table["column"] - PLACES[24, 1])
    assert len(table) == 49
    assert table["height"][far.argmin()] == pytest.approx(height, abs=0.03)


def test_few_columns_are_told_from_what_noise_has_left():
    high, low = PLACES[8:48:8], PLACES[[12, 36]]
    clean = draw(high, np.ones(5)) + draw(low, np.full(2, 0.3)) - 1
    for seed in range(5):
        left = gaussian_filter(np.random.default_rng(seed).normal(size=clean.shape), 3)
        result = clean + 0.02 * left / left.std()
        table = measure_columns(NOISE.sample(clean, seed), result, NOISE)
        expected = np.sort(np.concatenate([high, low]), axis=0)
        for number, name in enumerate(("row", "column")):
            np.testing.assert_allclose(np.sort(table[name]), expected[:, number], atol=1)


def test_a_result_that_evens_columns_out_is_pulled():
    heights = HEIGHTS.copy()
    heights[24] = 0.3
    noisy = NOISE.sample(draw(PLACES, heights), 0)
    table = measure_columns(noisy, draw(PLACES, np.ones(49)), NOISE)
    wrong = np.hypot(table["row"] - PLACES[24, 0], table["column"] - PLACES[24, 1]).argmin()
    assert table["pull_height"][wrong] > 5
    assert table["raw_height"][wrong] == pytest.approx(0.3, abs=4 * table["error_height"][wrong])


def test_masked_pixels_are_left_out():
    noisy = NOISE.sample(CLEAN, 0)
    whole = measure_columns(noisy, CLEAN, NOISE)
    noisy[:, 60] = np.nan
    table = measure_columns(noisy, CLEAN, NOISE)
    assert all(np.isfinite(table[name]).all() for name in table.dtype.names)
    near, before = (t["error_column"][np.abs(t["column"] - 60) < 8] for t in (table, whole))
    assert near.mean() > 1.02 * before.mean()


def test_an_image_without_columns_gives_an_empty_table():
    table = measure_columns(NOISE.sample(np.ones((40, 40)), 0), np.ones((40, 40)), NOISE)
    assert len(table) == 0
    assert table.dtype.names[:3] == ("row", "column", "height")


@pytest.mark.parametrize("gain", [1e-12, 1e-6, 1e9])
def test_the_unit_of_intensities_changes_heights_alone(gain):
    """Equations in mixed units were cut off: of amperes, no column moved from its pixel."""
    noisy = NOISE.sample(CLEAN, 0)
    table, scaled = (measure_columns(x * noisy, x * CLEAN) for x in (1, gain))
    for name in table.dtype.names:
        unit = gain if name in ("height", "raw_height", "error_height") else 1
        np.testing.assert_allclose(scaled[name], unit * table[name], rtol=1e-5, atol=1e-6 * unit)


def test_a_lattice_of_broad_columns_is_no_alarm():
    """The width of columns was sought no farther than half as much again beyond the detail."""
    rows, columns = np.mgrid[:160, :160]
    clean = 20 * (1 + np.cos(rows / 3) * np.cos(columns / 2.5))
    noise = PoissonGaussian(1, 0)
    for seed in range(3):
        table = measure_columns(noise.sample(clean, seed), clean, noise)
        assert len(table) > 100
        assert abs(np.mean(table["pull_height"])) < 1  # was 5
        assert np.abs(table["pull_height"]).max() < 4
