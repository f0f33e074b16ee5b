"""Muon: matrices whose singular values become 1, and Adam for the rest."""

import math

import pytest
import torch
from torch import nn

from sk_noise2sr.engine._adam import Adam
from sk_noise2sr.engine._muon import Muon, whitenings


def test_singular_values_come_to_about_one():
    """Also of matrices that are turned together, however unlike their sizes and strengths."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(16, 90), (24, 24), (16, 30), (1, 5), (16, 90)]
    matrices = [1e-6 * torch.randn(shape, generator=generator) for shape in shapes]
    matrices[-1] *= 1e9
    for matrix, root in zip(matrices, whitenings(matrices), strict=True):
        white = root @ matrix
        values = torch.linalg.svdvals(white)
        before = torch.linalg.svdvals(matrix)
        strong = before > 0.1 * before.max()
        assert values[strong].min() > 0.6
        assert values.max() < 1.3
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        turned = (left @ right).flatten()
        assert torch.nn.functional.cosine_similarity(white.flatten(), turned, 0) > 0.9


def test_tall_matrices_are_turned_as_their_transposes():
    torch.manual_seed(0)
    tall, lying = nn.Linear(3, 20, bias=False), nn.Linear(20, 3, bias=False)
    lying.weight.data = tall.weight.detach().T.contiguous()
    weights = torch.randn(20, 3)
    Muon(tall).step((tall.weight * weights).sum(), 0.1)
    Muon(lying).step((lying.weight * weights.T).sum(), 0.1)
    torch.testing.assert_close(tall.weight, lying.weight.T)


def test_steps_of_matrices_have_one_size_and_the_rest_are_adams():
    """The size of the gradient does not count, and its directions weigh alike."""
    torch.manual_seed(0)
    networks = [nn.Conv2d(8, 6, 3).to(memory_format=torch.channels_last) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    before = networks[0].weight.detach().clone()
    images = torch.randn(1, 8, 9, 9)
    for network, optimiser in zip(networks, (Muon, Adam), strict=True):
        optimiser(network).step(1e3 * network(images).square().sum(), 0.03)
    step = (before - networks[0].weight).detach().flatten(1)
    assert math.sqrt(step.square().mean()) == pytest.approx(0.012, rel=1e-4)
    values = torch.linalg.svdvals(step)
    assert values.max() < 2 * values.min()
    assert networks[0].weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(networks[0].bias, networks[1].bias)


def test_kernels_of_single_channels_are_no_matrix():
    torch.manual_seed(0)
    networks = [nn.Conv2d(8, 8, 3, groups=8) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    for network, optimiser in zip(networks, (Muon, Adam), strict=True):
        optimiser(network).step(network(torch.ones(1, 8, 9, 9)).square().sum(), 0.03)
    torch.testing.assert_close(networks[0].weight, networks[1].weight)


def test_a_gradient_of_nothing_moves_nothing():
    network = nn.Conv2d(4, 4, 3)
    before = network.weight.detach().clone()
    Muon(network).step(0 * network(torch.ones(1, 4, 9, 9)).sum(), 0.1)
    assert torch.equal(network.weight, before)
