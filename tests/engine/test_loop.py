"""The training loop: steps, time, Ctrl-C, divergence."""

import time

import numpy as np
import pytest
import torch

from sk_noise2sr.engine import (
    RECIPES,
    explain_out_of_memory,
    limit_threads,
    pick_device,
    train,
)
from sk_noise2sr.networks import DnCNN


def fit_a_line(n_steps=50, recipe="cosine", on_step=lambda step: None, **options):
    """Fit y = 3 x with one weight."""
    torch.manual_seed(0)
    network = torch.nn.Linear(1, 1, bias=False)
    generator = torch.Generator().manual_seed(0)
    steps = iter(range(n_steps + 1))

    def loss_of(x):
        on_step(next(steps))
        return ((network(x) - 3 * x) ** 2).mean()

    return train(
        lambda progress: torch.randn(16, 1, generator=generator),
        loss_of,
        RECIPES[recipe](network, 0.1),
        n_steps,
        **options,
    )


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_every_recipe_learns(recipe):
    outcome = fit_a_line(200, recipe)
    assert outcome.ended == "done"
    assert len(outcome.history) == 200
    assert abs(outcome.network.weight.item() - 3) < 0.05
    assert outcome.history[-1]["loss"] < 1e-2 * outcome.history[0]["loss"]


def test_the_step_size_warms_up_and_ends_at_zero():
    rates = [entry["learning_rate"] for entry in fit_a_line(100).history]
    assert rates[0] < 0.01
    assert max(rates) == pytest.approx(0.1, rel=0.01)
    assert rates[-1] < 1e-3


@pytest.mark.parametrize(
    ("recipe", "n_parts"), [("constant", 1), ("halved_by_thirds", 3), ("halved_by_fifths", 5)]
)
@pytest.mark.parametrize("n_steps", [30, 300])
def test_the_step_size_is_halved_after_every_part(recipe, n_parts, n_steps):
    rates = [entry["learning_rate"] for entry in fit_a_line(n_steps, recipe).history]
    expected = [0.1 * 0.5 ** (step * n_parts // n_steps) for step in range(n_steps)]
    assert rates == pytest.approx(expected)


def test_adam_takes_steps_of_the_size_it_reports():
    """With gradients of one sign, Adam moves a weight by the step size."""
    network = torch.nn.Linear(1, 1, bias=False)
    weights = []
    outcome = train(
        lambda progress: weights.append(network.weight.item()),
        lambda batch: network.weight.sum(),
        RECIPES["halved_by_thirds"](network, 0.1),
        9,
    )
    steps = -torch.tensor([*weights, network.weight.item()]).diff()
    rates = torch.tensor([entry["learning_rate"] for entry in outcome.history])
    torch.testing.assert_close(steps, rates, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_the_weights_of_least_error_are_kept(recipe):
    """The weight goes from below 1 to 3; validation likes 2."""
    errors, modes = [], []

    def validate(network):
        modes.append(network.training)
        errors.append(abs(network.weight.item() - 2))
        return errors[-1]

    outcome = fit_a_line(200, recipe, validate=validate)
    assert abs(outcome.network.weight.item() - 2) == min(errors) < 0.3
    assert errors[-1] > 0.9
    assert len(errors) == 50
    assert not any(modes)
    assert not outcome.network.training


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_looking_does_not_change_the_training(recipe):
    """An error that always falls keeps the last weights, those of a training without looks."""
    falling = iter(range(50, -1, -1))
    watched = fit_a_line(75, recipe, validate=lambda network: float(next(falling)))
    assert watched.network.weight.item() == fit_a_line(75, recipe).network.weight.item()


def test_without_a_finite_error_the_last_weights_are_kept():
    outcome = fit_a_line(60, "constant", validate=lambda network: float("inf"))
    assert outcome.network.weight.item() == fit_a_line(60, "constant").network.weight.item()


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_statistics_of_batch_normalisation_are_the_live_ones(recipe):
    """Weights may be averages over the training; running means are that already."""
    torch.manual_seed(0)
    network, generator = DnCNN(n_layers=4, n_features=4), torch.Generator().manual_seed(0)
    outcome = train(
        lambda progress: torch.randn(2, 1, 12, 12, generator=generator) + 5,
        lambda images: network(images).square().mean(),
        RECIPES[recipe](network, 0.01),
        20,
    )
    live, kept = dict(network.named_buffers()), dict(outcome.network.named_buffers())
    assert len(kept) == 6
    for name, values in kept.items():
        assert torch.equal(values, live[name])
        assert not torch.equal(values, dict(DnCNN(n_layers=4, n_features=4).named_buffers())[name])
    same = all(map(torch.equal, network.parameters(), outcome.network.parameters()))
    assert same == (recipe != "cosine")


def test_a_loss_that_is_not_finite_ends_training():
    network = torch.nn.Linear(1, 1)
    outcome = train(
        lambda progress: progress,
        lambda progress: network.weight.sum() / (0.0 if progress > 0.5 else 1.0),
        RECIPES["constant"](network, 0.1),
        10,
    )
    assert outcome.ended == "diverged"
    assert len(outcome.history) == 6


def test_max_time_is_kept_within_one_step():
    ends = [time.monotonic()]

    def wait(step):
        time.sleep(0.02)
        ends.append(time.monotonic())

    outcome = fit_a_line(1000, on_step=wait, deadline=ends[0] + 0.5)
    assert outcome.ended == "time"
    assert ends[-1] - ends[0] < 0.5 + np.diff(ends).max()
    assert outcome.history[-1]["learning_rate"] < 0.01  # the cosine ended with the time


def test_an_early_stop_brings_the_schedule_to_its_end():
    """Looks come every 10 steps; one is progress, five are not, and a quarter more steps follow."""
    outcome = fit_a_line(500, validate=lambda network: 1.0, tol=0.1, patience=5)
    rates = [entry["learning_rate"] for entry in outcome.history]
    assert outcome.ended == "converged"
    assert len(rates) == 60 + 15
    assert rates[60] == pytest.approx(rates[59], rel=0.01) == pytest.approx(0.1, rel=0.01)
    assert rates[60:] == sorted(rates[60:], reverse=True)
    assert rates[-1] < 0.003


def test_an_early_stop_close_to_the_end_adds_no_step():
    """Looks come every step; the last one that counts is the 46th of 50."""
    outcome = fit_a_line(50, validate=lambda network: 1.0, tol=0.1, patience=45)
    assert outcome.ended == "done"
    assert len(outcome.history) == 50
    assert outcome.history[-1]["learning_rate"] < 1e-3


def test_ctrl_c_keeps_the_weights_so_far():
    def interrupt(step):
        if step == 20:
            raise KeyboardInterrupt

    outcome = fit_a_line(50, on_step=interrupt)
    assert outcome.ended == "interrupted"
    assert len(outcome.history) == 20


def test_ctrl_c_before_the_first_step_goes_through():
    def interrupt(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_a_line(50, on_step=interrupt)


@pytest.mark.parametrize(("verbose", "shown"), [(0, False), (1, False), (2, True)])
def test_the_bar_is_quiet_where_nobody_looks(capsys, verbose, shown):
    fit_a_line(3, verbose=verbose, name="line.fit")
    assert ("line.fit" in capsys.readouterr().err) == shown


def test_auto_is_a_device_that_is_there():
    assert torch.zeros(1, device=pick_device("auto")).sum() == 0


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"device='abacus' cannot be used here .* try device="):
        pick_device("abacus")


def test_out_of_memory_says_what_to_try():
    with (
        pytest.raises(MemoryError, match=r"Out of memory .* Try crop_size=64\."),
        explain_out_of_memory("Try crop_size=64."),
    ):
        torch.empty(2**60)


def test_other_errors_go_through():
    with pytest.raises(RuntimeError, match="sizes"), explain_out_of_memory("Try less."):
        raise RuntimeError("sizes do not match")


@pytest.mark.parametrize(("work", "expected"), [(1e9, 1), (1e15, torch.get_num_threads())])
def test_threads_are_as_many_as_pay(work, expected):
    before = torch.get_num_threads()
    with limit_threads(None, work):
        assert torch.get_num_threads() == expected
    with limit_threads(1, 1e15):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_training_goes_on_in_training_mode_after_a_look():
    network, modes = torch.nn.Linear(1, 1), []
    train(
        lambda progress: modes.append(network.training),
        lambda batch: network.weight.sum(),
        RECIPES["constant"](network, 0.1),
        10,
        validate=lambda network: 1.0,
    )
    assert modes == 10 * [True]
