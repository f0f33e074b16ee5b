"""Fresh weights come from their seed alone: in any thread, whatever the global generator does."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch

from sk_noise2sr import ZSN2N, Self2Self, denoisers
from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.engine import _plan, hollow_network, n_weights, seeded_weights
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.networks import ENCODERS, make_super_resolution_network

ALL = (getattr(denoisers, name) for name in denoisers.__all__)
CLASSES = [each for each in ALL if issubclass(each, BaseNetworkDenoiser)]
SMALL = ("compact", "dncnn", "uformer_compact", "restormer_compact")


def digest(network):
    return [float(value.double().sum()) for value in network.state_dict().values()]


@pytest.mark.parametrize("denoiser_class", CLASSES, ids=lambda c: c.__name__)
def test_weights_are_those_of_a_seeded_global_generator(denoiser_class):
    make = denoiser_class()._scheme(UNBINNED).make_network
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        expected = digest(make())
    assert digest(seeded_weights(make, 7)) == expected


@pytest.mark.parametrize("encoder", SMALL)
def test_every_encoder_in_eight_threads(encoder):
    before = torch.get_rng_state()

    def make(seed):
        return digest(seeded_weights(lambda: make_super_resolution_network(encoder, 2), seed))

    expected = [make(seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(make, list(range(4)) * 4)) == expected * 4
    assert torch.equal(torch.get_rng_state(), before)
    assert set(SMALL) <= set(ENCODERS)


@pytest.mark.parametrize("denoiser_class", [ZSN2N, Self2Self])
def test_fits_in_threads_are_those_of_one_after_another(denoiser_class, fast, noisy, monkeypatch):
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 4)
    parameters = {"n_features": 4, "epochs": 1, "n_threads": 1, "held_out": 1e-9}
    before = torch.get_rng_state()

    def fit(_):
        return fast(denoiser_class, **parameters).fit_transform(noisy[:32, :32])

    expected = fit(0)
    with ThreadPoolExecutor(8) as threads:
        for image in threads.map(fit, range(8)):
            np.testing.assert_array_equal(image, expected)
    assert torch.equal(torch.get_rng_state(), before)


def test_counting_weights_makes_none():
    assert n_weights(lambda: torch.nn.Linear(10**6, 10**6)) == 10**12 + 10**6


class NoWeights(torch.nn.Module):
    """A network that has nothing to learn."""


@pytest.mark.parametrize(
    ("make_network", "words"),
    [
        (lambda: torch.nn.LazyConv2d(1, 3), "network LazyConv2d has lazy layers, .* nn.Conv2d for"),
        (NoWeights, "network NoWeights has no weights to learn"),
        (lambda: 5, r"Expected a torch\.nn\.Module as the network, got int"),
    ],
)
def test_a_network_that_cannot_be_trained_gets_one_sentence(make_network, words):
    for make in (partial(seeded_weights, seed=0), n_weights, hollow_network):
        with pytest.raises(ValueError, match=words):
            make(make_network)
