"""Networks and schemes of users get one sentence, before anything is trained."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.schemes import DiagonalPairs, Scheme, masked_mean_square


class Plain(Scheme):
    """A toy: an image is compared with itself."""

    def loss(self, network, batch):
        """Return the mean squared error."""
        return masked_mean_square(network(batch.noisy) - batch.noisy, batch.targets)


def pairs(make_network):
    return DiagonalPairs(make_network, consistency=1.0)


class Toy(BaseNetworkDenoiser):
    """A toy with any scheme."""

    make_scheme = None

    def _scheme(self, grid):
        return type(self).make_scheme()


def network(change, channels=(1, 1)):
    """Return a class of networks: a convolution, and what is done to its output."""

    class Changed(nn.Conv2d):
        def __init__(self):
            super().__init__(*channels, 3, padding=1)

        def forward(self, images):
            """Map images to what a scheme may or may not take."""
            return change(super().forward(images))

    return Changed


@pytest.fixture
def fit(hurried, noisy, monkeypatch):
    def run(make_scheme, **parameters):
        monkeypatch.setattr(Toy, "make_scheme", staticmethod(make_scheme))
        return hurried(Toy, **parameters).fit(noisy).transform(noisy)

    return run


@pytest.mark.parametrize("scheme", [Plain, pairs])
@pytest.mark.parametrize(
    ("change", "channels", "got"),
    [
        (lambda made: (made, 1), (1, 1), "tuple"),
        (lambda made: {"image": made}, (1, 1), "dict"),
        (lambda made: None, (1, 1), "NoneType"),
        (lambda made: made[..., 1:-1, 1:-1], (1, 1), "14"),
        (lambda made: nn.functional.pad(made, (1, 1, 1, 1)), (1, 1), "18"),
        (lambda made: made, (1, 2), r"\(1, 2, 16, 16\)"),
        (lambda made: made, (3, 1), "RuntimeError: .* 3 channels"),
    ],
)
def test_a_network_that_makes_no_image_is_told(fit, scheme, change, channels, got):
    with pytest.raises(ValueError, match=rf"^Expected .* got .*{got}.* one tensor"):
        fit(lambda: scheme(network(change, channels)))


@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (lambda errors: errors**2, r"a tensor of shape \(\d, 1, 16, 16\)\."),
        (lambda errors: errors.detach().mean(), "that depends on no weight"),
        (lambda errors: float(errors.detach().mean()), "float"),
        (lambda errors: None, "NoneType"),
    ],
)
def test_a_loss_that_teaches_nothing_is_told(fit, loss, got):
    class Careless(Plain):
        def loss(self, network, batch):
            return loss(network(batch.noisy) - batch.noisy)

    with pytest.raises(ValueError, match=f"Expected a loss of one number .* got .*{got}"):
        fit(lambda: Careless(network(torch.clone)))


def test_what_is_missing_is_named(fit, hurried, noisy):
    with pytest.raises(ValueError, match="makes a fresh network, got Changed"):
        fit(lambda: Plain(network(torch.clone)()))
    with pytest.raises(NotImplementedError, match=r"Scheme has to write loss\(network, batch\)"):
        fit(lambda: Scheme(network(torch.clone)))
    with pytest.raises(NotImplementedError, match=r"BaseNetworkDenoiser has to write _scheme"):
        hurried(BaseNetworkDenoiser).fit(noisy)


@pytest.mark.parametrize("drops", [True, False])
def test_draws_that_random_state_does_not_repeat_are_told(fit, drops):
    drop = nn.functional.dropout if drops else torch.clone
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fit(lambda: Plain(network(drop)))
    said = ["does not repeat the fit" in str(each.message) for each in told]
    assert any(said) is drops


def test_the_mode_of_each_part_stays(fit):
    modes = []

    class Frozen(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1).eval())

        def forward(self, images):
            """Note what is switched to training."""
            modes.append((self.training, self[1].training))
            return super().forward(images)

    fit(lambda: Plain(Frozen))
    assert modes[:2] == [(False, False), (True, False)]


class Attending(nn.Module):
    """Reflects its border, and has a layer whose output is no tensor alone."""

    def __init__(self):
        super().__init__()
        self.seen = nn.Conv2d(1, 4, 9, padding=4, padding_mode="reflect")
        self.attention = nn.MultiheadAttention(4, 1, batch_first=True)
        self.made = nn.Conv2d(4, 1, 1)

    def forward(self, images):
        """Map images to images of the same size."""
        seen = self.seen(images).permute(0, 2, 3, 1)
        pixels = seen.reshape(-1, 1, seen.shape[-1])
        attended, _ = self.attention(pixels, pixels, pixels, need_weights=False)
        return self.made(attended.reshape(seen.shape).permute(0, 3, 1, 2))


@pytest.mark.parametrize("make_network", [Attending, lambda: Attending().seen])
def test_memory_is_limited_for_any_network(fit, make_network):
    class Mean(Plain):
        def apply(self, network, noisy):
            return network(noisy).mean(dim=1, keepdim=True)

    whole, tiled = (fit(lambda: Mean(make_network), max_memory=each) for each in ("1GB", "100kB"))
    np.testing.assert_allclose(tiled, whole, rtol=1e-4)
