"""What all network denoisers share: guard, held-out pixels, time, tiles, spread."""

import signal
import time
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning

from sk_noise2sr import ZSN2N, Noise2SR
from sk_noise2sr.engine import _predict
from sk_noise2sr.grid import choose_binning
from sk_noise2sr.networks import CompactUNet
from sk_noise2sr.samplers import held_out_pixels
from sk_noise2sr.schemes import DiagonalPairs, Scheme, SuperResolution


class LearnsNothing(Scheme):
    """Its loss does not depend on the image."""

    def loss(self, network, batch):
        """Return 1."""
        return 0.0 * network(batch.noisy).sum() + 1.0


class Useless(ZSN2N):
    """A denoiser with a scheme that learns nothing, from weights that turn the image over."""

    def _scheme(self, grid):
        return LearnsNothing(make_negative)


def make_negative():
    """Make a network whose output is the negative of its input."""
    layer = torch.nn.Conv2d(1, 1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, -1.0)
    return layer


class Diverges(DiagonalPairs):
    """Has a loss that is not finite unless the step size was made smaller."""

    n_calls = 0

    def loss(self, network, batch):
        """Return NaN the third time."""
        type(self).n_calls += 1
        loss = super().loss(network, batch)
        return loss * torch.nan if self.n_calls == 3 else loss


class DivergesAtLargeSteps(ZSN2N):
    """A denoiser with such a scheme."""

    def _scheme(self, grid):
        return Diverges(super()._scheme(grid).make_network, self.consistency)


def test_a_useless_fit_raises_and_leaves_nothing_behind(fast, clean):
    denoiser = fast(Useless, held_out=0.1)
    with pytest.raises(
        RuntimeError, match=r"Useless could not be fitted: with learning_rate=0\.003 "
    ):
        denoiser.fit(clean)
    with pytest.raises(ValueError, match="not fitted yet"):
        denoiser.transform(clean)


def test_a_diverged_fit_starts_again_with_smaller_steps(fast, noisy):
    denoiser = fast(DivergesAtLargeSteps).fit(noisy)
    assert denoiser.n_iter_ == 80
    assert max(entry["learning_rate"] for entry in denoiser.history_) <= 0.001


def test_a_huge_step_size_never_returns_garbage(fast, noisy):
    denoiser = fast(Noise2SR, learning_rate=1e4, schedule="constant")
    try:
        denoised = denoiser.fit_transform(noisy)
    except RuntimeError as error:
        assert "could not be fitted" in str(error)  # noqa: PT017
    else:
        assert np.abs(denoised - noisy.mean()).max() < 3 * noisy.std()


@pytest.fixture
def listening():
    """Let Ctrl-C come through: a shell has what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupting(torch.nn.Conv2d):
    """Press Ctrl-C in the tenth step of the training."""

    def __init__(self, in_channels, out_channels):
        super().__init__(in_channels, out_channels, 3, padding=1)
        self.n_seen = 0

    def forward(self, images):  # noqa: D102
        self.n_seen += self.training
        if self.training and self.n_seen == 10:
            signal.raise_signal(signal.SIGINT)
        return super().forward(images)


@pytest.mark.usefixtures("listening")
def test_ctrl_c_keeps_the_weights_so_far_and_warns(fast, noisy):
    denoiser = fast(Noise2SR, encoder=Interrupting)
    with pytest.warns(UserWarning, match="interrupted after .* steps; the weights so far are kept"):
        denoiser.fit(noisy)
    assert denoiser.n_iter_ == 9
    assert denoiser.transform(noisy).shape == noisy.shape


class Repeats(LearnsNothing):
    """Its prediction is what it sees: at a hidden pixel, the mean of its neighbours."""

    def predict(self, network, noisy, draws, number):
        """Return the image."""
        return noisy, torch.ones_like(noisy, dtype=torch.bool)


class Repeating(ZSN2N):
    """A denoiser that is as good as a local mean, and no better."""

    def _scheme(self, grid):
        return Repeats(super()._scheme(grid).make_network)


def test_a_fit_that_a_gaussian_beats_is_told(fast, rng):
    with pytest.warns(ConvergenceWarning, match="worse than a Gaussian blur after 80 steps"):
        fast(Repeating, held_out=0.2).fit(rng.normal(size=(96, 96)))


@pytest.mark.parametrize("estimator", [Noise2SR, ZSN2N])
def test_max_time_ends_the_fit_and_its_step_size_with_it(estimator, fast, noisy):
    """However fast the machine: by the number of steps, a millionth of the plan, none is halved."""
    settings = {"epochs": 100_000, "learning_rate": 0.003, "schedule": "halved_by_fifths"}
    denoiser = fast(estimator, max_time=1.0, **settings)
    with pytest.warns(ConvergenceWarning, match="before max_time"):
        denoiser.fit(noisy)
    assert 1 <= denoiser.n_iter_ < 200_000  # of 4 000 000 steps, a day
    begun = [0.0] + [entry["seconds"] for entry in denoiser.history_[:-1]]
    for entry, seconds in zip(denoiser.history_, begun, strict=True):
        assert entry["learning_rate"] <= 0.003 * 0.5 ** int(5 * seconds)


def test_max_time_counts_what_is_looked_for_and_what_is_to_be_drawn(fast, noisy, monkeypatch):
    """Where no time is left for the training, one step is taken, and that is told."""
    many_draws = fast(Noise2SR, epochs=50, max_time=1.0, M=10**5)
    with pytest.warns(ConvergenceWarning, match="took 1 of 2000 steps before max_time"):
        many_draws.fit(noisy)
    slow_grid = fast(Noise2SR, epochs=50, max_time=0.2)
    fit_grid = slow_grid._fit_grid
    monkeypatch.setattr(
        slow_grid, "_fit_grid", lambda *given: (time.sleep(0.3), fit_grid(*given))[1], raising=False
    )
    with pytest.warns(ConvergenceWarning, match="took 1 of 2000 steps before max_time"):
        slow_grid.fit(noisy)


def test_keep_best_keeps_the_least_error_on_held_out_pixels(fast, noisy):
    """Steps so large that the error goes up and down; the last of 50 looks is at the end."""
    last, best = (
        fast(ZSN2N, learning_rate=0.02, schedule="constant", held_out=0.1, keep_best=keep_best).fit(
            noisy
        )
        for keep_best in (False, True)
    )
    assert [e["loss"] for e in best.history_] == [e["loss"] for e in last.history_]
    assert best.held_out_error_ < last.held_out_error_


def test_keep_best_changes_nothing_if_nothing_is_held_out_of_a_tiny_image(fast, noisy):
    image = noisy[:3, :8]
    last, best = (
        fast(ZSN2N, held_out=1e-6, keep_best=keep_best).fit_transform(image)
        for keep_best in (False, True)
    )
    np.testing.assert_array_equal(best, last)


def test_held_out_pixels_are_never_targets(fast, noisy):
    """Alter them in the image of the target: no gradient, whatever the training draws."""
    seen = []

    class Watched(SuperResolution):
        def loss(self, network, batch):
            seen.append((batch.noisy.clone(), batch.targets.clone()))
            return super().loss(network, batch)

    class Watch(Noise2SR):
        def _scheme(self, grid):
            scheme = super()._scheme(grid)
            return Watched(scheme.make_network, scheme.sampler, self.M, scheme.turns)

    noisy = (noisy - noisy.mean()) / noisy.std()  # what is about 0 needs no long training
    denoiser = fast(Watch, held_out=0.1, symmetries="none", standardize=False).fit(noisy)
    held_out = held_out_pixels(denoiser.seed_, 64, 64, 0.1).numpy()
    values = set(np.float32(noisy)[held_out]) - set(np.float32(noisy)[~held_out])
    for crops, targets in seen:
        assert not values & set(crops[targets].tolist())


@pytest.mark.parametrize("stride", [2, 3])
def test_tiles_give_the_image_of_the_whole_frame(predictor, hurried, noisy, monkeypatch, stride):
    frame = np.tile(noisy, (4, 3))[:250, :179]
    encoder = partial(CompactUNet, n_levels=2)
    denoiser = hurried(Noise2SR, M=3 * stride**2, stride=stride, encoder=encoder, refine=False)
    denoiser.fit(noisy)
    # On a frame that repeats itself, block matching would turn 1e-8 into another of equal blocks.
    whole = denoiser.transform(frame)
    monkeypatch.setattr(_predict, "_TILE_PIXELS", 150 * 150)
    assert len(predictor(denoiser).tiles(250, 179)) > 3
    np.testing.assert_allclose(denoiser.transform(frame), whole, atol=1e-5 * np.ptp(frame))


def test_memory_does_not_grow_with_the_draws(predictor, hurried, noisy):
    denoiser = hurried(Noise2SR).fit(noisy).set_params(M=500)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    frames = predictor(denoiser).passes(image)
    assert iter(frames) is frames  # a stream, not a list


def test_thread_counts_are_restored(hurried, noisy):
    before = torch.get_num_threads()
    hurried(Noise2SR, n_threads=1).fit_transform(noisy)
    assert torch.get_num_threads() == before


def test_an_ordinary_fit_warns_of_nothing(fast, noisy):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fast(Noise2SR, binning=2, epochs=16, batch_size=2, crop_size=32).fit_transform(noisy)


def test_a_batch_beyond_all_memory_gets_one_sentence(noisy, fast):
    with pytest.raises(ValueError, match="batch_size=10000000000 crops of 16 x 16 fit into no mem"):
        fast(Noise2SR, batch_size=10**10).fit(noisy)


def test_the_result_of_a_constant_image_is_a_copy(fast):
    image = np.full((32, 32), 3.0)
    result = fast(Noise2SR).fit(image).transform(image)
    result += 1
    assert (image == 3).all()


def test_a_large_stride_on_a_small_smooth_image(rng):
    """Nothing was left between the margins of so small an image."""
    wave = np.cos(np.pi * (np.arange(128) + 0.5) / 128)
    image = 30 * (wave[:, np.newaxis] + wave) + rng.normal(size=(128, 128))
    assert choose_binning(image[np.newaxis], stride=8) >= 1
