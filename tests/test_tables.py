"""Images that were treated as tables are noticed; stripes, noise and lattices are not."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import StandardScaler

from sk_noise2sr import AdaptiveWiener, _tables
from sk_noise2sr._tables import seam, shuffled, standardised
from sk_noise2sr.datasets import make_hrem


@pytest.fixture
def lattice(rng):
    y, x = np.mgrid[:64, :64]
    return np.sin(x / 4) * np.sin(y / 4) + rng.normal(0, 0.5, (64, 64))


def test_a_step_for_tables_is_warned_of(lattice):
    with pytest.warns(UserWarning, match="as StandardScaler leaves it"):
        AdaptiveWiener().fit(StandardScaler().fit_transform(lattice))
    with pytest.warns(UserWarning, match="rows of the image look shuffled"):
        AdaptiveWiener().fit(train_test_split(lattice, random_state=0)[0])


def test_rows_that_a_fold_glues_are_warned_of():
    found = 0
    for seed in range(20):
        clean, _ = make_hrem((256, 256), random_state=seed)
        image = clean + np.random.default_rng(seed).normal(0, 0.05, clean.shape)
        first, glued, last = (train for train, _ in KFold(3).split(image))
        assert seam(image) is seam(image[first]) is seam(image[last]) is None
        found += seam(image[glued]) == 85
    assert found >= 18
    with pytest.warns(UserWarning, match="breaks off between its rows 85 and 86"):
        AdaptiveWiener().fit(make_hrem((256, 256), random_state=0)[0][glued])


def test_edges_and_bars_are_no_seams(rng):
    image = rng.normal(0, 0.1, (96, 96))
    square, step, bar = image.copy(), image.copy(), image.copy()
    square[30:60, 30:60] += 1
    step[40:] += 1
    bar[70:] = 0
    for each in (square, step, bar, image + 5 * (rng.random(image.shape) < 0.01)):
        assert seam(each) is None


def test_what_is_an_image_is_left_in_peace():
    stripes = np.sin(np.arange(64) / 3)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=(64, 64))
        offsets = 3 * rng.normal(size=(64, 1))
        y, x = np.mgrid[:64, :64] / rng.uniform(2, 6)
        for image in (noise, noise + stripes, noise + offsets, noise + np.sin(x) * np.sin(y)):
            assert not shuffled(image)
            assert not standardised(image)
            assert seam(image) is None


def test_of_a_large_image_the_middle_columns_tell(lattice, rng, monkeypatch):
    looked_at = []
    monkeypatch.setattr(_tables, "_LOOKED_AT", 40 * len(lattice))
    monkeypatch.setattr(
        _tables, "shuffled", lambda image: looked_at.append(image.shape) or shuffled(image)
    )
    with pytest.warns(UserWarning, match="rows of the image look shuffled"):
        _tables.warn_of_tables(rng.permutation(lattice)[np.newaxis])
    assert looked_at == [(64, 40)]
