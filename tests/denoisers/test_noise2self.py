"""Noise2Self: hidden pixels, and images that depend on no pixel of their own."""

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2Self
from sk_noise2sr.engine import Batch
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import DnCNN, UNet
from sk_noise2sr.samplers import grid_mask

PIXELS = [(0, 0), (0, 31), (63, 62), (17, 40), (30, 0)]


def changes(denoiser, image, pixel):
    """Return by how much the result changes, in all pixels, if one pixel of the image does."""
    altered = image.copy()
    altered[pixel] += image.std()
    return np.abs(denoiser.transform(altered) - denoiser.transform(image))


def test_denoises(fast, noisy, clean):
    denoised = fast(Noise2Self, epochs=5, M=1).fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 3


@pytest.mark.parametrize("mask_width", [2, pytest.param(3, marks=pytest.mark.slow), 4])
def test_an_invariant_result_does_not_depend_on_its_own_pixel(hurried, noisy, mask_width):
    denoiser = hurried(Noise2Self, mask_width=mask_width, M=2, epochs=1, learning_rate=0.01).fit(
        noisy
    )
    for pixel in PIXELS:
        change = changes(denoiser, noisy, pixel)
        assert change[pixel] == 0
        assert change.max() > 1e-4 * noisy.std()


def test_a_single_pass_does(hurried, noisy):
    denoiser = hurried(Noise2Self, inference="single", M=1, learning_rate=0.01).fit(noisy)
    for pixel in PIXELS:  # however little weight training has left it
        assert changes(denoiser, noisy, pixel)[pixel] > 1e-6 * noisy.std()


def test_inference_may_be_changed_after_the_fit(hurried, noisy):
    denoiser = hurried(Noise2Self).fit(noisy)
    first, single, last = (
        denoiser.set_params(inference=inference).transform(noisy)
        for inference in ("invariant", "single", "invariant")
    )
    np.testing.assert_array_equal(first, last)
    assert not np.array_equal(first, single)


def test_every_phase_of_the_mask_is_trained_and_only_its_pixels():
    denoiser, seen = Noise2Self(mask_width=3), set()
    phases = [grid_mask(range(20), range(23), 3, phase) for phase in range(9)]
    for seed in range(80):
        image = torch.randn(2, 1, 20, 23).requires_grad_()
        generator = torch.Generator().manual_seed(seed)
        batch = Batch(image, torch.ones_like(image, dtype=bool), generator, 0.0)
        denoiser._scheme(UNBINNED).loss(torch.zeros_like, batch).backward()
        matching = [torch.equal(image.grad != 0, phase.expand(2, 1, -1, -1)) for phase in phases]
        assert sum(matching) == 1
        seen.add(matching.index(True))
    assert seen == set(range(9))


def test_draws_see_the_image_under_different_symmetries(predictor, hurried, noisy):
    denoiser = hurried(Noise2Self, mask_width=2, M=8, epochs=1).fit(noisy)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]

    def predictions():
        passes = predictor(denoiser).passes(image)
        return [prediction for prediction, _ in passes]

    frames = predictions()
    assert len(frames) == 8
    assert len({float(frame.double().sum()) for frame in frames}) == 8
    one, other = denoiser.set_params(training__symmetries="none") and predictions()[:2]
    assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("preset", "encoder_class", "n_weights", "n_steps"),
    [("paper", UNet, 698_017, 6000), ("notebook", DnCNN, 223_104, 520)],
)
def test_presets_are_the_published_ones(preset, encoder_class, n_weights, n_steps):
    denoiser = Noise2Self.from_preset(preset)
    network = denoiser._scheme(UNBINNED).make_network()
    assert isinstance(network.encoder, encoder_class)
    assert sum(weights.numel() for weights in network.parameters()) == n_weights
    assert denoiser.epochs * -(-40 // denoiser.training.batch_size) == n_steps
