"""give_back: what is odd comes back, and of noise, borders and steps nothing does."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.filters._give_back import give_back

SIDE, PERIOD = 60, 5
DISTANCE = np.arange(PERIOD) - PERIOD // 2
COLUMN = np.exp(-np.add.outer(DISTANCE**2, DISTANCE**2) / 2.3)
COLUMN /= np.sqrt(np.sum(COLUMN**2))
LATTICE = 12 * np.tile(COLUMN, (SIDE // PERIOD, SIDE // PERIOD))
STEP = np.where(np.arange(SIDE) < SIDE // 2, 0.0, 8.0) + np.zeros((SIDE, 1))
EDGE = np.where(np.arange(SIDE) < SIDE // 2, LATTICE, 0)
SCENES = {"vacuum": np.zeros((SIDE, SIDE)), "lattice": LATTICE, "step": STEP, "edge": EDGE}


def cell(row, column):
    return tuple(slice(PERIOD * index, PERIOD * (index + 1)) for index in (row, column))


def draw(rng, correlation=0.0):
    """Noise of variance 1, whose neighbours in a row are correlated."""
    noise = rng.normal(size=(SIDE, SIDE + 1))
    share = (1 - np.sqrt(1 - 4 * correlation**2)) / 2
    return np.sqrt(1 - share) * noise[:, 1:] + np.sqrt(share) * noise[:, :-1]


def given_back(noise, scene, blurred=0.0):
    """Return the energy given back, in units of the noise of a spot, of a result without detail."""
    usual = gaussian_filter(scene, blurred) if blurred else scene
    return np.sum((give_back(scene + noise, usual, usual) - usual) ** 2)


def test_the_noise_of_these_tests_is_what_it_says(rng):
    noise = draw(rng, 0.4)
    assert abs(np.mean(noise**2) - 1) < 0.1
    assert abs(np.mean(noise[:, 1:] * noise[:, :-1]) - 0.4) < 0.08


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("correlation", [0.0, 0.4])
def test_noise_alone_raises_few_alarms(scene, correlation):
    """Of four standard errors: in 4 frames of 100, and of 100 draws with 1 in 1000 over 11."""
    rng = np.random.default_rng(0)
    energies = [given_back(draw(rng, correlation), SCENES[scene]) for _ in range(100)]
    assert np.sum(np.greater(energies, 16)) <= 11
    assert np.mean(energies) < 0.04 * (SIDE / PERIOD) ** 2  # a column has 1


@pytest.mark.parametrize("factor", [1.3, 2.0])
def test_noise_stronger_than_it_should_be_is_not_put_back(factor):
    rng = np.random.default_rng(1)
    energies = [given_back(factor * draw(rng), LATTICE) / factor**2 for _ in range(40)]
    assert np.mean(energies) < 0.04 * (SIDE / PERIOD) ** 2


@pytest.mark.parametrize("bump", [0.5, 2.0])
def test_bumps_of_what_look_alikes_share_are_no_columns(bump):
    """In vacuum a filter leaves bumps, by chance; their sums under a spot have this deviation."""
    rng, given = np.random.default_rng(5), 0
    for _ in range(40):
        usual = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 1.5)
        usual *= bump / 5 / usual.std()
        given += np.sum((give_back(usual + draw(rng), usual, usual) - usual) ** 2)
    assert given / 40 < 1


def test_steps_that_a_result_has_blurred_do_not_come_back_with_their_noise():
    rng = np.random.default_rng(2)
    noise = [draw(rng) for _ in range(40)]
    usual = gaussian_filter(STEP, 0.7)
    errors = [give_back(STEP + each, usual, usual) - STEP for each in noise]
    assert np.mean(np.square(errors)) < 1.1 * np.mean((usual - STEP) ** 2)


@pytest.mark.parametrize(("d", "low"), [(4, 0.6), (6, 0.92), (8, 0.95), (12, 0.97)])
def test_a_defect_that_stands_out_of_the_noise_is_shown(d, low):
    """A result that shows a third of what is missing, at a border too; mean of 40 draws."""
    rng, shown = np.random.default_rng(3), []
    for place in [(5, 6), (0, 4)] * 20:
        defect = np.zeros_like(LATTICE)
        defect[cell(*place)] = -d * COLUMN
        noisy = LATTICE + defect + draw(rng)
        result = give_back(noisy, LATTICE + defect / 3, LATTICE) - LATTICE
        shown.append(np.sum(result * defect) / d**2)
    assert low < np.mean(shown) < 1.1


def test_where_all_columns_differ_from_their_look_alikes_none_is_odd():
    """Brightness that spreads by three deviations of noise; 20 draws of 144 columns."""
    rng, given = np.random.default_rng(4), 0
    for _ in range(20):
        heights = rng.normal(12, 3, (SIDE // PERIOD,) * 2)
        scene = np.kron(heights, COLUMN)
        result = give_back(scene + draw(rng), scene, LATTICE)
        given += np.sum((result - scene) ** 2)
    assert given / 20 < 1


def test_what_the_result_shows_already_is_not_given_twice(rng):
    defect = np.zeros_like(LATTICE)
    defect[cell(5, 6)] = -12 * COLUMN
    result = give_back(LATTICE + defect, LATTICE + defect, LATTICE)
    np.testing.assert_allclose(result, LATTICE + defect, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (7, 7)])
def test_small_images_and_constant_ones(rng, shape):
    flat = np.zeros(shape, np.float32)
    assert np.isfinite(give_back(rng.normal(size=shape).astype(np.float32), flat, flat)).all()
    np.testing.assert_array_equal(give_back(flat, flat, flat), flat)


@pytest.mark.parametrize(("d", "low"), [(7, 0.7), (15, 0.65)])
def test_a_column_that_stands_elsewhere_is_moved(d, low):
    """The spot is a little wider than these columns: of the whole move it has 0.8."""
    rng, shares = np.random.default_rng(3), []
    moved = np.zeros((SIDE, SIDE))
    moved[cell(5, 6)] = np.gradient(COLUMN, axis=0)
    moved *= d / np.sqrt(np.sum(moved**2))
    for _ in range(20):
        shown = give_back(LATTICE + moved + draw(rng), LATTICE, LATTICE) - LATTICE
        shares.append(np.sum(shown * moved) / d**2)
    assert low < np.mean(shares) < 1.15


def test_where_all_columns_are_displaced_none_is_moved():
    rng, energies = np.random.default_rng(4), []
    slope = np.gradient(COLUMN, axis=1) / np.sqrt(np.sum(np.gradient(COLUMN, axis=1) ** 2))
    for _ in range(10):
        shifts = rng.normal(0, 6, (SIDE // PERIOD, SIDE // PERIOD))
        scene = LATTICE + np.kron(shifts, np.ones((PERIOD, PERIOD))) * np.tile(slope, shifts.shape)
        shown = give_back(scene + draw(rng), LATTICE, LATTICE) - LATTICE
        energies.append(np.sum(shown**2) / np.sum(shifts**2))
    assert np.mean(energies) < 0.2  # of all that is displaced
