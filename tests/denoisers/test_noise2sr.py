"""Noise2SR: what it adds to the contract of tests/test_common.py."""

import math
import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.engine import Batch, Plan, Predictor, Training, n_weights
from sk_noise2sr.engine._fit import _make_crops
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import CompactUNet, UNet, make_super_resolution_network
from sk_noise2sr.samplers import RandomSubsampler, held_out_pixels, hide, split
from sk_noise2sr.schemes import CellMask


@pytest.mark.slow
def test_denoises_the_sample_by_more_than_6_db():
    clean, noisy = datasets.load_sample()
    denoised = Noise2SR(epochs=5, random_state=0, verbose=0).fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 6


@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("shape", [(37, 41), (7, 60), (60, 7)])
def test_any_stride_fits_any_side(hurried, noisy, stride, shape):
    image = np.resize(noisy, shape)
    assert hurried(Noise2SR, stride=stride).fit_transform(image).shape == shape


def test_more_draws_spread_less(hurried, noisy):
    """The mean of n independent draws has about 1/n of the variance of one."""
    denoiser = hurried(Noise2SR, sampling="independent", symmetries="none", refine=False).fit(noisy)
    spread = {}
    for M in (1, 16):
        outputs = []
        for seed in range(8):
            denoiser.set_params(M=M).fit_ = replace(denoiser.fit_, seed=seed)
            outputs.append(denoiser.transform(noisy))
        spread[M] = np.var(outputs, axis=0).mean()
    assert spread[16] < spread[1] / 8


def test_stratified_draws_spread_less_than_independent_ones(fast, noisy):
    denoiser = fast(Noise2SR, epochs=4, M=4).fit(noisy)
    sampler = denoiser._scheme(denoiser.grid_).sampler
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    spread = {}
    for stratified in (True, False):
        scheme = denoiser._scheme(denoiser.grid_)
        scheme.sampler = RandomSubsampler(sampler.stride, stratified)
        outputs = []
        for seed in range(8):
            passes = Predictor(denoiser.network_, scheme, seed).passes(image)
            outputs.append(torch.stack([prediction for prediction, _ in passes]).mean(dim=0))
        spread[stratified] = torch.stack(outputs).var(dim=0).mean()
    assert spread[True] < spread[False]


def test_rows_are_predicted_from_other_rows(predictor, fast, noisy):
    """Alter a row wherever a draw could not see it: the prediction there stays the same."""
    denoiser = fast(Noise2SR, sampling="rows").fit(noisy)
    image = torch.as_tensor(noisy, dtype=torch.float32)[None, None]
    altered = image.clone()
    altered[..., 10, :] += 100

    def outputs(images):
        with torch.inference_mode():
            return list(predictor(denoiser).passes(images))

    n_unseen = 0
    for (before, unseen), (after, _) in zip(outputs(image), outputs(altered), strict=True):
        assert unseen[0, 0, 10].all() or not unseen[0, 0, 10].any()
        n_unseen += int(unseen[0, 0, 10, 0])
        assert torch.equal(before, after) == bool(unseen[0, 0, 10, 0])
    assert n_unseen == denoiser.M // 2


def test_the_pixel_hidden_in_a_cell_cannot_be_seen(noisy):
    """Alter all targets of a choice: what the network is shown stays the same."""
    image = torch.as_tensor(noisy, dtype=torch.float32)[None, None]
    hidden = CellMask(2).draw(image, torch.Generator().manual_seed(0))
    shown = hide(image, hidden)
    altered = hide(torch.where(hidden, image + 100, image), hidden)
    assert torch.equal(shown, altered)
    assert torch.equal(shown[~hidden], image[~hidden])
    assert (torch.nn.functional.pixel_unshuffle(hidden.int(), 2).sum(dim=1) == 1).all()


def test_every_pixel_was_hidden_when_it_was_predicted(predictor, fast, noisy):
    denoiser = fast(Noise2SR, sampling="all_but_one", symmetries="none", M=4).fit(noisy)
    image = torch.as_tensor(noisy, dtype=torch.float32)[None, None]

    def output(images):
        with torch.inference_mode():
            ((prediction, unseen),) = predictor(denoiser).passes(images)
        assert unseen.all()
        return prediction

    before = output(image)
    for row, column in ((0, 0), (10, 31)):
        altered = image.clone()
        altered[..., row, column] += 100
        after = output(altered)
        assert after[0, 0, row, column] == before[0, 0, row, column]
        assert not torch.equal(after, before)


def test_crops_keep_their_rows_rows(fast, rng):
    """Of an image whose rows are constant, so are those of all crops."""
    image = torch.as_tensor(rng.normal(size=(64, 1)) * np.ones((64, 64)))[None, None]
    for sampling, kept in (("rows", True), ("random", False)):
        scheme = Noise2SR(sampling=sampling)._scheme(UNBINNED)
        plan = Plan("Noise2SR", scheme, Training(), 1, 0, False, math.inf, 0)
        crops = _make_crops(plan, image, torch.ones_like(image, dtype=bool), None, seed=0)
        batches = [crops.batch(0.0).noisy for _ in range(20)]
        assert all((batch.std(dim=-1) < 1e-9).all() for batch in batches) == kept


def test_loss_counts_left_out_pixels_only(noisy):
    """A network that returns the image itself has no loss, whatever was kept."""
    images = torch.as_tensor(noisy)[None, None]
    batch = Batch(images, torch.ones_like(images, dtype=bool), torch.Generator(), 0.0)
    assert Noise2SR()._scheme(UNBINNED).loss(lambda kept: images, batch) == 0


def test_kept_and_held_out_pixels_are_no_targets():
    """The loss has no gradient with respect to them as targets, and one to all others."""
    images = torch.randn(1, 1, 64, 64).requires_grad_()
    targets = ~held_out_pixels(0, 64, 64, 0.2)[None, None]
    seen = []

    def network(kept):
        seen.append(kept.detach())
        return torch.zeros_like(images)

    batch = Batch(images, targets, torch.Generator().manual_seed(0), 0.0)
    Noise2SR()._scheme(UNBINNED).loss(network, batch).backward()
    used = images.grad != 0
    assert not (used & ~targets).any()
    cells = torch.nn.functional.pixel_unshuffle(images.detach(), 2)
    kept = torch.nn.functional.pixel_shuffle(cells == seen[0], 2)
    assert not (used & kept).any()
    assert used.sum() == (~kept & targets).sum()


def test_a_target_cannot_be_seen_through_the_padding(noisy):
    """Sides that are no multiples: no gradient from a left-out pixel to its own prediction."""
    image = torch.as_tensor(noisy, dtype=torch.float32)[None, None, :38, :42].requires_grad_()
    network = make_super_resolution_network("compact", 2)
    for weights in network.decoder[-1].parameters():
        torch.nn.init.normal_(weights)
    choice = RandomSubsampler(2).choose(1, 19, 21, torch.Generator().manual_seed(0))
    kept, left_out = split(image, choice, 2)
    pixels = left_out[0, 0].nonzero()
    for row, column in pixels[[0, len(pixels) // 2, -1]]:
        network(kept)[0, 0, row, column].backward(retain_graph=True)
        assert image.grad[0, 0, row, column] == 0
        assert image.grad.any()
        image.grad = None


@pytest.mark.parametrize("upsampler", ["pixelshuffle", "transposed", "bilinear"])
@pytest.mark.parametrize("sampling", ["random", "fixed", "all_but_one"])
def test_every_upsampler_and_sampling(hurried, noisy, upsampler, sampling):
    denoiser = hurried(Noise2SR, upsampler=upsampler, sampling=sampling)
    assert np.isfinite(denoiser.fit_transform(noisy)).all()


def test_a_callable_encoder(hurried, noisy):
    denoiser = hurried(Noise2SR, encoder=partial(CompactUNet, n_levels=2)).fit(noisy)
    assert len(denoiser.network_.encoder.down) == 2


@pytest.mark.slow
def test_the_published_network_trains(fast):
    """Of stripes without noise, whose neighbours tell all, it learns most of the variance."""
    stripes = np.broadcast_to(np.sin(np.arange(48) / 4), (48, 48))
    denoiser = fast(Noise2SR, encoder="unet_untied", epochs=4, refine=False).fit(stripes)
    assert isinstance(denoiser.network_.encoder, UNet)
    losses = [entry["loss"] for entry in denoiser.history_]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])


def test_the_paper_preset_is_the_published_schedule():
    denoiser = Noise2SR.from_preset("paper")
    scheme, training = denoiser._scheme(UNBINNED), denoiser.training
    assert n_weights(scheme.make_network) == 1_736_097
    steps = denoiser.epochs * -(-40 // training.batch_size)
    assert (steps, training.crop_size, training.learning_rate, denoiser.M) == (6000, 256, 1e-4, 50)
    assert (denoiser.binning, training.held_out, scheme.sampler.stratified) == (1, 0.0, False)
    assert (training.schedule, training.symmetries) == ("constant", "leaky_rotation")


@pytest.mark.slow
def test_the_paper_preset_runs(rng):
    """Four steps on noise alone, on which the guard has nothing to object."""
    noise = rng.normal(size=(48, 48))
    denoiser = Noise2SR.from_preset("paper", epochs=1, training__crop_size=32, M=2, random_state=0)
    assert denoiser.fit(noise).n_iter_ == 4
    assert denoiser.transform(noise).std() < 0.5


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(ValueError, match="Unknown preset 'finest' of Noise2SR; known: 'default'"):
        Noise2SR.from_preset("finest")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"stride": 1}, "'stride' parameter of Noise2SR must be an int in the range"),
        ({"encoder": "resnet"}, "'encoder' parameter of Noise2SR must be a str among"),
        ({"binning": 0.5}, "'binning' parameter of Noise2SR must be a str among"),
        (
            {"training": Training(crop_size=3), "stride": 4},
            "Expected a crop_size of at least 4 pixels",
        ),
        ({"training": Training(tol=2)}, "'tol' parameter of Training must be a float in the range"),
        ({"M": 0}, "'M' parameter of Noise2SR must be an int in the range"),
        ({"max_time": 0}, "'max_time' parameter of Noise2SR must be a float in the range"),
        ({"device": "abacus"}, "device='abacus' cannot be used here"),
        ({"binning": 100}, "Expected sides of at least 101 pixels, got an image of 64 x 64"),
    ],
)
def test_says_what_is_wrong(parameters, message, noisy):
    with pytest.raises(ValueError, match=message):
        Noise2SR(verbose=0, **parameters).fit(noisy)


@pytest.mark.parametrize(
    "change", [{"stride": 3}, {"encoder": "unet"}, {"upsampler": "bilinear"}, {"sampling": "rows"}]
)
def test_what_a_fit_stands_on_cannot_be_changed_after_it(hurried, noisy, change):
    denoiser = hurried(Noise2SR).fit(noisy).set_params(**change)
    name = next(iter(change))
    for use in (denoiser.transform, denoiser.score, lambda image: pickle.dumps(denoiser)):
        with pytest.raises(ValueError, match=f"{name} was .* in fit and is .* now; fit again"):
            use(noisy)
    assert denoiser.fit(noisy).transform(noisy).shape == noisy.shape


def test_a_callable_encoder_survives_a_pickle(hurried, noisy):
    denoiser = hurried(Noise2SR, encoder=partial(CompactUNet, n_levels=2)).fit(noisy)
    copy = pickle.loads(pickle.dumps(denoiser))
    np.testing.assert_array_equal(copy.transform(noisy), denoiser.transform(noisy))
