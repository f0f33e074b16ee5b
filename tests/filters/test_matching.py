"""match_blocks: the same as looking at every position of every window."""

from itertools import product

import numpy as np
import pytest

from sk_noise2sr.filters._matching import match_blocks


def search(blocks, row, column, radius, n_matches):
    """Compare one reference with every position around it."""
    n_rows, n_columns = blocks.shape[:2]
    found = [(-1.0, row * n_columns + column)]
    for r in range(max(row - radius, 0), min(row + radius + 1, n_rows)):
        for c in range(max(column - radius, 0), min(column + radius + 1, n_columns)):
            if (r, c) != (row, column):
                distance = np.sum((blocks[r, c] - blocks[row, column]) ** 2)
                found.append((distance, r * n_columns + c))
    return sorted(found)[:n_matches]


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [
        ((10, 3), range(10), range(3)),
        ((40, 7), range(6, 31, 3), range(0, 4, 3)),
        ((3, 70), range(1, 2), range(0, 65, 4)),
    ],
)
def test_finds_what_an_exhaustive_search_finds(rng, shape, rows, columns):
    radius, n_matches = 4, 8
    blocks = rng.normal(size=(*shape, 6)).astype(np.float32)
    positions, distances = match_blocks(blocks, rows, columns, radius=radius, n_matches=n_matches)
    for (row, column), position, distance in zip(
        product(rows, columns), positions, distances, strict=True
    ):
        expected = search(blocks, row, column, radius, n_matches)
        n_found = len(expected)
        np.testing.assert_array_equal(position[:n_found], [where for _, where in expected])
        expected[0] = (0.0, expected[0][1])
        np.testing.assert_allclose(distance[:n_found], [far for far, _ in expected], atol=1e-4)
        assert np.isinf(distance[n_found:]).all()


def test_a_window_that_holds_too_few_says_so(rng):
    blocks = rng.normal(size=(2, 3, 5)).astype(np.float32)
    positions, distances = match_blocks(blocks, range(2), range(3), radius=9, n_matches=8)
    assert np.isinf(distances[:, 6:]).all()
    assert np.isfinite(distances[:, :6]).all()
    np.testing.assert_array_equal(np.sort(positions[:, :6]), np.tile(np.arange(6), (6, 1)))


def test_a_block_is_its_own_first_match_among_equal_ones():
    blocks = np.ones((9, 9, 4), dtype=np.float32)
    positions, distances = match_blocks(blocks, range(3, 6), range(3, 6), radius=3, n_matches=5)
    rows, columns = np.divmod(positions[:, 0], 9)
    np.testing.assert_array_equal(rows, np.repeat([3, 4, 5], 3))
    np.testing.assert_array_equal(columns, np.tile([3, 4, 5], 3))
    np.testing.assert_array_equal(distances, 0)
