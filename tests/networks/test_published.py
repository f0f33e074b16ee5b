"""Published networks: their sizes, their costs, and images of any side."""

from functools import partial

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from sk_noise2sr.networks import (
    BiasFreeUNet,
    DnCNN,
    FBINet,
    NeighborUNet,
    PartialUNet,
    PGENet,
    ShallowNetwork,
    Uformer,
    make_denoising_network,
)

# Parameters, and 10**9 multiplications for 128 x 128 pixels.
PUBLISHED = {
    "DnCNN": (lambda: DnCNN(n_layers=8), 223_104, 3.643),
    "DnCNN, make": (
        lambda: make_denoising_network("dncnn", encoder_options={"n_layers": 8}),
        223_104,
        3.643,
    ),
    "Noise2Noise, tied": (lambda: make_denoising_network("unet"), 698_017, 3.259),
    "Noise2Noise": (
        lambda: make_denoising_network("unet", encoder_options={"tie_weights": False}),
        1_341_553,
        3.259,
    ),
    "NeighborUNet": (NeighborUNet, 1_256_689, 4.822),
    "PartialUNet": (PartialUNet, 988_609, 2.807),
    "FBINet": (FBINet, 401_795, 6.521),
    "FBINet 17": (lambda: FBINet(17), 811_331, 13.165),
    "PGENet": (PGENet, 1_677_442, 5.112),
    "ShallowNetwork": (ShallowNetwork, 21_313, 0.348),
    "BiasFreeUNet 128": (lambda: BiasFreeUNet(128), 5_607_552, 14.139),
    "BiasFreeUNet 128, 6": (lambda: BiasFreeUNet(128, 6), 70_495_104, 15.347),
}
SMALL = {
    "DnCNN": lambda: DnCNN(n_layers=3, n_features=2),
    "compact": lambda: make_denoising_network("compact"),
    "unet": lambda: make_denoising_network("unet"),
    "NeighborUNet": lambda: NeighborUNet(2),
    "PartialUNet": lambda: PartialUNet(2),
    "FBINet": lambda: FBINet(3, n_features=2, out_channels=1),
    "ShallowNetwork": lambda: ShallowNetwork(2),
    "BiasFreeUNet": lambda: BiasFreeUNet(2),
    "Uformer": lambda: make_denoising_network(partial(Uformer, n_levels=1, window=4)),
}


@pytest.mark.parametrize(
    ("make", "expected"), [row[:2] for row in PUBLISHED.values()], ids=PUBLISHED
)
def test_number_of_parameters(make, expected):
    with torch.device("meta"):
        assert sum(weights.numel() for weights in make().parameters()) == expected


@pytest.mark.parametrize(
    ("make", "expected"), [row[::2] for row in PUBLISHED.values()], ids=PUBLISHED
)
def test_multiplications(make, expected):
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network, image = make(), torch.zeros(1, 1, 128, 128)
        network(image)
    assert counter.get_total_flops() / 2e9 == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("make", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("shape", [(2, 2), (5, 33), (64, 32), (47, 70)])
def test_any_side(make, shape):
    network, images = make().eval(), torch.rand(2, 1, *shape)
    with torch.inference_mode():
        assert network(images).shape == images.shape


@pytest.mark.parametrize("make", SMALL.values(), ids=SMALL)
def test_tiles_that_start_at_multiples_see_what_the_frame_sees(make):
    """Rows cut off the top change nothing far below, if they are as many as ``side_multiple``."""
    torch.manual_seed(0)
    network = make().eval().apply(reach_far)
    multiple = network.side_multiple
    frame = torch.randn(1, 1, 13 * multiple + 95, multiple + 3)
    with torch.inference_mode():
        whole, tile = (
            network(images)[..., -40:, :] for images in (frame, frame[..., multiple:, :])
        )
    spread = whole.std().item()
    assert spread > 0.01
    torch.testing.assert_close(tile, whole, rtol=0, atol=1e-4 * spread)


def reach_far(module):
    if isinstance(module, (torch.nn.Conv2d, torch.nn.ConvTranspose2d)):
        torch.nn.init.kaiming_normal_(module.weight)


def test_the_initialisation_of_neighbor2neighbor_is_a_tenth_of_that_of_he():
    torch.manual_seed(0)
    convolution = NeighborUNet().last[1][0]
    n_terms = convolution.weight[0].numel()
    assert convolution.weight.std().item() == pytest.approx(0.1 * (2 / n_terms) ** 0.5, rel=0.02)
    assert not convolution.bias.any()
