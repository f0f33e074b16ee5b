"""Fixtures for all tests: a small image, clean and noisy, and estimators that fit in a second."""

import numpy as np
import pytest
import torch

from sk_noise2sr import Training, _seeding, datasets
from sk_noise2sr.engine import _plan


def pytest_addoption(parser):
    parser.addoption("--without-mkldnn", action="store_true", help="convolve without oneDNN")
    parser.addoption("--other-seeds", type=int, default=0, help="add this to each seed")


def pytest_configure(config):
    torch.backends.mkldnn.enabled = not config.getoption("--without-mkldnn")
    if config.getoption("--other-seeds"):
        _add_to_seeds(config.getoption("--other-seeds"))


def _add_to_seeds(number):
    """Draw other noise and train from other weights wherever a seed is a plain number."""

    def other(make):
        return lambda seed=None: make(seed + number if isinstance(seed, int) else seed)

    np.random.default_rng = other(np.random.default_rng)
    _seeding.check_random_state = other(_seeding.check_random_state)


@pytest.hookimpl(tryfirst=True)  # before slow tests are left out
def pytest_collection_modifyitems(items):
    """Mark checks of scikit-learn that have to fail as slow: each fits all the same."""
    for item in items:
        if "compatible" in item.name and item.get_closest_marker("xfail"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def scene():
    """Return (clean, noisy): a simulated nanoparticle of 64 x 64 pixels, in float64."""
    clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    return clean.astype(float), noisy.astype(float)


@pytest.fixture
def clean(scene):
    return scene[0]


@pytest.fixture
def noisy(scene):
    return scene[1].copy()


@pytest.fixture
def falling():
    """Draw normal noise of variance 1, whose power falls as a power of the frequency."""

    def draw(exponent, shape, rng):
        frequency = np.hypot(np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1]))
        frequency[0, 0] = np.inf
        white = np.fft.rfft2(rng.normal(size=shape))
        noise = np.fft.irfft2(white * frequency ** (-exponent / 2), shape)
        return noise / noise.std()

    return draw


@pytest.fixture
def fast():
    """Make an estimator with hyperparameters for which a fit takes a second.

    Settings of the training stand beside the parameters of the estimator.
    """

    def make(estimator_class, **parameters):
        names = Training().get_params()
        settings = {name: parameters.pop(name) for name in names if name in parameters}
        small = {"epochs": 2, "binning": 1, "random_state": 0, "verbose": 0}
        small["training"] = Training(**{"batch_size": 1, "crop_size": 16, **settings})
        if "M" in estimator_class._parameter_constraints:
            small["M"] = 4
        return estimator_class(**{**small, **parameters})

    return make


@pytest.fixture
def hurried(fast, monkeypatch):
    """Make an estimator for which a fit takes a moment: a few steps, which nothing judges."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 4)

    def make(estimator_class, **parameters):
        return fast(estimator_class, **{"held_out": 1e-9, **parameters})

    return make


@pytest.fixture
def predictor():
    """Return what a fitted denoiser predicts with."""
    return lambda denoiser: denoiser.fit_.predictor(denoiser._scheme(denoiser.grid_))


@pytest.fixture
def rng():
    return np.random.default_rng(0)
