"""Neighbor2Neighbor: the same pairs everywhere, a regulariser that grows, parts of an image."""

import pytest
import torch

from sk_noise2sr import Neighbor2Neighbor
from sk_noise2sr.engine import Batch
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr

INFERENCES = pytest.mark.parametrize("inference", ["parts", "whole"])


def loss_of(network, image, progress=0.0, seed=0, **parameters):
    targets = torch.ones_like(image, dtype=bool)
    batch = Batch(image, targets, torch.Generator().manual_seed(seed), progress)
    return Neighbor2Neighbor(**parameters)._scheme(UNBINNED).loss(network, batch)


@pytest.fixture
def image():
    return torch.randn(2, 1, 16, 20, generator=torch.Generator().manual_seed(0))


@INFERENCES
def test_denoises(fast, noisy, clean, inference):
    denoised = fast(Neighbor2Neighbor, epochs=5, inference=inference).fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 2


@INFERENCES
def test_data_term_and_regulariser_have_the_same_pairs(image, inference):
    """A network that returns its input makes both differences equal: no regulariser is left."""
    for seed in range(5):
        weak, strong = (
            loss_of(torch.clone, image, 0.9, seed, gamma=gamma, inference=inference)
            for gamma in (0.0, 1e6)
        )
        assert weak > 0
        torch.testing.assert_close(weak, strong)


def test_the_weight_of_the_regulariser_grows_from_zero_to_gamma(image):
    """For a constant network the regulariser is the error itself."""
    start = loss_of(torch.zeros_like, image)
    for progress in (0.25, 0.75, 1.0):
        expected = (1 + 3 * progress) * start
        torch.testing.assert_close(loss_of(torch.zeros_like, image, progress, gamma=3.0), expected)


def test_the_error_is_that_of_neighbours(image):
    """On a slope along the rows, half of the pairs are one step apart and half are level."""
    slope = torch.arange(100.0)[:, None].expand(3, 1, 100, 100).contiguous()
    assert float(loss_of(torch.clone, slope)) == pytest.approx(0.5, abs=0.03)


@INFERENCES
def test_no_gradient_flows_through_the_denoised_image(image, inference):
    modes = []

    def network(images):
        modes.append(torch.is_grad_enabled())
        return images

    loss_of(network, image, inference=inference)
    assert modes == [False, True]


def test_parts_go_through_the_network_one_by_one(image):
    def network(parts):
        return parts.cumsum(-1) * parts[..., :1, :1]

    denoised = Neighbor2Neighbor()._scheme(UNBINNED).apply(network, image)
    for row in range(2):
        for column in range(2):
            part = image[..., row::2, column::2]
            assert torch.equal(denoised[..., row::2, column::2], network(part))
    assert torch.equal(
        Neighbor2Neighbor(inference="whole")._scheme(UNBINNED).apply(network, image), network(image)
    )


def test_the_published_network():
    network = Neighbor2Neighbor.from_preset("paper")._scheme(UNBINNED).make_network()
    assert sum(weights.numel() for weights in network.parameters()) == 1_256_689
