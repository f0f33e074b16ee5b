"""ZS-N2N: the loss of the paper, term by term."""

import pytest
import torch
from torch.nn import functional as F

from sk_noise2sr import ZSN2N
from sk_noise2sr.engine import Batch, seeded_weights
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr


@pytest.fixture
def image():
    return torch.randn(1, 1, 24, 18, generator=torch.Generator().manual_seed(0))


def loss_of(network, image, **parameters):
    batch = Batch(image, torch.ones_like(image, dtype=bool), torch.Generator(), 0.0)
    return ZSN2N(**parameters)._scheme(UNBINNED).loss(network, batch)


def test_denoises(fast, noisy, clean):
    denoised = fast(ZSN2N, epochs=8).fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 2


@pytest.mark.parametrize("consistency", [0.0, 1.0, 2.5])
def test_the_loss_is_that_of_the_paper(image, consistency):
    """Equations 3 to 8, with the two down-samplers written as convolutions."""
    network = seeded_weights(ZSN2N(n_features=4)._scheme(UNBINNED).make_network, 0)
    kernels = torch.tensor([[[[0, 0.5], [0.5, 0]]], [[[0.5, 0], [0, 0.5]]]])

    def halves(images):
        return F.conv2d(images, kernels, stride=2).split(1, dim=1)

    one, two = halves(image)
    denoised_one, denoised_two = one - network(one), two - network(two)
    of_one, of_two = halves(image - network(image))
    residual = F.mse_loss(denoised_one, two) + F.mse_loss(denoised_two, one)
    ties = F.mse_loss(denoised_one, of_one) + F.mse_loss(denoised_two, of_two)
    loss = loss_of(network, image, consistency=consistency)
    torch.testing.assert_close(loss, (residual + consistency * ties) / 2)


def test_gradients_flow_through_both_sides_of_the_consistency(image):
    """The derivative along the weights is that of the loss as a whole."""
    network = seeded_weights(ZSN2N(n_features=4)._scheme(UNBINNED).make_network, 0).double()
    bias, image = network[-1].bias, image.double()
    loss_of(network, image).backward()
    losses = []
    for step in (-1e-4, 1e-4):
        with torch.no_grad():
            bias += step
            losses.append(float(loss_of(network, image)))
            bias -= step
    assert bias.grad.item() == pytest.approx((losses[1] - losses[0]) / 2e-4, rel=1e-6)


def test_a_mean_of_two_pixels_is_a_target_only_if_none_is_held_out(image):
    image.requires_grad_()
    targets = torch.ones_like(image, dtype=bool)
    targets[..., 0, 0] = targets[..., 7, 4] = False  # a diagonal; an anti-diagonal
    batch = Batch(image, targets, torch.Generator(), 0.0)
    ZSN2N()._scheme(UNBINNED).loss(lambda images: images, batch).backward()
    unused = (image.grad == 0)[0, 0].nonzero().tolist()
    assert unused == [[0, 0], [1, 1], [6, 5], [7, 4]]


def test_the_result_is_the_image_less_the_predicted_noise(image):
    assert torch.equal(
        ZSN2N()._scheme(UNBINNED).apply(lambda images: images / 4, image), 0.75 * image
    )


def test_the_paper_preset_is_the_published_schedule():
    denoiser = ZSN2N.from_preset("paper")
    network = denoiser._scheme(UNBINNED).make_network()
    assert sum(weights.numel() for weights in network.parameters()) == 21_313
    assert denoiser.epochs * -(-40 // denoiser.batch_size) == 3000
    assert (denoiser.schedule, denoiser.crop_size) == ("halved_by_thirds", "full")
