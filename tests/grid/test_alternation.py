"""Lines that are in turn too bright and too dark, and structure that is not."""

from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.compose import ScanLineCorrector
from sk_noise2sr.grid import Alternation, LineOffsets
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import diagnose

SIDE = 160
Y, X = np.mgrid[:SIDE, :SIDE]
CAMERA = data.camera()[100 : 100 + SIDE, 100 : 100 + SIDE] / data.camera().mean()
SCENES = {
    "camera": CAMERA,
    "page": data.page()[:SIDE, :SIDE] / data.page().mean(),
    "brick": data.brick()[:SIDE, :SIDE] / data.brick().mean(),
    "planes": 1 + 0.5 * np.cos(2 * np.pi * Y / 2.1),
    "lattice": 1 + 0.4 * np.cos(2 * np.pi * Y / 4) + 0.4 * np.cos(2 * np.pi * X / 4),
    "vacuum": np.where(X < SIDE // 2, 0.02, CAMERA),
}
SIGNS = np.where(np.arange(SIDE) % 2, -1.0, 1.0)[:, np.newaxis]


def noisy_scene(name, counts, seed=0):
    return np.random.default_rng(seed).poisson(SCENES[name] * counts) / counts


@pytest.mark.parametrize("name", [name for name in SCENES if name != "planes"])
@pytest.mark.parametrize("counts", [0.5, 8])
def test_offsets_of_lines_in_turn_are_removed(name, counts):
    noisy = noisy_scene(name, counts)
    for turned in (noisy, noisy.T):
        lifted = turned + SIGNS * 0.2 * turned.std()
        left = Alternation.find(lifted).subtract(lifted) - turned
        assert left.std() < 0.2 * (lifted - turned).std()


def test_gains_of_lines_in_turn_are_evened():
    noisy = noisy_scene("camera", 8)
    uneven = noisy * (1 + 0.05 * SIGNS)
    found = Alternation.find(uneven)
    assert found.offset == pytest.approx(0.05 * found.mean, rel=0.25)
    assert 0.02 < found.slope < 0.06  # noise and fine detail have that gain too, and keep it
    left, before = (each - noisy for each in (found.subtract(uneven), uneven))
    assert left.std() < 0.6 * before.std()


@pytest.mark.parametrize("name", SCENES)
def test_pictures_have_none(name):
    for counts in (0.2, 2, 50):
        for seed in range(10):
            noisy = noisy_scene(name, counts, seed)
            assert not Alternation.find(noisy).any()
            assert not Alternation.find(noisy.T).any()


@pytest.mark.parametrize("scene", [datasets.make_hrem, partial(datasets.make_stem, "te")])
def test_smooth_noise_has_none(scene):
    for seed in range(5):
        noisy = gaussian_filter(scene(shape=(128, 128), random_state=seed)[1], 0.7)
        assert not LineOffsets.find(noisy).any()


def test_what_is_as_strong_as_twice_the_noise_is_meant_to_be_there(rng):
    assert not Alternation.find(SIGNS + 0.3 * rng.normal(size=(SIDE, SIDE))).any()
    assert not Alternation.find(SIGNS * np.ones(SIDE)).any()


def test_gain_and_offset_of_an_image_are_those_of_what_is_removed():
    lifted = noisy_scene("camera", 4) * (1 + 0.05 * SIGNS) + 0.1 * SIGNS
    removed = lifted - Alternation.find(lifted).subtract(lifted)
    changed = 1e3 * lifted - 5e4
    np.testing.assert_allclose(
        changed - Alternation.find(changed).subtract(changed), 1e3 * removed, atol=1e-6
    )


@pytest.mark.parametrize("shape", [(1, 1), (4, 100), (15, 15), (40, 3)])
def test_small_and_flat_images_have_none(shape, rng):
    assert not Alternation.find(rng.normal(size=shape)).any()
    assert not Alternation.find(np.ones((40, 40))).any()


def test_an_interlaced_frame_is_denoised_as_a_straight_one():
    noisy = noisy_scene("camera", 4)
    lifted = noisy + 0.2 * SIGNS
    with pytest.warns(UserWarning, match="Whole rows are too bright or too dark, by 0.5"):
        denoised = VSTBM3D().fit_transform(lifted)
    straight = psnr(CAMERA, VSTBM3D().fit_transform(noisy))
    assert psnr(CAMERA, denoised) == pytest.approx(straight, abs=0.1)
    assert psnr(CAMERA, VSTBM3D().fit_transform(lifted, mask="none")) < straight - 0.5


def test_steps_and_the_diagnosis_know_of_it():
    lifted = noisy_scene("camera", 4) + 0.2 * SIGNS
    corrector = ScanLineCorrector().fit(lifted)
    assert corrector.offsets_[0] == pytest.approx(0.2 * SIGNS[:, 0], abs=0.03)
    diagnosis = diagnose(lifted)
    noise = np.sqrt(CAMERA.mean() / 4)
    assert diagnosis.offsets["rows"] == pytest.approx(0.2 / noise, rel=0.15)
    assert any("Whole rows are too bright or too dark" in said for said in diagnosis.warnings)
