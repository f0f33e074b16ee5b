"""What must hold in the hooks of every network denoiser: no leak, finite losses, tiles, presets."""

import math
import warnings
from functools import partial

import numpy as np
import pytest
import torch

from sk_noise2sr import denoisers
from sk_noise2sr.base import BaseNetworkDenoiser
from sk_noise2sr.engine import Batch, Plan, Training, _plan, _predict, seeded_weights
from sk_noise2sr.engine._fit import _make_crops, _train_once
from sk_noise2sr.networks import CompactUNet
from sk_noise2sr.samplers import held_out_pixels

ALL = (getattr(denoisers, name) for name in denoisers.__all__)
CLASSES = [each for each in ALL if issubclass(each, BaseNetworkDenoiser)]
EVERY_CLASS = pytest.mark.parametrize("estimator_class", CLASSES, ids=lambda c: c.__name__)


def start(estimator_class, image, **settings):
    """Return the scheme of a denoiser on its grid, and the image as the network sees it."""
    denoiser = estimator_class(binning=1, verbose=0, training=Training(**settings))
    grid = denoiser._fit_grid(image[np.newaxis], 1, seed=0)
    return denoiser._scheme(grid), torch.from_numpy(grid.prepare(image[np.newaxis]))[:, None]


def make_batch(images, targets, seed=0, progress=0.5, reference=None):
    reference = images.detach().flip(-1) if reference is None else reference
    return Batch(images, targets, torch.Generator().manual_seed(seed), progress, reference)


def some_targets(height, width):
    return ~held_out_pixels(0, height, width, 0.2)[None, None]


def blind_network(estimator_class, image):
    """Return a network for which a loss has a gradient by its targets alone."""
    if estimator_class is denoisers.ZSN2N:  # it predicts the noise: nothing is left of an image
        return lambda images: images
    if estimator_class is denoisers.FBIDenoiser:  # two coefficients
        return lambda images: torch.zeros_like(images).expand(-1, 2, -1, -1)
    if estimator_class is denoisers.Noise2SR:  # input smaller than output
        return lambda kept: torch.zeros_like(image)
    return lambda images, *mask: torch.zeros_like(images)


@EVERY_CLASS
def test_held_out_pixels_are_no_targets_of_the_loss(estimator_class, noisy):
    scheme, image = start(estimator_class, noisy)
    image.requires_grad_()
    reference = torch.randn_like(image).requires_grad_()
    targets = some_targets(64, 64)
    network = blind_network(estimator_class, image)
    used = torch.zeros_like(targets)
    for seed in range(40):
        image.grad = reference.grad = None
        batch = make_batch(image, targets, seed, reference=reference)
        scheme.loss(network, batch).backward()
        for gradient in (image.grad, reference.grad):
            used |= gradient != 0 if gradient is not None else used
    assert not (used & ~targets).any()
    assert (used & targets).sum() > 0.6 * targets.sum()


@pytest.mark.parametrize("shape", [(64, 64), (38, 50)])
@pytest.mark.parametrize(
    "estimator_class",
    [denoisers.Noise2SR, denoisers.Noise2Self, denoisers.Neighbor2Neighbor, denoisers.Self2Self],
)
def test_no_target_can_be_seen_by_what_predicts_it(estimator_class, noisy, shape):
    """Alter all targets of a step at once: the predictions of that step stay as they were."""
    scheme, image = start(estimator_class, noisy[: shape[0], : shape[1]])
    network, targets = livened(seeded_weights(scheme.make_network, 0)), some_targets(*shape)

    def step(image, network):
        """Return the loss, all outputs of the network, and those that it learns from."""
        outputs, learned_from = [], []

        def watched(*inputs):
            outputs.append(network(*inputs))
            if torch.is_grad_enabled():
                learned_from.append(outputs[-1])
            return outputs[-1]

        return (
            scheme.loss(watched, make_batch(image, targets)),
            outputs,
            learned_from,
        )

    _, outputs, (before,) = step(image, network)
    replay = iter([output.detach() for output in outputs])
    loss, _, _ = step(image.requires_grad_(), lambda *inputs: next(replay))
    counted = torch.autograd.grad(loss, image)[0] != 0
    assert counted.sum() > 0.02 * counted.numel()
    _, _, (after,) = step(torch.where(counted, 7.0, image.detach()), network)
    assert torch.equal(before, after)
    _, _, (other,) = step(torch.where(counted, image.detach(), 7.0), network)
    assert not torch.isclose(before, other).any()


def livened(network):
    """Give random weights to heads that start at zero."""
    for weights in network.parameters():
        if not weights.any():
            torch.nn.init.normal_(weights, std=0.3, generator=torch.Generator().manual_seed(0))
    return network


@EVERY_CLASS
def test_a_loss_is_finite_where_no_pixel_counts(estimator_class, noisy):
    scheme, image = start(estimator_class, noisy[:32, :32])
    network = seeded_weights(scheme.make_network, 0)
    loss = scheme.loss(network, make_batch(image, torch.zeros_like(image, dtype=bool)))
    loss.backward()
    assert loss.isfinite()
    assert all(w.grad is None or w.grad.isfinite().all() for w in network.parameters())


@EVERY_CLASS
def test_images_of_a_few_pixels_fit_without_a_warning(estimator_class, hurried, noisy):
    """Crops in which nothing is hidden, and an image in which nothing is held out."""
    image = noisy[20:23, 20:40]
    denoiser = hurried(estimator_class, epochs=1, keep_best=True, held_out=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        denoised = denoiser.fit(image, image[::-1]).transform(image)
    assert np.isfinite(denoised).all()


COMPACT = partial(CompactUNet, n_levels=2)


@pytest.mark.parametrize(
    ("estimator_class", "parameters"),
    [
        (denoisers.Noise2Self, {"encoder": COMPACT, "mask_width": 3, "M": 2}),
        (denoisers.Noise2Self, {"encoder": COMPACT, "inference": "single", "M": 8}),
        (denoisers.Neighbor2Neighbor, {"encoder": COMPACT}),
        (denoisers.Neighbor2Neighbor, {"encoder": COMPACT, "inference": "whole"}),
        (denoisers.ZSN2N, {"n_features": 8}),
        (denoisers.FBIDenoiser, {"n_layers": 5, "n_features": 4}),
        (denoisers.SupervisedDenoiser, {"n_scales": 2, "n_features": 8}),
        (denoisers.Noise2Noise, {"encoder": COMPACT}),
    ],
)
def test_tiles_give_the_image_of_the_whole_frame(
    predictor, estimator_class, parameters, hurried, noisy, clean, monkeypatch
):
    frame = np.tile(noisy, (4, 3))[:235, :179]
    denoiser = hurried(estimator_class, learning_rate=0.01, **parameters).fit(noisy, clean)
    assert denoiser._training.turns
    whole = denoiser.transform(frame)
    monkeypatch.setattr(_predict, "_TILE_PIXELS", 120 * 120)
    assert len(predictor(denoiser).tiles(236, 180)) > 3
    np.testing.assert_allclose(denoiser.transform(frame), whole, atol=1e-5 * np.ptp(frame))


@EVERY_CLASS
@pytest.mark.parametrize("crop_size", ["full", 1000])
def test_a_crop_may_be_the_whole_image(estimator_class, crop_size, noisy):
    scheme, image = start(estimator_class, noisy[:40, :33], crop_size=crop_size)
    plan = make_plan(scheme, Training(crop_size=crop_size))
    batch = _make_crops(plan, image, image > 0, None, seed=0).batch(0.0)
    assert sorted(batch.noisy.shape[-2:]) == [33 - 33 % scheme.multiple, 40]


def make_plan(scheme, training):
    return Plan("Some", scheme, training, 1, 0, False, math.inf, 0)


PRESETS = [
    pytest.param(
        member,
        name,
        id=f"{member.__name__}-{name}",
        marks=[pytest.mark.slow] if (member, name) == (denoisers.Noise2SR, "paper") else [],
    )
    for member in CLASSES
    for name in member._presets
]


@pytest.mark.parametrize(("estimator_class", "name"), PRESETS)
def test_every_preset_is_valid_and_learns(estimator_class, name, noisy, clean, monkeypatch):
    """Eight crops of a few pixels, with narrow networks."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 8)
    narrow = {"n_features": 4} if "n_features" in estimator_class._parameter_constraints else {}
    denoiser = estimator_class.from_preset(name, epochs=1, verbose=0, **narrow)
    denoiser._validate_params()
    noisy, clean = noisy[:32, :32], clean[:32, :32]
    grid = denoiser._fit_grid(noisy[np.newaxis], denoiser.binning, seed=0)
    image, reference = (
        torch.from_numpy(grid.prepare(x[np.newaxis]))[:, None] for x in (noisy, clean)
    )
    plan = make_plan(denoiser._scheme(grid), denoiser._training)
    targets = torch.ones_like(image, dtype=bool)
    crops = _make_crops(plan, image, targets, reference if denoiser._needs_target else None, 0)
    network = seeded_weights(plan.scheme.make_network, 0)
    outcome = _train_once(plan, network, crops, targets, plan.training.learning_rate)
    assert outcome.ended == "done"
    assert len(outcome.history) == -(-8 // plan.training.batch_size)
    fresh = seeded_weights(plan.scheme.make_network, 0).state_dict()
    assert any(not torch.equal(w, fresh[name]) for name, w in outcome.network.named_parameters())
