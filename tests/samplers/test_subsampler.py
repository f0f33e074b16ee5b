"""Sub-samplers: one kept pixel in each cell, evenly, and nothing else to be seen."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from sk_noise2sr.samplers import (
    FixedSubsampler,
    RandomSubsampler,
    RowSubsampler,
    held_out_pixels,
    split,
    unseen_rows,
)

path = Path(__file__).parents[1] / "reference" / "samplers.py"
spec = importlib.util.spec_from_file_location("reference_samplers", path)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

SAMPLERS = [FixedSubsampler, RandomSubsampler, RowSubsampler]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("stride", [2, 3, 4, 5])
@pytest.mark.parametrize("sampler_class", SAMPLERS)
def test_split_agrees_with_the_slow_loop(sampler_class, stride):
    images = torch.randn(3, 1, 4 * stride, 6 * stride, generator=generator())
    choice = sampler_class(stride).choose(3, 4, 6, generator())
    kept, left_out = split(images, choice, stride)
    for n in range(3):
        slow_kept, slow_left_out = reference.split(
            images[n, 0].numpy(), choice[n, 0].numpy(), stride
        )
        np.testing.assert_array_equal(kept[n, 0], slow_kept)
        np.testing.assert_array_equal(left_out[n, 0], slow_left_out)


@pytest.mark.parametrize("sides", [(8, 13), (9, 12), (4, 24)])
def test_images_that_are_not_made_of_the_cells(sides):
    choice = torch.zeros(1, 1, 4, 6, dtype=torch.long)
    with pytest.raises(ValueError, match=f"8 x 12 pixels for 4 x 6 cells .* got {sides[0]} x"):
        split(torch.zeros(1, 1, *sides), choice, stride=2)


@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("sampler_class", SAMPLERS)
def test_left_out_pixels_cannot_be_seen(sampler_class, stride):
    """Alter everything that was left out: the input of the network stays the same."""
    images = torch.randn(2, 1, 6 * stride, 5 * stride, generator=generator())
    choice = sampler_class(stride).choose(2, 6, 5, generator())
    kept, left_out = split(images, choice, stride)
    altered = torch.where(left_out, torch.tensor(1e6), images)
    assert torch.equal(split(altered, choice, stride)[0], kept)


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_the_rows_of_targets_cannot_be_seen(stride):
    """Alter the whole rows of all targets: the input of the network stays the same."""
    images = torch.randn(2, 1, 6 * stride, 5 * stride, generator=generator())
    choice = RowSubsampler(stride).choose(2, 6, 5, generator())
    kept, left_out = split(images, choice, stride)
    targets = unseen_rows(left_out)
    assert targets.float().mean() == pytest.approx(1 - 1 / stride)
    altered = torch.where(targets.any(dim=-1, keepdim=True), torch.tensor(1e6), images)
    assert torch.equal(split(altered, choice, stride)[0], kept)


@pytest.mark.parametrize("sampler_class", [RandomSubsampler, RowSubsampler])
@pytest.mark.parametrize("stride", [2, 3, 4])
def test_exactly_one_pixel_of_each_cell_is_kept(stride, sampler_class):
    choice = sampler_class(stride).choose(4, 9, 7, generator())
    left_out = split(torch.zeros(4, 1, 9 * stride, 7 * stride), choice, stride)[1]
    kept_in_cell = torch.nn.functional.avg_pool2d((~left_out).float(), stride) * stride**2
    assert torch.equal(kept_in_cell, torch.ones(4, 1, 9, 7))


@pytest.mark.parametrize("stride", [2, 3])
def test_all_pixels_of_a_cell_are_kept_equally_often(stride):
    choice = RandomSubsampler(stride).choose(4, 100, 100, generator())
    assert chisquare(np.bincount(choice.ravel())).pvalue > 1e-3


@pytest.mark.parametrize("stratified", [True, False])
def test_draws_of_inference_are_even_and_not_alike(stratified):
    sampler = RandomSubsampler(3, stratified)
    rows, columns = range(100), range(100)
    first, second = (sampler.choose_draw(draw, rows, columns, seed=1) for draw in (0, 9))
    assert chisquare(np.bincount(first.ravel())).pvalue > 1e-3
    assert 0.05 < float((first == second).float().mean()) < 0.17  # chance is 1/9


def test_neighbouring_cells_choose_independently():
    choice = RandomSubsampler(2).choose_draw(0, range(200), range(200), seed=3)[0, 0].numpy()
    for shifted, there in ((choice[:, 1:], choice[:, :-1]), (choice[1:], choice[:-1])):
        pairs = np.bincount((4 * shifted + there).ravel(), minlength=16)
        assert chisquare(pairs).pvalue > 1e-3


@pytest.mark.parametrize("sampler_class", [RandomSubsampler, RowSubsampler])
@pytest.mark.parametrize("stride", [2, 3])
def test_stratified_draws_keep_each_pixel_once(stride, sampler_class):
    sampler = sampler_class(stride)
    for group in (0, 5):
        draws = [
            sampler.choose_draw(group * stride**2 + i, range(6), range(8), seed=0)
            for i in range(stride**2)
        ]
        once = torch.sort(torch.cat(draws, dim=1), dim=1)[0]
        expected = torch.arange(stride**2).view(1, -1, 1, 1).expand_as(once)
        assert torch.equal(once, expected)


@pytest.mark.parametrize(
    "sampler", [RandomSubsampler(2), RandomSubsampler(2, stratified=False), RowSubsampler(2)]
)
def test_a_draw_depends_on_the_absolute_cell_alone(sampler):
    whole = sampler.choose_draw(7, range(40), range(30), seed=5)
    part = sampler.choose_draw(7, range(12, 20), range(3, 30), seed=5)
    assert torch.equal(part, whole[..., 12:20, 3:30])


def test_more_cells_than_a_million_are_no_limit():
    choice = RandomSubsampler(2).choose(1, 1100, 1000, generator())
    kept, _ = split(torch.zeros(1, 1, 2200, 2000), choice, 2)
    assert kept.shape == (1, 1, 1100, 1000)


def test_fixed_draws_go_through_the_pixels_in_turn():
    sampler = FixedSubsampler(2)
    values = [sampler.choose_draw(draw, range(3), range(3), 10)[0, 0, 0, 0] for draw in range(4)]
    assert sorted(map(int, values)) == [0, 1, 2, 3]
    assert sampler.n_draws(50) == 4


def test_held_out_pixels_are_a_function_of_seed_and_pixel():
    small, large = (held_out_pixels(0, side, side, 0.1) for side in (50, 200))
    assert torch.equal(large[:50, :50], small)
    assert abs(float(large.float().mean()) - 0.1) < 0.01
    assert not torch.equal(held_out_pixels(1, 50, 50, 0.1), small)
