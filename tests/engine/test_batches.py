"""Crops: turned copies of windows that lie inside the image."""

import math

import pytest
import torch

from sk_noise2sr.engine import CropSampler


def sampler(shape=(3, 1, 20, 30), crop_size=8, symmetries="dihedral", side_multiple=2, **options):
    images = torch.arange(float(torch.Size(shape).numel())).reshape(shape) + 1
    targets = torch.ones(1, 1, *shape[-2:], dtype=torch.bool)
    return CropSampler(
        images,
        targets,
        crop_size=crop_size,
        side_multiple=side_multiple,
        batch_size=4,
        symmetries=symmetries,
        seed=0,
        **options,
    )


def test_crops_are_windows_of_the_images():
    crops = sampler(symmetries="none")
    for _ in range(20):
        for crop in crops.batch(0.0).noisy:
            first = int(crop[0, 0, 0]) - 1
            n, row, column = first // 600, first % 600 // 30, first % 30
            window = crops.noisy[n, :, row : row + 8, column : column + 8]
            assert torch.equal(crop, window)


def test_every_corner_is_reached():
    seen = torch.zeros(20, 30, dtype=torch.bool)
    crops = sampler(shape=(1, 1, 20, 30))
    for _ in range(1500):
        seen.view(-1)[crops.batch(0.0).noisy.long().ravel() - 1] = True
    assert seen.all()


def test_turns_move_pixels_and_make_none():
    crops = sampler(shape=(1, 1, 8, 8))
    orders = {tuple(crop.ravel().tolist()) for _ in range(60) for crop in crops.batch(0.0).noisy}
    assert len(orders) == 8
    assert all(sorted(order) == sorted(crops.noisy.ravel().tolist()) for order in orders)


@pytest.mark.parametrize(
    ("shape", "expected"), [((1, 1, 7, 300), {(6, 8), (8, 6)}), ((1, 1, 9, 5), {(8, 4), (4, 8)})]
)
def test_crops_of_small_images_are_cut_to_the_multiple_and_never_padded(shape, expected):
    crops = sampler(shape=shape)
    assert {tuple(crops.batch(0.0).noisy.shape[-2:]) for _ in range(30)} == expected


def test_targets_turn_with_the_image():
    crops = sampler(shape=(1, 1, 16, 16))
    crops.targets = (crops.noisy % 3 != 0)[:1]
    batch = crops.batch(0.0)
    assert torch.equal(batch.targets, batch.noisy % 3 != 0)


@pytest.mark.parametrize("symmetries", ["dihedral", "leaky_rotation", "none"])
def test_a_reference_is_cropped_and_turned_with_its_own_image(symmetries):
    """In a stack, on odd sides: pixel on pixel, and never that of another image."""
    images = torch.rand(3, 1, 21, 30) + torch.arange(3.0)[:, None, None, None]
    crops = CropSampler(
        images,
        (images[:1] % 1) < 0.5,
        -2 * images,
        crop_size=9,
        side_multiple=1,
        batch_size=3,
        symmetries=symmetries,
        seed=0,
    )
    windows = set()
    for _ in range(40):
        batch = crops.batch(0.0)
        assert torch.equal(batch.reference, -2 * batch.noisy)
        first = batch.noisy[(batch.noisy > 0) & (batch.noisy < 1)]
        held_out = ~batch.targets[(batch.noisy > 0) & (batch.noisy < 1)]
        assert (first[held_out] >= 0.5).all()
        windows |= {float(crop.max().floor()) for crop in batch.noisy}
    assert windows == {0, 1, 2}


def test_without_a_reference_there_is_none():
    assert sampler().batch(0.0).reference is None


@pytest.mark.parametrize("symmetries", ["dihedral", "none"])
def test_a_crop_without_bounds_is_the_whole_image(symmetries):
    crops = sampler(shape=(1, 1, 13, 20), crop_size=math.inf, symmetries=symmetries)
    assert crops.sides == [12, 20]
    values = crops.noisy[..., :12, :].ravel().tolist()
    for _ in range(10):
        for crop in crops.batch(0.0).noisy:
            turned = sorted(crop.ravel().tolist())
            assert turned == values or turned == crops.noisy[..., 1:, :].ravel().tolist()


def test_the_published_rotation_repeats_pixels_and_fills_with_zeros():
    """The leak that the name of the option warns of: some pixels occur twice in a crop."""
    crops = sampler(shape=(1, 1, 64, 64), crop_size=64, symmetries="leaky_rotation")
    repeated = filled = 0
    for _ in range(10):
        for crop in crops.batch(0.0).noisy:
            values = crop[crop > 0]
            repeated += len(values) - len(values.unique())
            filled += int((crop == 0).sum())
    assert repeated > 0
    assert filled > 0


def test_the_same_seed_gives_the_same_crops():
    first, second = sampler(), sampler()
    for _ in range(3):
        assert torch.equal(first.batch(0.0).noisy, second.batch(0.0).noisy)
