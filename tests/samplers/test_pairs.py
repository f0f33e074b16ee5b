"""Pairs of sub-samples: neighbours, never one pixel twice, all pairs alike."""

import numpy as np
import torch
from scipy.stats import chisquare
from torch.nn import functional as F

from sk_noise2sr.samplers import NeighborPairs, diagonal_means


def coordinates(height, width, n=1):
    """Return images whose values are the row and the column of each pixel."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (axis.expand(n, 1, -1, -1) for axis in (rows, columns))


def pairs_of(n, height, width, seed=0):
    return NeighborPairs(n, height, width, torch.Generator().manual_seed(seed))


def test_pairs_are_two_pixels_of_one_cell_that_share_an_edge():
    pairs = pairs_of(3, 40, 30)
    (up, down), (left, right) = map(pairs.split, coordinates(80, 60, n=3))
    assert ((up - down).abs() + (left - right).abs() == 1).all()
    cells, columns = coordinates(40, 30, n=3)
    for pixels, of_cells in ((up, cells), (down, cells), (left, columns), (right, columns)):
        assert torch.equal(pixels // 2, of_cells)


def test_all_eight_pairs_are_equally_frequent_and_neighbouring_cells_independent():
    rows, columns = (pairs_of(1, 150, 150).split(axis % 2) for axis in coordinates(300, 300))
    first, second = (2 * row + column for row, column in zip(rows, columns, strict=True))
    codes, kind = np.unique((4 * first + second)[0, 0].numpy(), return_inverse=True)
    kind = kind.reshape(150, 150)
    assert len(codes) == 8
    assert chisquare(np.bincount(kind.ravel())).pvalue > 1e-3
    for shifted, there in ((kind[:, 1:], kind[:, :-1]), (kind[1:], kind[:-1])):
        both = np.bincount((8 * shifted + there).ravel(), minlength=64)
        assert chisquare(both).pvalue > 1e-3


def test_images_of_a_batch_have_pairs_of_their_own():
    first, _ = pairs_of(2, 20, 20).split(next(coordinates(40, 40, n=2)))
    assert not torch.equal(first[0], first[1])


def test_the_same_pairs_are_taken_from_every_image():
    pairs, image = pairs_of(1, 8, 6), torch.randn(1, 1, 16, 12)
    for part, doubled in zip(pairs.split(image), pairs.split(2 * image), strict=True):
        assert torch.equal(2 * part, doubled)


def test_neighbouring_noise_is_independent_between_the_two():
    noise = torch.randn(1, 1, 400, 400, generator=torch.Generator().manual_seed(0))
    first, second = pairs_of(1, 200, 200).split(noise)
    correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert abs(correlation) < 4 / 200


def test_the_mean_of_both_diagonals_is_that_of_the_cell():
    images = torch.randn(3, 1, 12, 18)
    first, second = diagonal_means(images)
    torch.testing.assert_close((first + second) / 2, F.avg_pool2d(images, 2))


def test_diagonals_share_no_pixel_and_differ_in_second_order_only():
    ramp = sum(axis.float() * slope for axis, slope in zip(coordinates(8, 8), (3, 5), strict=True))
    first, second = diagonal_means(ramp)
    torch.testing.assert_close(first, second)
    images = torch.zeros(1, 1, 8, 8).requires_grad_()
    first, second = diagonal_means(images)
    of_first, of_second = (torch.autograd.grad(half.sum(), images)[0] for half in (first, second))
    assert not (of_first * of_second).any()
    assert torch.equal(of_first + of_second, torch.full((1, 1, 8, 8), 0.5))
