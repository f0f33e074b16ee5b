"""The mean of guides along a movie: less of their errors, nothing of what others show."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_movie
from sk_noise2sr.refine import Around, along_time

NOTHING = np.zeros((64, 64), np.float32)


def guides_of(clean, rng):
    """Return clean frames with smooth errors, a twentieth of the noise."""
    errors = [gaussian_filter(rng.normal(size=frame.shape), 2) for frame in clean]
    return [c + 0.02 * e / e.std() for c, e in zip(clean, errors, strict=True)]


@pytest.mark.parametrize("drift", [0, 1])
def test_errors_are_averaged_along_the_motion(drift, rng):
    wide = make_movie("still", (96, 96), 1, counts=np.inf, random_state=3)[0][0]
    clean = [wide[16:80, 16 - k * drift : 80 - k * drift] for k in range(4)]
    guides = guides_of(clean, rng)
    around = [Around(guides[k], NOTHING, np.array([0.0, k * drift])) for k in (1, 2, 3)]
    mean, _ = along_time(guides[0], around, np.full((64, 64), 0.45), (2, 2))
    inside = slice(6, -6), slice(6, -6)
    assert np.std((mean - clean[0])[inside]) < 0.7 * np.std((guides[0] - clean[0])[inside])


def test_what_others_show_stays_with_them(rng):
    clean = make_movie("still", (64, 64), 5, counts=np.inf, random_state=1)[0]
    guides = guides_of(clean, rng)
    hop = clean[2] - clean[1]
    for number, expected in ((1, 0), (2, 1)):
        around = [Around(guides[n], NOTHING, np.zeros(2)) for n in range(5) if n != number]
        mean, _ = along_time(guides[number], around, np.full((64, 64), 0.45), (3, 3))
        share = np.sum((mean - clean[1]) * hop) / np.sum(hop**2)
        assert share == pytest.approx(expected, abs=0.12)


def test_residuals_move_by_whole_pixels_of_the_grid(rng):
    residual = rng.normal(size=(32, 32)).astype(np.float32)
    around = [Around(NOTHING, residual, np.array([2.4, -3.0]))]
    guide, (back,) = along_time(NOTHING, around, np.ones((64, 64)), (2, 2))
    np.testing.assert_array_equal(back[:-1, 2:], residual[1:, :-2])
    assert (guide.dtype, back.dtype) == (np.float32, np.float32)
