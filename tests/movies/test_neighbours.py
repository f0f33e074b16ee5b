"""Which frames a frame is seen with, and where they are cut out."""

import numpy as np
import pytest
import torch

from sk_noise2sr.movies import Context, Link, Neighbours, linked, sliding, surround

STILL = np.zeros((9, 2))


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("reach", [1, 2, 3])
@pytest.mark.parametrize("gap", [0, 1])
def test_no_frame_is_its_own_neighbour(n, reach, gap):
    frames = Neighbours.choose([0] * n, STILL[:n], reach, gap).frames
    assert frames.shape == (n, 2 * reach)
    own = np.arange(n)[:, np.newaxis]
    there = frames >= 0
    assert np.all(np.abs(frames - own)[there] > gap)
    assert frames.max() < n
    assert there[reach + gap : n - reach - gap].all()


def test_frames_stand_in_order_of_time():
    frames = Neighbours.choose([0] * 6, STILL[:6], reach=2).frames
    np.testing.assert_array_equal(frames[[0, 2, 5]], [[-1, -1, 1, 2], [0, 1, 3, 4], [3, 4, -1, -1]])


def test_a_cut_is_not_crossed():
    frames = Neighbours.choose([0, 0, 0, 1, 1, 1], STILL[:6], reach=2).frames
    assert set(frames[:3].ravel()) <= {-1, 0, 1, 2}
    assert set(frames[3:].ravel()) <= {-1, 3, 4, 5}


def test_neighbours_are_cut_where_they_show_the_same():
    scene = torch.arange(400.0).reshape(20, 20) + 1
    movie = torch.stack([scene[5 - t : 15 - t, 5 + 2 * t : 15 + 2 * t] for t in range(3)])[:, None]
    places = np.array([[t, -2 * t] for t in range(3)])
    whole = surround(movie, 1, Neighbours.choose([0] * 3, places, reach=1))
    for neighbour in whole[1:]:
        inside = neighbour != 0
        assert inside.sum() == 9 * 8
        torch.testing.assert_close(neighbour[inside], whole[0][inside])
    window = slice(3, 9), slice(0, 5)
    part = surround(movie, 1, Neighbours.choose([0] * 3, places, reach=1), window)
    torch.testing.assert_close(part, whole[:, *window])


def test_a_neighbour_that_has_moved_out_of_sight_is_zero():
    movie = torch.ones(2, 1, 4, 4)
    far = Neighbours.choose([0, 0], [[0, 0], [9, -9]], reach=1)
    assert not surround(movie, 0, far)[1:].any()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("reach", [0, 1, 3])
def test_a_sliding_window_holds_what_lies_around(n, reach):
    asked = []

    def frames():
        for number in range(n):
            asked.append(number)
            yield number

    for number, (window, centre) in enumerate(sliding(frames(), reach)):
        assert window[centre] == number
        assert window == list(range(max(0, number - reach), min(n, number + reach + 1)))
        assert asked[-1] == min(number + reach, n - 1)  # no frame is asked for too early
    assert len(asked) == n


def test_links_count_from_frame_to_frame():
    class Counting(Context):
        def link(self, before, after):
            return Link(cut=bool(after[0, 0] > 2), step=(float(after[0, 0] - before[0, 0]), 0.0))

    frames = torch.tensor([0.0, 1.0, 3.0, 3.0])[:, None, None, None].expand(4, 1, 2, 2)
    links = [link for _, link in linked(frames, Counting(1))]
    assert [link.step[0] for link in links] == [0, 1, 2, 0]
    neighbours = Counting(1).neighbours(links[:2])
    np.testing.assert_array_equal(neighbours.shifts[..., 0], [[0, 1], [-1, 0]])
