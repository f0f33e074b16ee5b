"""The strength of stabilised noise where few are counted."""

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D
from sk_noise2sr.grid import WorkingGrid
from sk_noise2sr.noise import Anscombe
from sk_noise2sr.refine._noise import noise_level

SIDE, RADIUS = 96, 20


def particle(background, counts):
    """Return a bright disc on a faint background, in counts a pixel."""
    return np.where(distance() < RADIUS, counts, background)


def distance():
    """Return how far each pixel is from the middle."""
    return np.hypot(*(np.mgrid[:SIDE, :SIDE] - SIDE // 2))


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (-20.0, 300.0)])
@pytest.mark.parametrize("background", [0.1, 0.5])
def test_deviations_follow_the_counts(background, gain, offset):
    clean = particle(background, 4.0)
    draws = np.random.default_rng(0).poisson(clean, (200, SIDE, SIDE)) * gain + offset
    anscombe, grid = Anscombe(gain, 0.0, offset), WorkingGrid(0.0, 1.0, 2.0)
    stabilized = anscombe.transform(draws)
    found = np.mean(
        [noise_level(*each, anscombe, grid) for each in zip(stabilized, draws, strict=True)], axis=0
    )
    true = stabilized.std(axis=0)
    far_outside = np.s_[: SIDE // 4, : SIDE // 4]
    middle = np.s_[SIDE // 2 - 5 : SIDE // 2 + 5, SIDE // 2 - 5 : SIDE // 2 + 5]
    for place in (far_outside, middle):
        binned = tuple(slice((part.start or 0) // 2, part.stop // 2) for part in place)
        assert found[binned].mean() == pytest.approx(true[place].mean(), rel=0.1)


def test_many_counts_have_a_deviation_of_1():
    rng, anscombe = np.random.default_rng(0), Anscombe(0.5)
    noisy = 0.5 * rng.poisson(particle(40.0, 80.0))
    level = noise_level(anscombe.transform(noisy), noisy, anscombe, WorkingGrid(0.0, 1.0, 2.0))
    assert np.ndim(level) == 0
    assert 0.95 < level <= 1


@pytest.mark.parametrize("background", [0.02, 0.15])
def test_noise_of_bright_places_is_removed_too(background):
    clean = particle(background, 2.5)
    middle = distance() < RADIUS - 4
    errors = []
    for seed in range(5):
        noisy = np.random.default_rng(seed).poisson(clean).astype(float)
        denoised = VSTBM3D(binning=1.3).fit_transform(noisy)
        errors.append((denoised - clean)[middle].std())
    assert np.mean(errors) < 0.25 * np.sqrt(2.5)
