"""Networks: published sizes, and shapes for any stride and side."""

import pytest
import torch
from torch.nn import functional as F

from sk_noise2sr.networks import (
    ENCODERS,
    UPSAMPLERS,
    CompactUNet,
    SuperResolutionDecoder,
    UNet,
    make_super_resolution_network,
)
from sk_noise2sr.networks._upsamplers import PixelShuffled


def n_parameters(network):
    return sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize(("tie_weights", "expected"), [(True, 1_030_368), (False, 1_673_904)])
def test_unet_has_the_published_number_of_parameters(tie_weights, expected):
    assert n_parameters(UNet(tie_weights=tie_weights)) == expected


@pytest.mark.parametrize(("stride", "expected"), [(2, 705_729), (3, 1_443_649), (4, 1_296_065)])
def test_decoder_has_the_published_number_of_parameters(stride, expected):
    assert n_parameters(SuperResolutionDecoder(128, stride)) == expected


def test_the_published_network_has_1736097_parameters():
    assert n_parameters(make_super_resolution_network("unet", 2)) == 1_736_097


@pytest.mark.parametrize("encoder", sorted(ENCODERS))
@pytest.mark.parametrize("upsampler", sorted(UPSAMPLERS))
@pytest.mark.parametrize(
    "stride", [3, *(pytest.param(s, marks=pytest.mark.slow) for s in (2, 4, 5, 7))]
)
def test_any_stride_upsampler_and_side(encoder, upsampler, stride):
    with torch.inference_mode(), torch.device("meta"):
        network = make_super_resolution_network(encoder, stride, upsampler=upsampler)
        assert network(torch.zeros(1, 1, 5, 9)).shape == (1, 1, 5 * stride, 9 * stride)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("factor", [2, 3])
def test_pixel_shuffled_is_a_convolution_before_a_pixel_shuffle(factor, layout):
    torch.manual_seed(0)
    layer = PixelShuffled(8, 2, factor).to(memory_format=layout)
    features = torch.randn(3, 8, 4, 5).to(memory_format=layout).requires_grad_()
    made = [
        layer(features),
        F.pixel_shuffle(torch.conv2d(features, layer.weight, layer.bias), factor),
    ]
    torch.testing.assert_close(*made)
    errors = torch.randn(made[0].shape)
    gradients = (torch.autograd.grad(each, (features, layer.weight), errors) for each in made)
    torch.testing.assert_close(*gradients)


def test_a_callable_is_an_encoder():
    network = make_super_resolution_network(lambda n_in, n_out: torch.nn.Conv2d(n_in, n_out, 1), 2)
    assert network(torch.zeros(2, 1, 3, 4)).shape == (2, 1, 6, 8)


def test_the_compact_network_starts_at_zero():
    network = make_super_resolution_network("compact", 2)
    assert not network(torch.randn(1, 1, 8, 8)).any()


@pytest.mark.parametrize("symmetry", range(8))
def test_a_turned_network_is_the_network_on_a_turned_image(symmetry):
    torch.manual_seed(0)
    network = make_super_resolution_network(CompactUNet, 2)
    for weights in network.decoder[-1].parameters():
        torch.nn.init.normal_(weights)
    side = network.encoder.side_multiple * 2
    image = torch.randn(1, 1, side, 2 * side)
    turned = network(image.rot90(2, (-2, -1)), symmetry)
    other = {0: 3, 1: 2, 2: 1, 3: 0, 4: 7, 5: 6, 6: 5, 7: 4}[symmetry]  # after half a turn
    torch.testing.assert_close(turned, network(image, other).rot90(2, (-2, -1)))
