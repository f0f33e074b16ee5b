"""How far frames have moved: to a part of a pixel, and not where nothing tells it."""

import numpy as np
import pytest

from sk_noise2sr.datasets import make_movie
from sk_noise2sr.movies import moved, refined_step


@pytest.fixture(scope="module")
def lattice():
    return make_movie("still", (64, 64), 1, counts=np.inf, random_state=0)[0][0]


@pytest.mark.parametrize("start", [(0, 0), (2, -3)])
@pytest.mark.parametrize("rest", [(0.0, 0.0), (0.3, -0.45), (0.8, 0.7)])
def test_a_step_is_found_to_a_hundredth_of_a_pixel(lattice, start, rest):
    step = np.add(start, rest)
    found = refined_step(lattice, moved(lattice, -step), start, reach=2)
    np.testing.assert_allclose(found, step, atol=0.02)


def test_what_is_farther_than_the_reach_is_not_followed(lattice):
    after = moved(lattice, (0, -1.5))
    np.testing.assert_array_equal(refined_step(lattice, after, (0, 0), reach=0.5), (0, 0))


def test_along_stripes_nothing_tells_a_step():
    stripes = np.tile(np.sin(np.arange(48) / 2), (48, 1))
    down, right = refined_step(stripes, moved(stripes, (0, -0.4)), (0, 0), reach=2)
    assert (down, round(right, 1)) == (pytest.approx(0, abs=1e-9), 0.4)
    np.testing.assert_array_equal(refined_step(np.ones((9, 9)), np.ones((9, 9)), (0, 0), 2), 0)


def test_noise_is_moved_by_whole_pixels_without_a_change(rng):
    noise = rng.normal(size=(16, 12))
    back = moved(moved(noise, (3, -2)), (-3, 2))
    np.testing.assert_array_equal(back[4:-4, 4:-4], noise[4:-4, 4:-4])
    assert moved(noise, (0, 0)) is noise
