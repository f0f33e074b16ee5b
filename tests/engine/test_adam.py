"""Adam over one vector of weights: steps as published, layouts as they were."""

import copy
import math

import pytest
import torch

from sk_noise2sr.engine import RECIPES, Training
from sk_noise2sr.engine._adam import Adam, as_vector
from sk_noise2sr.engine._training import SCHEDULES
from sk_noise2sr.networks import ENCODER_NAMES, ENCODERS, UPSAMPLER_NAMES, UPSAMPLERS, CompactUNet


def small_network():
    torch.manual_seed(0)
    return CompactUNet(1, 4, n_levels=2).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("largest_norm", [math.inf, 0.1])
def test_steps_are_those_of_the_paper(largest_norm):
    """Kingma and Ba, algorithm 1, on one vector of gradients in float64."""
    network = small_network()
    images = torch.randn(2, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    adam = Adam(network, (0.9, 0.99), largest_norm)
    weights = adam.weights.double()
    m = v = torch.zeros_like(weights)
    for step in range(1, 6):
        loss = (network(images) - 1).square().sum()
        slopes = torch.autograd.grad(loss, network.parameters(), retain_graph=True)
        norm = math.sqrt(sum(float(slope.square().sum()) for slope in slopes))
        adam.step(loss, 0.01 / step)
        g = adam.gradient.double()
        assert float(g.norm()) == pytest.approx(min(norm, largest_norm), rel=1e-3)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        change = m / (1 - 0.9**step) / ((v / (1 - 0.99**step)).sqrt() + 1e-8)
        weights = weights - 0.01 / step * change
        torch.testing.assert_close(adam.weights.double(), weights, rtol=1e-5, atol=1e-6)


def test_weights_are_parts_of_the_vector_in_their_layout():
    network = small_network()
    before = copy.deepcopy(network)
    vector, views = as_vector(network)
    assert len(vector) == sum(weights.numel() for weights in before.parameters())
    laid = sorted(before.parameters(), key=lambda weights: weights.ndim < 2 or weights.shape[1] < 2)
    assert [weights.shape for weights, _ in views] == [weights.shape for weights in laid]
    for (weights, view), old in zip(views, laid, strict=True):
        assert torch.equal(weights, old)
        assert weights.stride() == old.stride()
        assert torch.equal(view(vector), weights)
    vector += 1
    for weights, old in zip(network.parameters(), before.parameters(), strict=True):
        assert torch.equal(weights, old + 1)


def test_names_that_are_told_without_torch_are_those_that_there_are():
    assert set(RECIPES) == SCHEDULES
    assert set(ENCODERS) == ENCODER_NAMES
    assert set(UPSAMPLERS) == UPSAMPLER_NAMES
    assert Training().schedule in SCHEDULES
