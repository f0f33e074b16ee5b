"""Noise that neighbours share is white on the grid of a network."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from sk_noise2sr.grid import WorkingGrid, colour_of_image

INSTRUMENTS = {
    "spread": lambda image: gaussian_filter(image, 0.7),
    "moved": lambda image: shift(image, 0.5, order=1, mode="nearest"),
    "along rows": lambda image: gaussian_filter(image, (0, 0.7)),
}


def record(seed, instrument=None, side=192):
    """Return the image of a smooth scene that an instrument records, and the noise in it."""
    rng = np.random.default_rng(seed)
    scene = gaussian_filter(rng.normal(size=(side, side)), 8)
    noise = rng.normal(size=(side, side))
    both = 5 * scene / scene.std() + noise, noise
    return both if instrument is None else tuple(map(instrument, both))


def fit(image, whiten=True, binning=1.0):
    """Return the grid of an image."""
    colour = colour_of_image(image) if whiten else None
    return WorkingGrid.fit(
        image[np.newaxis], binning=binning, stride=2, standardize=True, colour=colour
    )


def correlation(grid, noise):
    """Return the larger of the correlations with the next pixel of the grid, down and right."""
    seen = grid.prepare(noise).astype(float)
    seen -= seen.mean()
    near = np.sum(seen[1:] * seen[:-1]), np.sum(seen[:, 1:] * seen[:, :-1])
    return np.abs(near).max() / np.sum(seen**2)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("seed", range(5))
def test_smooth_noise_becomes_white(instrument, seed):
    """Neighbours share half of the noise of the image, and little of that on the grid."""
    image, noise = record(seed, INSTRUMENTS[instrument])
    assert correlation(fit(image, whiten=False), noise) > 0.45
    assert correlation(fit(image), noise) < 0.25


def test_white_noise_is_left_alone():
    """None of a hundred images of white noise is touched."""
    assert all(fit(record(seed, side=96)[0]).colour is None for seed in range(100))


def test_the_more_neighbours_share_the_more_of_it_is_divided_out():
    """What is left rises and falls without a jump: nothing hangs on one threshold."""
    left = []
    for width in np.arange(0.3, 0.61, 0.04):
        records = [record(seed, lambda x, w=width: gaussian_filter(x, w)) for seed in range(6)]
        left.append(np.mean([correlation(fit(image), noise) for image, noise in records]))
    assert max(left) < 0.25
    assert np.abs(np.diff(left)).max() < 0.1


@pytest.mark.parametrize("binning", [1.0, 1.3])
def test_the_way_back_restores_what_binning_leaves(binning):
    """Weights of frequencies cancel: the same comes back of a grid without them."""
    image, _ = record(0, INSTRUMENTS["spread"])
    plain, whitened = (fit(image, whiten, binning) for whiten in (False, True))
    assert plain.colour is None
    assert whitened.colour is not None
    back = (x.restore(x.prepare(image), image.shape) for x in (plain, whitened))
    np.testing.assert_allclose(*back, atol=1e-4)


def columns(seed, height):
    """Return a lattice of columns, moved by half a pixel after the counting, and its noise."""
    row, column = np.mgrid[:192, :192] % 12 - 5.5
    noise = np.random.default_rng(seed).normal(size=(192, 192))
    image = height * np.exp(-(row**2 + column**2) / (2 * 2.5**2)) + noise
    return INSTRUMENTS["moved"](image), INSTRUMENTS["moved"](noise)


def test_little_shared_noise_is_divided_out_where_detail_is_strong():
    """A network draws it, and what that costs shows the more, the better the rest is."""
    left = {height: [] for height in (0.3, 0.7, 0.8, 0.9, 2.0)}
    for height, correlations in left.items():
        for seed in range(5):
            image, noise = columns(seed, height)
            correlations.append(correlation(fit(image, binning=1.63), noise))
    means = [np.mean(each) for each in left.values()]
    assert means[0] > 0.1
    assert means[-1] < 0.06
    assert np.diff(means).max() < 0.02


def test_a_part_is_whitened_as_the_whole_is():
    image, noise = record(1, INSTRUMENTS["spread"])
    assert correlation(fit(image), noise[:150, :170]) < 0.25


def test_gain_and_offset_leave_what_a_network_sees():
    image, _ = record(2, INSTRUMENTS["spread"])
    seen, of_counts = (fit(x).prepare(x[np.newaxis]) for x in (image, 300 * image + 7e4))
    np.testing.assert_allclose(of_counts, seen, atol=1e-3)
