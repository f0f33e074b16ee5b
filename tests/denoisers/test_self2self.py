"""Self2Self: dropped pixels and dropped activations, all from one seed."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from sk_noise2sr import Self2Self
from sk_noise2sr.engine import Batch, Training, seeded_weights
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr


@pytest.fixture(scope="module")
def fitted(scene):
    parameters = {
        "epochs": 4,
        "training": Training(crop_size=32),
        "binning": 1,
        "random_state": 0,
        "verbose": 0,
    }
    return Self2Self(n_features=6, M=8, **parameters).fit(scene[1])


@pytest.fixture
def image(fitted, noisy):
    return torch.from_numpy(fitted.grid_.prepare(noisy[None]))[:, None]


@pytest.fixture
def passes(fitted, predictor):
    return predictor(fitted).passes


def test_denoises(fitted, noisy, clean):
    assert psnr(clean, fitted.transform(noisy)) > psnr(clean, noisy) + 2


def test_a_prediction_does_not_depend_on_what_is_behind_its_mask(passes, image):
    for n, (prediction, hidden) in enumerate(islice(passes(image), 3)):
        altered = torch.where(hidden, image + 5 * torch.randn(image.shape), image)
        seen = torch.where(hidden, image, image + 5)
        same, other = (list(passes(images))[n][0] for images in (altered, seen))
        assert torch.equal(prediction, same)
        assert not torch.equal(prediction, other)


def test_all_draws_differ_in_what_they_hide(passes, image):
    hidden = [tuple(mask.ravel().tolist()) for _, mask in passes(image)]
    assert len(set(hidden)) == 8
    assert np.mean(hidden) == pytest.approx(0.3, abs=0.02)


def test_dropout_is_active_in_transform(fitted, passes, image):
    """The network in evaluation mode, under the same masks: only dropout can change draws."""
    assert not fitted.network_.training
    dropped = [prediction for prediction, _ in passes(image)]
    fitted.network_.dropout = 0.0
    whole = [prediction for prediction, _ in passes(image)]
    fitted.network_.dropout = fitted.dropout
    for one, other in zip(dropped, whole, strict=True):
        assert not torch.isclose(one, other).all()


def test_the_same_seed_gives_the_same_draws_and_another_one_others(fitted, noisy):
    first, again = fitted.transform(noisy), fitted.transform(noisy)
    np.testing.assert_array_equal(first, again)
    fit = fitted.fit_
    fitted.fit_ = replace(fit, seed=fit.seed + 1)
    other = fitted.transform(noisy)
    fitted.fit_ = fit
    assert not np.allclose(other, first)


@pytest.mark.parametrize(("dropout", "alike"), [(0.0, True), (0.3, False)])
def test_dropout_is_active_in_training(image, dropout, alike):
    """Nothing is hidden here: only dropout makes the generator matter."""
    denoiser, outputs = Self2Self(n_features=4, dropout=dropout, shown=1 - 1e-9), []
    network = seeded_weights(denoiser._scheme(UNBINNED).make_network, 0)
    torch.nn.init.normal_(network.out.weight)  # a head that starts at zero hides all else
    for seed in (0, 1):
        generator = torch.Generator().manual_seed(seed)
        batch = Batch(image, torch.ones_like(image, dtype=bool), generator, 0.0)
        denoiser._scheme(UNBINNED).loss(
            lambda *inputs: outputs.append(network(*inputs)) or outputs[-1], batch
        )
    assert torch.equal(*outputs) == alike


def test_only_dropped_pixels_are_targets(image):
    image.requires_grad_()
    masks = []

    def network(images, shown, generator):
        masks.append(shown)
        return torch.zeros_like(images)

    batch = Batch(image, torch.ones_like(image, dtype=bool), torch.Generator(), 0.0)
    Self2Self(shown=0.6)._scheme(UNBINNED).loss(network, batch).backward()
    assert torch.equal(image.grad != 0, ~masks[0])
    assert float(masks[0].float().mean()) == pytest.approx(0.6, abs=0.03)


def test_the_published_network():
    network = Self2Self.from_preset("paper")._scheme(UNBINNED).make_network()
    assert sum(weights.numel() for weights in network.parameters()) == 988_609
