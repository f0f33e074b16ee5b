"""PartialConv2d and PartialUNet: nothing behind the mask is seen, and nothing global drawn."""

import pytest
import torch
from torch.nn import functional as F

from sk_noise2sr.networks import PartialConv2d, PartialUNet


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def image():
    return torch.rand(1, 1, 37, 45, generator=seeded(0))


@pytest.fixture
def mask():
    """Holes everywhere, in the last row and column too, which padding repeats."""
    mask = (torch.rand(1, 1, 37, 45, generator=seeded(1)) < 0.7).float()
    mask[..., -1, ::2] = mask[..., ::2, -1] = 0
    return mask


@pytest.fixture
def network():
    torch.manual_seed(0)
    return PartialUNet(n_features=6)


def test_a_partial_convolution_without_holes_is_a_convolution():
    layer, images = PartialConv2d(3, 4), torch.randn(2, 3, 5, 6)
    features, valid = layer(images, torch.ones(2, 1, 5, 6))
    padded = F.pad(images, (1, 1, 1, 1), mode="replicate")
    torch.testing.assert_close(features, F.conv2d(padded, layer.weight, layer.bias))
    assert (valid == 1).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flat_image_stays_flat_whatever_is_masked(channels):
    """A kernel of equal weights takes the mean of what is there, per channel or of all."""
    layer = PartialConv2d(3, 1)
    torch.nn.init.constant_(layer.weight, 1 / 27)
    torch.nn.init.constant_(layer.bias, 0.25)
    mask = (torch.rand(1, channels, 16, 16, generator=seeded(0)) < 0.5).float()
    features, valid = layer(torch.full((1, 3, 16, 16), 2.0), mask)
    assert valid.mean() > 0.9
    torch.testing.assert_close(features, 2.25 * valid)


def test_where_nothing_is_seen_nothing_is_valid():
    mask = torch.zeros(1, 1, 7, 7)
    mask[..., 3, 3] = 1
    features, valid = PartialConv2d(1, 2)(torch.rand(1, 1, 7, 7) + 1, mask)
    expected = torch.zeros(7, 7)
    expected[2:5, 2:5] = 1
    assert torch.equal(valid[0, 0], expected)
    assert torch.equal((features != 0).any(1)[0], expected.bool())


@pytest.mark.parametrize("drop", [False, True])
def test_nothing_behind_the_mask_is_seen(network, image, mask, drop):
    altered = torch.where(mask.bool(), image, 1e3 * torch.randn(image.shape, generator=seeded(2)))
    outputs = [network(x, mask, seeded(3) if drop else None) for x in (image, altered)]
    assert torch.equal(*outputs)


def test_what_the_mask_lets_through_is_seen(network, image, mask):
    image.requires_grad_()
    network(image, mask).square().sum().backward()
    assert torch.equal(image.grad != 0, mask == 1)


def test_a_mask_of_bool_will_do(network, image, mask):
    assert torch.equal(network(image, mask.bool()), network(image, mask))


def test_without_a_mask_nothing_is_hidden(network, image):
    assert torch.equal(network(image), network(image, torch.ones_like(image)))


def test_an_image_all_behind_the_mask_gives_finite_values(network, image):
    assert network(image, torch.zeros_like(image)).isfinite().all()


@pytest.mark.parametrize("training", [True, False])
def test_dropout_belongs_to_the_generator_and_not_to_the_mode(network, image, mask, training):
    network.train(training)
    first, again, other = (network(image, mask, seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(network(image, mask), network(image, mask))


def test_no_global_random_number_is_drawn(network, image, mask):
    before = torch.get_rng_state()
    network(image, mask, seeded(0))
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_of_zero_is_none(image, mask):
    network = PartialUNet(n_features=4, dropout=0.0)
    assert torch.equal(network(image, mask, seeded(0)), network(image, mask))


def test_dropout_leaves_out_its_share_and_keeps_the_mean(network):
    dropped = network._drop(torch.ones(100_000), seeded(0))
    assert (dropped == 0).float().mean() == pytest.approx(0.3, abs=0.006)
    assert dropped.mean() == pytest.approx(1, abs=0.01)


def test_the_sigmoid_squashes_the_linear_output(network, image, mask):
    linear = network(image, mask)
    network.sigmoid = True
    torch.testing.assert_close(network(image, mask), linear.sigmoid())


def test_activations_neither_vanish_nor_explode(image):
    """With masks normalised over all terms; by 9 alone, each layer would divide by 48."""
    torch.manual_seed(0)
    network = PartialUNet()
    with torch.inference_mode():
        levels = network._encode(torch.randn(1, 1, 64, 64), torch.ones(1, 1, 64, 64))
    assert all(0.1 < level.std() < 10 for level in levels)
