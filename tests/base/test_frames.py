"""Frames of unlike gain, offset and dose in one stack."""

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.grid import Levels
from sk_noise2sr.persistence import load, save

GAINS = np.array([1.0, 1000.0, 30.0])[:, np.newaxis, np.newaxis]
OFFSETS = np.array([0.0, 100.0, -50.0])[:, np.newaxis, np.newaxis]


@pytest.fixture(scope="module")
def frames():
    scenes = [datasets.make_hrem((64, 64), random_state=seed) for seed in range(3)]
    return np.stack([noisy for _, noisy in scenes]).astype(float)


def at_doses(*doses):
    """Return frames as they come from a counting camera, clean and noisy."""
    scenes = [
        [dose * image for image in datasets.make_hrem((96, 96), dose=8 * dose, random_state=0)]
        for dose in doses
    ]
    return (np.stack(images).astype(float) for images in zip(*scenes, strict=True))


@pytest.mark.parametrize("denoiser", [VSTBM3D(), AdaptiveWiener()], ids=["vstbm3d", "wiener"])
def test_filters_serve_each_frame_by_its_own_noise(frames, denoiser):
    for stack in (GAINS * frames, frames + OFFSETS, list(at_doses(1, 0.1, 0.02))[1]):
        together = denoiser.fit(stack).transform(stack)
        alone = np.stack([denoiser.fit_transform(frame) for frame in stack])
        np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-9 * np.ptp(stack))


def test_a_network_sees_each_frame_at_common_intensities(frames, fast, tmp_path):
    denoiser = fast(Noise2SR, refine=True, epochs=4).fit(GAINS * frames + OFFSETS)
    denoised = (denoiser.transform(GAINS * frames + OFFSETS) - OFFSETS) / GAINS
    for result, noisy in zip(denoised, frames, strict=True):
        assert result.mean() == pytest.approx(noisy.mean(), rel=0.05)
        assert 0.02 < result.std() < noisy.std()
    save(denoiser, tmp_path / "fit.safetensors")
    again = load(tmp_path / "fit.safetensors").transform(GAINS * frames + OFFSETS)
    np.testing.assert_array_equal((again - OFFSETS) / GAINS, denoised)
    alone = denoiser.transform(7 * frames[0] - 3)
    np.testing.assert_allclose((alone + 3) / 7, denoised[0], atol=1e-3 * frames.std())


def test_frames_that_are_alike_stay_as_they_are(frames, hurried):
    assert Levels.fit(frames) is None
    assert hurried(Noise2SR).fit(frames).fit_.levels is None
    assert VSTBM3D().fit(frames).alike_


def test_frames_that_no_one_fit_serves_are_named(hurried):
    _, noisy = at_doses(1, 1, 0.02)
    with pytest.warns(UserWarning, match="Frame 2 of 3: far more or less noise"):
        hurried(Noise2SR).fit(noisy)


def test_constant_frames_are_named(frames):
    stack = np.concatenate([frames, np.zeros((1, 64, 64))])
    with pytest.warns(UserWarning, match="Frame 3 of 4: a single value in all pixels"):
        denoised = AdaptiveWiener().fit_transform(stack)
    np.testing.assert_array_equal(denoised[3], 0)
