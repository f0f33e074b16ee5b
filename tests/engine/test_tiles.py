"""Tiles cover a frame once, and the measured halo is what a network looks at."""

import numpy as np
import pytest
import torch

from sk_noise2sr.engine import Moments, make_tiles, receptive_radius
from sk_noise2sr.networks import make_super_resolution_network


@pytest.mark.parametrize("shape", [(100, 40), (64, 64), (333, 217), (40, 1000)])
def test_tiles_cover_every_pixel_once(shape):
    covered = np.zeros(shape, dtype=int)
    tiles = make_tiles(*shape, max_pixels=4096, halo=7, align=8)
    for tile in tiles:
        covered[tile.write] += 1
        assert covered[tile.read].size <= 4096
        assert all(part.start % 8 == 0 for part in tile.read + tile.write)
    assert (covered == 1).all()


def test_a_small_frame_is_one_tile():
    assert len(make_tiles(60, 60, max_pixels=4096, halo=7, align=8)) == 1


def test_a_network_that_looks_too_far_is_refused():
    with pytest.raises(MemoryError, match="looks 512 pixels far, too far for tiles of 4096"):
        make_tiles(1000, 1000, max_pixels=4096, halo=512, align=8)


def test_no_memory_at_all_is_refused_alike():
    with pytest.raises(MemoryError, match="too far for tiles of 0 pixels"):
        make_tiles(32, 32, max_pixels=0, halo=7, align=8)


@pytest.mark.parametrize("border", ["zeros", "reflect"])
@pytest.mark.parametrize("kernel", [1, 3, 7, 31])
def test_the_radius_of_a_convolution_is_half_its_kernel(kernel, border):
    network = torch.nn.Conv2d(1, 1, kernel, padding=kernel // 2, padding_mode=border)
    assert receptive_radius(network, align=1, largest=16) == kernel // 2


@pytest.mark.parametrize("kernel", [(1, 9), (9, 1)])
def test_the_radius_is_that_of_the_farther_axis(kernel):
    network = torch.nn.Conv2d(1, 1, kernel, padding=tuple(side // 2 for side in kernel))
    assert receptive_radius(network, align=1, largest=16) == 4


def test_a_network_that_looks_at_everything_is_noticed():
    class Global(torch.nn.Conv2d):
        def forward(self, images):
            return super().forward(images) + images.mean()

    assert receptive_radius(Global(1, 1, 1), align=1, largest=16) >= 16


def test_nothing_beyond_the_radius_changes_a_prediction():
    network = make_super_resolution_network("compact", 2)
    for weights in network.decoder[-1].parameters():
        torch.nn.init.normal_(weights)
    radius = receptive_radius(network, align=network.side_multiple)
    image = torch.zeros(1, 1, 96, 96)
    changed = image.clone()
    changed[..., 40, 40] = 1e3
    with torch.inference_mode():
        difference = (network(changed) - network(image)).abs()[0, 0]
    touched = difference.amax(dim=1).nonzero()
    assert 81 - radius <= int(touched.min())
    assert int(touched.max()) <= 80 + radius


def test_moments_are_those_of_numpy(rng):
    values = rng.normal(5.0, 2.0, (10, 4, 3))
    moments = Moments()
    for value in values:
        moments.add(value)
    np.testing.assert_allclose(moments.mean, values.mean(axis=0))
    np.testing.assert_allclose(moments.std(), values.std(axis=0))
