"""What is learned of a movie: whether neighbours help, lag of the camera, cuts, drift."""

import warnings

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR
from sk_noise2sr.datasets import make_movie
from sk_noise2sr.grid import WorkingGrid
from sk_noise2sr.movies import Context, linked


def learn(movie, reach="auto"):
    grid = WorkingGrid.fit(movie, binning="auto", stride=2, standardize=True)
    prepared = grid.prepare(movie)
    return Context.learn(reach, movie, prepared), prepared


def links_of(context, prepared):
    return [link for _, link in linked(torch.from_numpy(prepared)[:, None], context)]


@pytest.mark.parametrize("kind", ["still", "drift", "rotation"])
@pytest.mark.parametrize("seed", range(3))
def test_movies_are_seen_with_their_neighbours(kind, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        context, prepared = learn(make_movie(kind, (128, 128), 6, random_state=seed)[1])
    assert (context.reach, context.gap) == (2, 0)
    assert not any(link.cut or any(link.step) for link in links_of(context, prepared))


@pytest.mark.parametrize("seed", range(3))
def test_unordered_images_and_noise_are_seen_alone(seed):
    images = [
        make_movie("rotation", (96, 96), 1, random_state=10 * seed + k)[1][0] for k in range(6)
    ]
    turned = [np.roll(np.rot90(image, k), 48 * (k % 2)) for k, image in enumerate(images)]
    assert learn(np.stack(turned))[0] is None
    assert learn(np.random.default_rng(seed).normal(size=(6, 64, 64)))[0] is None


@pytest.mark.parametrize(("lag", "gaps"), [(0.0, {0}), (0.1, {1}), (0.3, {2, 3}), (0.5, {3, 4, 5})])
@pytest.mark.parametrize("kind", ["still", "rotation"])
def test_frames_that_the_camera_remembers_are_left_out(lag, gaps, kind):
    movie = make_movie(kind, (128, 128), 12, lag=lag, random_state=1)[1]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        context, _ = learn(movie, reach=1)
    assert context.gap in gaps
    assert ("a camera that remembers" in str([each.message for each in told])) == (lag > 0)
    assert np.abs(context.neighbours([context.link(*movie[:2])] * 12).frames[6] - 6).min() > min(
        gaps
    )


def test_a_movie_shorter_than_the_memory_is_seen_alone():
    movie = make_movie("still", (96, 96), 3, lag=0.6, random_state=0)[1]
    with pytest.warns(UserWarning, match="share noise"):
        assert learn(movie, reach=2)[0] is None


def test_a_cut_is_found():
    scenes = [make_movie("still", (96, 96), 4, random_state=seed)[1] for seed in (0, 1)]
    scenes[1] = np.swapaxes(scenes[1], 1, 2)[:, ::-1]
    context, prepared = learn(np.concatenate(scenes), reach=2)
    assert [link.cut for link in links_of(context, prepared)] == [False] * 4 + [True] + [False] * 3


@pytest.mark.parametrize("step", [4, -5])
def test_a_fast_drift_is_measured_and_told(step):
    wide = make_movie("rotation", (96, 160), 6, random_state=2)[1]
    starts = 32 + step * np.arange(6)
    movie = np.stack([one[:, start : start + 96] for one, start in zip(wide, starts, strict=True)])
    with pytest.warns(UserWarning, match="displaced by up to"):
        context, prepared = learn(movie, reach=1)
    steps = np.array([link.step for link in links_of(context, prepared)])[1:]
    factor = 96 / prepared.shape[2]
    assert np.abs(np.median(steps[:, 1]) * factor + step) <= factor
    assert np.median(steps[:, 0]) == 0


def test_a_constant_frame_is_cut_out():
    movie = make_movie("still", (64, 64), 5, random_state=0)[1]
    movie[2] = 1
    context, prepared = learn(movie, reach=1)
    assert [link.cut for link in links_of(context, prepared)] == [False, False, True, True, False]


def test_frames_of_another_size_are_another_scene():
    movie = make_movie("rotation", (64, 64), 6, random_state=0)[1]
    denoiser = Noise2SR(context=1, epochs=1, M=2, random_state=0, verbose=0).fit(movie)
    frames = [*movie[:3], *movie[3:5, :50], movie[5, :, :40]]
    denoised = list(denoiser.transform_frames(iter(frames)))
    np.testing.assert_array_equal(denoised[:3], denoiser.transform(movie[:3]))
    np.testing.assert_array_equal(denoised[3:5], denoiser.transform(movie[3:5, :50]))
    np.testing.assert_array_equal(denoised[5], denoiser.transform(movie[5, :, :40]))
