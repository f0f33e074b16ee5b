"""FBINet: blind to a pixel at that pixel, for every depth."""

import pytest
import torch

from sk_noise2sr.networks import FBINet


def make_alive(n_layers, n_features=3):
    """Make a network without dead activations: a gradient of zero then means blindness."""
    torch.manual_seed(0)
    network = FBINet(n_layers, n_features, slope=0.5).double()
    with torch.no_grad():  # all weights above zero: paths cannot cancel
        for weights in network.parameters():
            weights.abs_()
    return network


def seen_by(network, side, row, column):
    """Return where the outputs at one pixel have a gradient with respect to the input."""
    image = torch.rand(1, 1, side, side, dtype=torch.double, requires_grad=True)
    network(image)[0, :, row, column].sum().backward()
    return image.grad[0, 0] != 0


@pytest.mark.parametrize("n_layers", [3, 4, 5, 6, 7, 8, 17])
def test_no_output_has_seen_its_own_pixel(n_layers):
    """At every pixel of an image, near borders and corners too."""
    network, side = make_alive(n_layers, n_features=2), 9
    image = torch.rand(1, 1, side, side, dtype=torch.double)
    jacobian = torch.autograd.functional.jacobian(
        lambda image: network(image)[0].flatten(1), image, vectorize=True
    ).flatten(2)
    assert not torch.diagonal(jacobian, dim1=1, dim2=2).any()
    assert (jacobian != 0).double().mean() > 0.4


@pytest.mark.parametrize(("n_layers", "side"), [(8, 43), (17, 97)])
def test_receptive_field(n_layers, side):
    seen = seen_by(make_alive(n_layers), side + 4, side // 2 + 2, side // 2 + 2).nonzero()
    assert seen.amin(0).tolist() == [2, 2]
    assert seen.amax(0).tolist() == [side + 1, side + 1]


def test_thirteen_pixels_within_six_are_never_seen():
    """The offsets (3 i, 3 j) with i + j even."""
    seen = seen_by(make_alive(8), 61, 30, 30)[24:37, 24:37]
    hidden = (~seen).nonzero() - 6
    expected = [[3 * i, 3 * j] for i in range(-2, 3) for j in range(-2, 3) if (i + j) % 2 == 0]
    assert hidden.tolist() == expected
    assert len(expected) == 13


def test_altering_a_pixel_alters_its_neighbours_only():
    torch.manual_seed(0)
    network = FBINet(n_layers=5, n_features=8, slope=0.25)
    image = torch.rand(1, 1, 24, 24)
    altered = image.clone()
    altered[..., 10, 0] += 1e3
    with torch.inference_mode():
        change = (network(altered) - network(image)).abs().amax(1)[0]
    assert change[10, 0] == 0
    assert change[10, 1] > 0


def test_the_slope_is_that_of_every_activation():
    slopes = [m.weight for m in FBINet(4, 5, slope=0.1).modules() if isinstance(m, torch.nn.PReLU)]
    assert len(slopes) == 2 * 4 + 2 * (4 + 1)
    for weights in slopes:
        assert torch.equal(weights, torch.full_like(weights, 0.1))
