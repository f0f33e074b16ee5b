"""Hidden pixels: nothing of them is left, at borders neither, and each has its turn."""

import pytest
import torch
from scipy.stats import binomtest

from sk_noise2sr.samplers import BernoulliMask, grid_mask, hide

SHAPES = [(8, 8), (9, 14), (7, 5), (2, 2), (3, 30)]


def images_of(shape, n=2):
    return torch.randn(n, 1, *shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("period", [2, 3, 4, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_hidden_pixels_cannot_be_seen(shape, period):
    """Alter all that is hidden: the same input of the network, borders and odd sides too."""
    images = images_of(shape)
    for phase in range(period**2):
        hidden = grid_mask(range(shape[0]), range(shape[1]), period, phase)
        altered = torch.where(hidden, 1e6 * torch.randn(images.shape), images)
        assert torch.equal(hide(altered, hidden), hide(images, hidden))


def test_pixels_hidden_at_random_cannot_be_seen_in_one_another():
    """Hidden neighbours, whole hidden patches and corners: what no grid makes."""
    images = images_of((20, 23))
    hidden = torch.rand(1, 1, 20, 23, generator=torch.Generator().manual_seed(1)) < 0.4
    hidden[..., :6, :5] = True
    altered = torch.where(hidden, torch.tensor(1e6), images)
    covered = hide(images, hidden)
    assert torch.equal(hide(altered, hidden), covered)
    assert (covered[..., :5, :4] == 0).all()  # nothing to take a mean of


def test_pixels_that_are_not_hidden_stay():
    images = images_of((9, 9))
    hidden = grid_mask(range(9), range(9), 3, 4)
    shown = ~hidden.expand_as(images)
    assert torch.equal(hide(images, hidden)[shown], images[shown])


def test_the_stand_in_is_the_weighted_mean_of_the_published_ring():
    image = torch.arange(25.0).reshape(1, 1, 5, 5) ** 2
    hidden = torch.zeros(1, 1, 5, 5, dtype=torch.bool)
    hidden[..., 2, 2] = True
    edges, corners = image[0, 0][[1, 2, 2, 3], [2, 1, 3, 2]], image[0, 0][1:4:2, 1:4:2]
    expected = (edges.sum() + corners.sum() / 2) / 6
    torch.testing.assert_close(hide(image, hidden)[0, 0, 2, 2], expected)


def test_borders_are_reflected():
    image = torch.tensor([[[[9.0, 1.0, 5.0], [2.0, 4.0, 6.0], [7.0, 3.0, 8.0]]]])
    hidden = torch.zeros(1, 1, 3, 3, dtype=torch.bool)
    hidden[..., 0, 0] = True  # around it: 1 and 2 twice at edges, 4 four times at corners
    assert hide(image, hidden)[0, 0, 0, 0] == pytest.approx((2 * 1 + 2 * 2 + 4 * 4 / 2) / 6)


@pytest.mark.parametrize("period", [2, 3, 4])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_pixel_is_hidden_in_exactly_one_phase(shape, period):
    rows, columns = map(range, shape)
    turns = sum(grid_mask(rows, columns, period, phase).int() for phase in range(period**2))
    assert torch.equal(turns, torch.ones_like(turns))


def test_a_mask_depends_on_the_absolute_pixel_alone():
    whole = grid_mask(range(20), range(30), 4, 6)
    assert torch.equal(grid_mask(range(7, 20), range(2, 9), 4, 6), whole[..., 7:20, 2:9])
    mask = BernoulliMask(0.7)
    whole = mask.choose_draw(3, range(20), range(30), seed=5)
    part = mask.choose_draw(3, range(7, 20), range(2, 9), seed=5)
    assert torch.equal(part, whole[..., 7:20, 2:9])


@pytest.mark.parametrize("shown", [0.1, 0.7])
def test_pixels_are_shown_with_their_probability_independently(shown):
    mask = BernoulliMask(shown)
    training = mask.choose((1, 1, 200, 200), torch.Generator().manual_seed(0))
    drawn = [mask.choose_draw(draw, range(200), range(200), seed=0) for draw in (0, 1)]
    pairs = [drawn[0] & drawn[1], drawn[0][..., 1:] & drawn[0][..., :-1]]
    for seen, probability in [
        (training, shown),
        (drawn[0], shown),
        *((p, shown**2) for p in pairs),
    ]:
        assert binomtest(int(seen.sum()), seen.numel(), probability).pvalue > 1e-3
