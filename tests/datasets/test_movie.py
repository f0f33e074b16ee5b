"""make_movie: what moves and what does not, statistics of the noise, the memory of the camera."""

import numpy as np
import pytest
from scipy.ndimage import shift

from sk_noise2sr.datasets import make_movie

SMALL = {"shape": (96, 80), "n_frames": 6, "random_state": 1}


@pytest.mark.parametrize("kind", ["still", "drift", "rotation"])
def test_counts_have_the_clean_movie_as_their_mean(kind):
    clean, noisy = make_movie(kind, counts=5.0, **SMALL)
    assert clean.shape == noisy.shape == (6, 96, 80)
    assert clean.dtype == noisy.dtype == np.float32
    z = (noisy - clean) / np.sqrt(clean / 5)
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert z.var() == pytest.approx(1, abs=0.05)
    np.testing.assert_array_equal(np.round(5 * noisy), np.float32(5) * noisy)


def test_one_seed_is_one_scene_whatever_the_counts():
    few, many = (make_movie(counts=counts, **SMALL) for counts in (1, np.inf))
    np.testing.assert_array_equal(few[0], many[0])
    np.testing.assert_array_equal(many[0], many[1])
    assert np.any(make_movie(**{**SMALL, "random_state": 2})[0] != few[0])


def test_one_column_hops_in_one_frame():
    clean, _ = make_movie("still", **SMALL)
    for number in (0, 1, 2, 4, 5):
        np.testing.assert_array_equal(clean[number], clean[0])
    change = clean[3] - clean[0]
    rows, columns = np.nonzero(np.abs(change) > 0.05)
    assert max(np.ptp(rows), np.ptp(columns)) < 30
    assert change.max() > 0.1
    assert change.min() < -0.1


@pytest.mark.parametrize("seed", range(4))
def test_the_hop_stands_out_of_the_noise(seed):
    clean, _ = make_movie("still", **{**SMALL, "random_state": seed})
    detectability = np.sqrt(np.sum((clean[3] - clean[0]) ** 2 / (0.2 * clean[0])))
    assert 7.5 < detectability < 10


def test_a_drift_is_half_a_pixel_a_frame():
    clean, _ = make_movie("drift", **SMALL)
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    errors = [
        np.mean((shift(clean[0], 2 * np.array([np.sin(a), np.cos(a)])) - clean[4])[8:-8, 8:-8] ** 2)
        for a in angles
    ]
    assert min(errors) < 0.02 * np.mean((clean[0] - clean[4])[8:-8, 8:-8] ** 2)


def test_a_particle_turns_and_loses_a_column():
    clean, _ = make_movie("rotation", **SMALL)
    steps = np.mean(np.diff(clean, axis=0) ** 2, axis=(1, 2))
    assert steps.min() > 0
    assert np.argmax(steps) == 2  # from frame 2 to frame 3
    np.testing.assert_allclose(clean[0, -8:], clean[-1, -8:], atol=0.01)  # the support stays


def test_lag_correlates_frames_and_keeps_the_mean():
    clean, noisy = make_movie("still", lag=0.4, **SMALL)
    noise = noisy - clean
    for distance in (1, 2):
        product = np.mean(noise[distance:] * noise[:-distance]) / noise.var()
        assert product == pytest.approx(0.4**distance, abs=0.03)
    assert noise.var() == pytest.approx(0.2 * (1 - 0.4) / (1 + 0.4), rel=0.1)
    assert np.abs(clean[4] - clean[0]).max() > 0.05  # of the hop in frame 3, which fades


@pytest.mark.parametrize(
    "wrong", [{"kind": "jump"}, {"n_frames": 0}, {"lag": 1.0}, {"counts": 0}, {"shape": (0, 4)}]
)
def test_wrong_parameters_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make_movie(**{**SMALL, **wrong})
