"""PGENet and the noise level of patches."""

import numpy as np
import pytest
import torch

from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.networks import PGENet, patch_noise_std


@pytest.fixture(scope="module")
def clean():
    return torch.as_tensor(make_hrem((192, 192), random_state=0)[0], dtype=torch.float32)


def test_two_numbers_of_at_least_zero_for_every_image():
    torch.manual_seed(0)
    network, images = PGENet(8), torch.randn(3, 1, 18, 25)
    numbers = network(images)
    assert numbers.shape == (3, 2)
    assert (numbers >= 0).all()
    torch.testing.assert_close(numbers[1:2], network(images[1:2]))


def test_the_numbers_are_means_of_squares():
    """Equal maps give their squares, whatever the padding."""
    network = PGENet(4)
    torch.nn.init.zeros_(network.last.weight)
    with torch.no_grad():
        network.last.bias.copy_(torch.tensor([-2.0, 0.5]))
    torch.testing.assert_close(network(torch.rand(1, 1, 7, 9)), torch.tensor([[4.0, 0.25]]))


def test_numbers_have_gradients():
    network = PGENet(4)
    network(torch.rand(1, 1, 8, 8)).sum().backward()
    assert all(weights.grad.isfinite().all() for weights in network.parameters())
    assert network.down[0][0].weight.grad.any()


@pytest.mark.parametrize("std", [0.05, 0.2, 1.0])
def test_finds_the_noise_on_an_image(clean, std):
    noisy = clean + std * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    assert patch_noise_std(noisy[None, None]).item() == pytest.approx(std, rel=0.05)


def test_is_homogeneous_in_value_and_gradient(clean):
    """By Euler, a homogeneous function is its gradient times its argument."""
    noisy = clean + 0.2 * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    image = noisy[None, None].double().requires_grad_()
    std = patch_noise_std(image)
    std.sum().backward()
    torch.testing.assert_close((image.grad * image).sum(), std.sum())
    torch.testing.assert_close(patch_noise_std(3 * image), 3 * std)
    torch.testing.assert_close(patch_noise_std(image + 7), std)


def test_one_image_does_not_change_another():
    images = torch.randn(3, 1, 64, 48) * torch.tensor([0.1, 1, 10])[:, None, None, None]
    torch.testing.assert_close(patch_noise_std(images)[1:2], patch_noise_std(images[1:2]))


def test_the_gradient_of_a_flat_image_is_finite():
    image = torch.full((1, 1, 64, 64), 0.5, requires_grad=True)
    std = patch_noise_std(image)
    std.sum().backward()
    assert std.item() == pytest.approx(0, abs=1e-6)
    assert image.grad.isfinite().all()


def test_agrees_with_the_definition(clean):
    """Patch by patch and prefix by prefix, in NumPy."""
    rng = np.random.default_rng(0)
    image = clean.double().numpy()[:60, :70] + rng.normal(0, 0.1, (60, 70))
    windows = np.lib.stride_tricks.sliding_window_view(image, (8, 8))[::3, ::3].reshape(-1, 64)
    eigenvalues = np.linalg.eigvalsh(np.cov(windows.T, bias=True))
    accepted = []
    for k in range(1, 65):
        prefix = eigenvalues[:k]
        if (prefix > prefix.mean()).sum() == (prefix < prefix.mean()).sum():
            accepted.append(prefix.mean())
    std = patch_noise_std(torch.from_numpy(image)[None, None])
    assert std.item() == pytest.approx(max(accepted) ** 0.5)


@pytest.mark.parametrize("shape", [(7, 500), (20, 20)])
def test_says_that_an_image_is_too_small(shape):
    with pytest.raises(ValueError, match=r"more than 64 patches .* Take images of at least 32"):
        patch_noise_std(torch.zeros(1, 1, *shape))
