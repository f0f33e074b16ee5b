"""match_blocks: the same as looking at every position of every window."""

import numpy as np
import pytest

from sk_noise2sr.filters._matching import match_blocks


def search(blocks, allowed, row, column, radius, n_matches):
    """Compare one reference with every position around it."""
    found = [(-1.0, row * allowed.shape[1] + column)]
    for r in range(row - radius, row + radius + 1):
        for c in range(column - radius, column + radius + 1):
            if allowed[r, c] and (r, c) != (row, column):
                distance = np.sum((blocks[r, c] - blocks[row, column]) ** 2)
                found.append((distance, r * allowed.shape[1] + c))
    return sorted(found)[:n_matches]


@pytest.mark.parametrize(("step", "n_references"), [(1, (10, 3)), (3, (9, 2)), (4, (1, 17))])
def test_finds_what_an_exhaustive_search_finds(rng, step, n_references):
    radius, n_matches = 4, 8
    shape = tuple((n - 1) * step + 1 + 2 * radius for n in n_references)
    blocks = rng.normal(size=(*shape, 6)).astype(np.float32)
    allowed = np.zeros(shape, dtype=bool)
    allowed[radius:-radius, radius:-radius] = True
    positions, distances = match_blocks(
        blocks, allowed, step=step, radius=radius, n_matches=n_matches
    )
    references = [
        (radius + step * row, radius + step * column) for row, column in np.ndindex(n_references)
    ]
    for (row, column), position, distance in zip(references, positions, distances, strict=True):
        expected = search(blocks, allowed, row, column, radius, n_matches)
        n_found = len(expected)
        np.testing.assert_array_equal(position[:n_found], [where for _, where in expected])
        expected[0] = (0.0, expected[0][1])
        np.testing.assert_allclose(distance[:n_found], [far for far, _ in expected], atol=1e-4)
        assert np.isinf(distance[n_found:]).all()


def test_a_block_is_its_own_first_match_among_equal_ones():
    blocks, allowed = np.ones((9, 9, 4), dtype=np.float32), np.ones((9, 9), dtype=bool)
    positions, distances = match_blocks(blocks, allowed, step=1, radius=3, n_matches=5)
    rows, columns = np.divmod(positions[:, 0], 9)
    np.testing.assert_array_equal(rows, np.repeat([3, 4, 5], 3))
    np.testing.assert_array_equal(columns, np.tile([3, 4, 5], 3))
    np.testing.assert_array_equal(distances, 0)
