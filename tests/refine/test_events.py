"""What one frame shows alone is found, and noise is not."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_movie
from sk_noise2sr.noise import Anscombe
from sk_noise2sr.refine import CollaborativeFilter, residual
from sk_noise2sr.refine._events import chance_of_event


def hopped(strength, shape=(64, 64)):
    """Return a column that has hopped by two pixels; the strength is in deviations of noise."""
    points = np.zeros(shape)
    points[30, 31], points[30, 33] = 1, -1
    event = gaussian_filter(points, 1.0)
    return strength * event / np.linalg.norm(event)


def test_noise_is_no_event():
    rng = np.random.default_rng(0)
    largest = [chance_of_event(rng.normal(size=(64, 64))).max() for _ in range(60)]
    assert np.mean(np.array(largest) > 0.5) < 0.1


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
def test_a_strong_event_is_found_in_any_unit(unit):
    rng = np.random.default_rng(1)
    chances = [
        chance_of_event(unit * (hopped(9) + rng.normal(size=(64, 64))))[30, 32] for _ in range(20)
    ]
    assert np.mean(chances) > 0.9


def test_chances_grow_with_the_event():
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(20, 64, 64))
    means = [
        np.mean([chance_of_event(hopped(strength) + one)[30, 32] for one in noise])
        for strength in (0, 4, 6, 8)
    ]
    assert np.all(np.diff(means) > 0)
    assert means[1] < 0.3  # by degrees, not at a stroke


def test_frames_around_lower_the_noise_and_an_event_stays_in_its_frame():
    """Guided by the lattice without the hop, in all frames."""
    kept, before, alone, together = [], [], [], []
    for seed in range(8):
        clean, noisy = make_movie("still", (96, 96), 5, random_state=seed)
        still = np.tile(clean[0], (5, 1, 1))
        collaborative = CollaborativeFilter.fit(noisy, Anscombe(0.2), "auto")
        grid, anscombe = collaborative.grid, collaborative.anscombe
        residuals = [residual(*pair, grid, anscombe) for pair in zip(noisy, still, strict=True)]
        hop = clean[2] - clean[0]
        for number, shares in ((1, before), (2, kept)):
            others = [each for other, each in enumerate(residuals) if other != number]
            result = collaborative.refine(noisy[number], still[number], others)
            shares.append(np.sum((result - clean[0]) * hop) / np.sum(hop**2))
            if number == 1:
                together.append(np.mean((result - clean[0]) ** 2))
                plain = collaborative.refine(noisy[1], still[1])
                alone.append(np.mean((plain - clean[0]) ** 2))
    assert np.mean(kept) > 0.6  # .8, with a standard error of .1
    assert np.abs(before).max() < 0.1
    assert np.mean(together) < 0.6 * np.mean(alone)
