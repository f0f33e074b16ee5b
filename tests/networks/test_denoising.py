"""Encoder and head at full size, and the encoders that both makers share."""

import pytest
import torch

from sk_noise2sr.networks import (
    ENCODERS,
    CompactUNet,
    DenoisingNetwork,
    DnCNN,
    at_any_side,
    make_denoising_network,
    make_super_resolution_network,
)


@pytest.mark.parametrize("encoder", sorted(ENCODERS))
def test_every_encoder_has_a_name_for_both_makers(encoder):
    images = torch.rand(2, 1, 9, 14)
    assert make_denoising_network(encoder)(images).shape == (2, 1, 9, 14)
    assert make_super_resolution_network(encoder, 2)(images).shape == (2, 1, 18, 28)


@pytest.mark.parametrize(
    "make", [make_denoising_network, lambda e: make_super_resolution_network(e, 2)]
)
def test_an_unknown_name_is_a_key_error(make):
    with pytest.raises(KeyError, match="resnet"):
        make("resnet")


def test_a_callable_is_an_encoder():
    network = make_denoising_network(lambda n_in, n_out: torch.nn.Conv2d(n_in, n_out, 1))
    assert network(torch.zeros(2, 1, 3, 4)).shape == (2, 1, 3, 4)


def test_options_reach_the_encoder():
    network = make_denoising_network("compact", encoder_options={"n_levels": 5})
    assert network.side_multiple == 16


@pytest.mark.parametrize("encoder", ["compact", CompactUNet])
def test_the_cheap_head_starts_at_zero_and_learns(encoder):
    network = make_denoising_network(encoder)
    output = network(torch.randn(1, 1, 8, 8))
    assert not output.any()
    (output - 1).square().sum().backward()
    assert network.head.weight.grad.any()


def test_published_networks_do_not_start_at_zero():
    for encoder in ("unet", "dncnn"):
        assert make_denoising_network(encoder)(torch.randn(1, 1, 32, 32)).std() > 0


def test_dncnn_itself_is_the_network():
    torch.manual_seed(0)
    network = make_denoising_network("dncnn", encoder_options={"n_layers": 4})
    torch.manual_seed(0)
    alone = DnCNN(n_layers=4)
    images = torch.randn(2, 1, 6, 7)
    assert torch.equal(network(images), alone(images))


def test_dncnn_looks_as_far_as_it_has_layers():
    network = DnCNN(n_layers=4, n_features=8).eval()
    image = torch.randn(1, 1, 15, 15, requires_grad=True)
    network(image)[0, 0, 7, 7].backward()
    seen = image.grad[0, 0].nonzero()
    assert (seen.amin(0).tolist(), seen.amax(0).tolist()) == ([3, 3], [11, 11])


@pytest.mark.parametrize("symmetry", range(8))
def test_a_turned_network_is_the_network_on_a_turned_image(symmetry):
    torch.manual_seed(0)
    encoder = CompactUNet(1, 4)
    network = DenoisingNetwork(encoder, torch.nn.Conv2d(4, 1, 1))
    side = encoder.side_multiple
    image = torch.randn(1, 1, 3 * side, 4 * side)
    other = {0: 3, 1: 2, 2: 1, 3: 0, 4: 7, 5: 6, 6: 5, 7: 4}[symmetry]  # after half a turn

    def at(image, symmetry):
        return at_any_side(network, image, side_multiple=side, symmetry=symmetry)

    turned = at(image.rot90(2, (-2, -1)), symmetry)
    torch.testing.assert_close(turned, at(image, other).rot90(2, (-2, -1)))


@pytest.mark.parametrize("symmetry", [0, 3, 6])
def test_padding_repeats_what_the_network_was_given(symmetry):
    """An image with its border repeated by hand gives the same prediction."""
    torch.manual_seed(0)
    network = DenoisingNetwork(CompactUNet(1, 4, 4), torch.nn.Conv2d(4, 1, 1))
    image = torch.randn(1, 1, 11, 13)
    padded = torch.nn.functional.pad(image, (0, 3, 0, 5), mode="replicate")
    expected = at_any_side(network, padded, side_multiple=8, symmetry=symmetry)[..., :11, :13]
    outcome = at_any_side(network, image, side_multiple=8, symmetry=symmetry)
    torch.testing.assert_close(outcome, expected)
