"""Sampling by the correlation of the noise."""

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from sk_noise2sr import datasets
from sk_noise2sr.samplers import (
    ColumnSubsampler,
    RowSubsampler,
    choose_sampling,
    split,
    unseen_columns,
    unseen_rows,
)


def noisy_scene(seed, rho=0.0):
    rng = np.random.default_rng(seed)
    noise = lfilter([np.sqrt(1 - rho**2)], [1, -rho], rng.normal(size=(256, 300)), axis=1)
    clean = datasets.make_hrem((256, 256), dose=np.inf, random_state=0)[0]
    return (clean + 0.3 * noise[:, 44:])[np.newaxis]


def test_white_noise_is_sampled_at_random():
    assert {choose_sampling(noisy_scene(seed)) for seed in range(50)} == {"random"}


@pytest.mark.parametrize("rho", [0.15, 0.3])
def test_lines_that_share_noise_are_hidden_whole(rho):
    for seed in range(20):
        noisy = noisy_scene(seed, rho)
        assert choose_sampling(noisy) == "rows"
        assert choose_sampling(noisy.transpose(0, 2, 1)) == "columns"


def test_where_binning_whitens_the_noise_sampling_is_random():
    assert {choose_sampling(noisy_scene(seed, 0.15), (6.0, 6.0)) for seed in range(10)} == {
        "random"
    }


def test_columns_are_turned_rows():
    stride, height, width = 3, 4, 5
    for draw in range(9):
        rows = RowSubsampler(stride).choose_draw(draw, range(width), range(height), seed=1)
        columns = ColumnSubsampler(stride).choose_draw(draw, range(height), range(width), seed=1)
        image = torch.rand(1, 1, stride * height, stride * width)
        kept, left_out = split(image, columns, stride)
        turned, turned_left_out = split(image.transpose(-1, -2), rows, stride)
        torch.testing.assert_close(kept, turned.transpose(-1, -2))
        assert torch.equal(unseen_columns(left_out), unseen_rows(turned_left_out).transpose(-1, -2))


def test_a_training_batch_keeps_pixels_of_one_column():
    generator = torch.Generator().manual_seed(0)
    choice = ColumnSubsampler(2).choose(3, 4, 5, generator)
    assert choice.shape == (3, 1, 4, 5)
    column = choice % 2
    assert (column == column[:, :, :1]).all()
    assert (choice // 2).float().std() > 0
