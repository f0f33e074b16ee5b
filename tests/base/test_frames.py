"""Frames of unlike gain, offset and dose in one stack."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, SupervisedDenoiser, datasets
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
        assert 0 < result.std() < noisy.std()
    save(denoiser, tmp_path / "fit.safetensors")
    again = load(tmp_path / "fit.safetensors").transform(GAINS * frames + OFFSETS)
    np.testing.assert_array_equal((again - OFFSETS) / GAINS, denoised)
    alone = denoiser.transform(7 * frames[0] - 3)
    np.testing.assert_allclose((alone + 3) / 7, denoised[0], atol=1e-3 * frames.std())


def test_each_dose_has_its_network_where_the_noise_is_known_too(hurried):
    _, noisy = at_doses(1, 0.02)
    denoiser = hurried(Noise2SR, noise=(1 / 8, 0), refine=True).fit(noisy)
    assert [fit.frames for fit in denoiser.fit_.each] == [[0], [1]]
    assert all(fit.levels is None and fit.filter.known for fit in denoiser.fit_.each)
    assert denoiser.transform(noisy).shape == noisy.shape


def test_frames_that_are_alike_stay_as_they_are(frames, hurried):
    assert Levels.fit(frames) is None
    assert hurried(Noise2SR).fit(frames).fit_.levels is None
    assert VSTBM3D().fit(frames).alike_


@pytest.fixture(scope="module")
def doses():
    """Return noisy frames of one scene at two doses, the brighter one twice."""
    return np.stack([noisy.astype(float) for noisy in list(at_doses(1, 0.02, 1))[1]])


def test_each_dose_has_a_network_of_its_own(doses, hurried, tmp_path):
    denoiser = hurried(Noise2SR, refine=True, held_out=0.02, epochs=10)
    with pytest.warns(UserWarning, match="trains 2 networks, for frames 0, 2; 1 of 3"):
        denoised = denoiser.fit(doses).transform(doses)
    assert [fit.frames for fit in denoiser.fit_.each] == [[0, 2], [1]]
    np.testing.assert_array_equal(denoised[1], clone(denoiser).fit_transform(doses[1]))
    np.testing.assert_array_equal(denoised[[0, 2]], clone(denoiser).fit_transform(doses[[0, 2]]))
    save(denoiser, tmp_path / "fit.safetensors")
    for again in (load(tmp_path / "fit.safetensors"), pickle.loads(pickle.dumps(denoiser))):
        np.testing.assert_array_equal(again.transform(doses), denoised)
    scores = [denoiser.score(frame) for frame in doses]
    assert denoiser.score(doses) == pytest.approx(np.mean(scores), abs=0.5)


def test_a_frame_adapts_the_network_of_its_dose(doses, hurried):
    with pytest.warns(UserWarning, match="trains 2 networks"):
        denoiser = hurried(Noise2SR).fit(doses)
    before = denoiser.fit_
    denoiser.partial_fit(doses[1])
    assert denoiser.fit_.network is before.network
    assert denoiser.fit_.others[0].network is not before.others[0].network


def test_a_target_goes_with_its_frame(doses, hurried):
    clean = np.stack([image.astype(float) for image in next(at_doses(1, 0.02, 1))])
    with pytest.warns(UserWarning, match="trains 2 networks"):
        denoiser = hurried(SupervisedDenoiser, crop_size=32).fit(doses, clean)
    assert denoiser.transform(doses).shape == doses.shape


def test_constant_frames_are_named(frames):
    stack = np.concatenate([frames, np.zeros((1, 64, 64))])
    with pytest.warns(UserWarning, match="Frame 3 of 4: a single value in all pixels"):
        denoised = AdaptiveWiener().fit_transform(stack)
    np.testing.assert_array_equal(denoised[3], 0)


@pytest.mark.parametrize("context", [0, 1])
def test_a_frame_that_fails_is_named(hurried, rng, context):
    movie = rng.poisson(9 + 3 * np.sin(np.arange(48) / 2), (6, 48, 48)).astype("float32")
    denoiser = hurried(Noise2SR, context=context).fit(movie)
    movie[2] = np.nan
    with pytest.raises(ValueError, match=r"^Frame 2: Input X contains NaN"):
        list(denoiser.transform_frames(movie))


def test_frames_need_a_fit():
    with pytest.raises(NotFittedError, match="This Noise2SR instance is not fitted yet"):
        Noise2SR().transform_frames([])
