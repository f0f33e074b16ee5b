"""Offsets of whole rows are found, and structure is taken for none."""

from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.grid import LineOffsets, find_row_offsets

Y, X = np.mgrid[:192, :192]
LAYERS = np.add.accumulate(np.random.default_rng(1).normal(size=13))[Y // 16]
# Scenes of mean 1, that have planes, layers or lines of text along the rows.
SCENES = {
    "planes": 1 + 0.5 * np.cos(2 * np.pi * Y / 6),
    "fine planes": 1 + 0.5 * np.cos(2 * np.pi * Y / 4.3),
    "lattice": 1 + 0.4 * np.cos(2 * np.pi * Y / 9) + 0.4 * np.cos(2 * np.pi * X / 8.5),
    "layers": 1 + gaussian_filter(LAYERS, 1) / 4,
    "sharp layers": 1 + LAYERS / 4,
    "page": data.page()[:, :192] / data.page().mean(),
    "camera": data.camera()[100:292, 100:292] / data.camera().mean(),
    "brick": data.brick()[:192, :192] / data.brick().mean(),
}


@pytest.mark.parametrize("shape", [(128, 256), (200, 256), (512, 64)])
@pytest.mark.parametrize("strength", [0.3, 1.0, 5.0])
def test_row_offsets_are_found_to_the_strength_of_noise(rng, shape, strength):
    offsets = strength * rng.normal(size=shape[0])
    image = rng.normal(size=shape) + offsets[:, np.newaxis] + 7
    found = find_row_offsets(image)
    assert found.strength == pytest.approx(strength, rel=0.35)
    assert found.noise == pytest.approx(1 / np.sqrt(shape[1]), rel=0.1)
    assert found.offsets.mean() == pytest.approx(0, abs=1e-9)
    assert (offsets - found.offsets).std() < 1.4 * found.noise + 0.2 * strength
    np.testing.assert_allclose(find_row_offsets(3 * image - 50).offsets, 3 * found.offsets)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scene", [make_hrem, partial(make_stem, "te"), partial(make_stem, "mfi")])
def test_noise_alone_has_no_offsets(scene, seed):
    noisy = scene(shape=(128, 128), random_state=seed)[1]
    assert not LineOffsets.find(noisy).any()


@pytest.mark.parametrize("counts", [1, 8, 100])
@pytest.mark.parametrize("name", SCENES)
def test_structure_along_rows_is_no_offset(name, counts):
    rng = np.random.default_rng(counts)
    scene = np.maximum(SCENES[name], 0)
    noisy = rng.poisson(scene * counts) / counts
    found = LineOffsets.find(noisy)
    removed = noisy - found.subtract(noisy)
    assert removed.std() < 0.1 / np.sqrt(counts)  # a tenth of the noise of a pixel


@pytest.mark.parametrize("name", SCENES)
def test_structure_under_offsets_stays(name):
    rng = np.random.default_rng(0)
    noisy = rng.poisson(np.maximum(SCENES[name], 0) * 20) / 20
    offsets = 0.4 * np.sqrt(1 / 20) * rng.normal(size=(len(noisy), 1))
    lifted = noisy + offsets
    left = LineOffsets.find(lifted).subtract(lifted) - noisy
    assert left.std() < 0.75 * offsets.std()


def test_faint_noise_of_an_enlarged_image_has_no_offsets(rng):
    enlarged = gaussian_filter(rng.normal(size=(192, 192)), 1.5)
    assert not LineOffsets.find(enlarged).any()


def test_images_whose_rows_are_all_alike_have_no_offsets(rng):
    row = rng.normal(size=192)
    image = np.tile(row, (192, 1))
    assert not LineOffsets.find(image).any()
    assert not find_row_offsets(rng.permuted(image, axis=1)).strength  # the same sum in each


@pytest.mark.parametrize("shape", [(1, 1), (4, 9), (20, 1), (6, 6), (30, 300)])
def test_small_and_flat_images_have_no_offsets(shape):
    assert not LineOffsets.find(np.ones(shape)).any()
