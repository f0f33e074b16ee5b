"""Fixtures of what all denoisers share."""

import pytest

from sk_noise2sr import datasets


@pytest.fixture(scope="session")
def pair():
    """Return (clean, noisy): a simulated nanoparticle of 128 x 128 pixels, in float64."""
    clean, noisy = datasets.make_hrem((128, 128), random_state=0)
    return clean.astype(float), noisy.astype(float)
