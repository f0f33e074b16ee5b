"""Images that were treated as tables are noticed; stripes, noise and lattices are not."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr._tables import shuffled, standardised


@pytest.fixture
def lattice(rng):
    y, x = np.mgrid[:64, :64]
    return np.sin(x / 4) * np.sin(y / 4) + rng.normal(0, 0.5, (64, 64))


def test_a_step_for_tables_is_warned_of(lattice):
    with pytest.warns(UserWarning, match="as StandardScaler leaves it"):
        AdaptiveWiener().fit(StandardScaler().fit_transform(lattice))
    with pytest.warns(UserWarning, match="rows of the image look shuffled"):
        AdaptiveWiener().fit(train_test_split(lattice, random_state=0)[0])


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
