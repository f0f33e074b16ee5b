"""BiasFreeUNet: homogeneous, and its statistics are those of the features."""

import pytest
import torch

from sk_noise2sr.networks import BiasFreeUNet


@pytest.fixture
def trained():
    """Make a network whose running variances are no longer those of the start."""
    torch.manual_seed(0)
    network = BiasFreeUNet(n_features=4)
    for _ in range(5):
        network(torch.rand(2, 1, 32, 48))
    return network.eval()


@pytest.mark.parametrize("factor", [0.01, 3.0, 1e4])
@pytest.mark.parametrize("shape", [(32, 48), (21, 50)])
def test_the_trained_network_is_homogeneous(trained, factor, shape):
    image = torch.rand(1, 1, *shape)
    output = trained(image)
    assert output.std() > 0
    torch.testing.assert_close(trained(factor * image) / factor, output)


def test_nothing_in_nothing_out(trained):
    assert not trained(torch.zeros(1, 1, 32, 32)).any()


def test_no_parameter_is_a_bias(trained):
    assert {name.rpartition(".")[2] for name, _ in trained.named_parameters()} == {"weight"}


def test_in_training_channels_are_divided_by_their_standard_deviation():
    norm = BiasFreeUNet(n_features=2).down[0][1]
    scales, offsets = (torch.tensor(values)[:, None, None] for values in ([0.1, 7.0], [2.0, -5.0]))
    features = scales * torch.randn(3, 2, 40, 40) + offsets
    divided = norm(features)
    expected = features / features.std((0, 2, 3), keepdim=True)
    torch.testing.assert_close(divided, expected, rtol=1e-3, atol=0)
    for _ in range(200):
        norm(features)
    torch.testing.assert_close(norm.eval()(features), divided)


def test_repeated_borders_leave_a_flat_image_flat(trained):
    output = trained(torch.ones(1, 1, 37, 41))
    torch.testing.assert_close(output, output[..., :1, :1].expand_as(output))


@pytest.mark.parametrize("align_corners", [True, False])
def test_both_ways_of_up_sampling_train(align_corners):
    network = BiasFreeUNet(2, 2, align_corners=align_corners)
    network(torch.rand(2, 1, 17, 13)).square().sum().backward()
    assert all(weights.grad.isfinite().all() for weights in network.parameters())


def test_a_level_of_one_pixel_does_without_statistics():
    network = BiasFreeUNet(2)
    network(torch.rand(1, 1, 16, 16)).square().sum().backward()
    assert all(weights.grad.isfinite().all() for weights in network.parameters())


def test_a_crop_without_structure_does_not_blow_up():
    torch.manual_seed(0)
    network = BiasFreeUNet(4).train()
    made = network(torch.full((1, 1, 32, 32), 0.04))
    made.square().mean().backward()
    assert made.abs().max() < 1e3
    assert all(torch.isfinite(weights.grad).all() for weights in network.parameters())
