"""OnePassDenoiser: what it adds to the contract of the steps in test_steps."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Noise, Noise2SR, datasets
from sk_noise2sr.compose import OnePassDenoiser
from sk_noise2sr.datasets import make_movie
from sk_noise2sr.metrics import psnr


def one_pass(teacher=None, **parameters):
    small = {"epochs": 6, "n_features": 8, "random_state": 0, "verbose": 0}
    return OnePassDenoiser(teacher or VSTBM3D(), **{**small, **parameters})


@pytest.fixture(scope="module")
def frames():
    """Return a still scene, clean and under two draws of noise."""
    clean, _ = datasets.make_hrem((96, 96), random_state=0)
    rng = np.random.default_rng(1)
    return clean, *(rng.poisson(30 * clean) / 30 for _ in range(2))


@pytest.fixture(scope="module")
def fitted(frames):
    return one_pass().fit(frames[1])


def test_a_frame_not_seen_in_fit_is_denoised_almost_as_by_the_teacher(fitted, frames):
    clean, _, fresh = frames
    taught = psnr(clean, fitted.transform(fresh))
    assert taught > psnr(clean, fitted.denoiser_.transform(fresh)) - 1.5
    assert taught > psnr(clean, fresh) + 8


def test_a_frame_takes_one_pass_of_the_network(fitted, frames):
    passes = []
    hook = fitted.student_.network_.register_forward_hook(lambda *_: passes.append(1))
    fitted.transform(np.stack(frames))
    hook.remove()
    assert len(passes) == 3


def test_the_noise_to_learn_from_is_that_of_the_frames(fitted):
    assert fitted.student_.noise.a == pytest.approx(1 / 30, rel=0.5)


def test_another_scene_is_adapted_to_at_a_tenth_of_the_steps(fitted):
    clean, _ = datasets.make_hrem((96, 96), random_state=3)
    frame, fresh = (np.random.default_rng(seed).poisson(30 * clean) / 30 for seed in (5, 6))
    denoiser = pickle.loads(pickle.dumps(fitted))
    before = psnr(clean, denoiser.transform(fresh))
    denoiser.partial_fit(frame)
    assert denoiser.student_.n_iter_ == fitted.student_.n_iter_ // 10 == 12
    assert psnr(clean, denoiser.transform(fresh)) > before + 0.2


def test_intensities_of_another_unit_are_adapted_to(frames, fitted):
    denoiser = pickle.loads(pickle.dumps(fitted))
    denoiser.denoiser_.fit(10 * frames[2])
    denoiser.partial_fit(10 * frames[2])
    assert denoiser.student_.noise.a == pytest.approx(10 / 30, rel=0.5)
    assert denoiser.transform(10 * frames[1]).mean() == pytest.approx(10, rel=0.05)


def test_a_frame_that_cannot_be_learned_from_changes_nothing(frames, fitted, monkeypatch):
    before = fitted.denoiser_, fitted.student_, fitted.transform(frames[2])
    with monkeypatch.context() as patch:
        patch.setattr("sk_noise2sr.engine._fit.judge", lambda *errors: "it is no good")
        with pytest.raises(RuntimeError, match="could not be adapted"):
            fitted.partial_fit(frames[2])
    assert (fitted.denoiser_, fitted.student_) == before[:2]
    np.testing.assert_array_equal(fitted.transform(frames[2]), before[2])


def test_same_seed_same_image_and_the_first_call_of_partial_fit_is_a_fit(frames):
    frame = frames[1][:48, :48]
    short = {"teacher": AdaptiveWiener(3), "epochs": 1}
    expected = one_pass(**short).fit(frame).transform(frame)
    np.testing.assert_array_equal(one_pass(**short).partial_fit(frame).transform(frame), expected)
    other = one_pass(**short, random_state=1).fit(frame).transform(frame)
    assert not np.array_equal(other, expected)


def test_pickles_keep_it_and_clones_do_not(frames, fitted):
    expected = fitted.transform(frames[2])
    same = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(same.transform(frames[2]), expected)
    assert not hasattr(clone(fitted), "student_")


def test_a_teacher_that_wants_a_target_gets_it(fast, frames):
    denoiser = one_pass(fast(Noise2Noise, epochs=1))
    assert get_tags(denoiser).target_tags.required
    denoised = denoiser.fit(frames[1], frames[2]).transform(frames[1])
    assert psnr(frames[0], denoised) > psnr(frames[0], frames[1]) + 3


@pytest.mark.parametrize("teacher", [AdaptiveWiener(3), Noise2SR(epochs=1, verbose=0)])
def test_constant_frames_teach_nothing_and_come_back(teacher):
    image = np.full((20, 30), 7.0)
    denoiser = one_pass(teacher).fit(image)
    np.testing.assert_array_equal(denoiser.transform(image), image)


def test_frames_without_noise_are_learned_as_they_are():
    image = np.kron(np.arange(16).reshape(4, 4) % 5, np.ones((12, 12))).astype(float)
    denoised = one_pass(AdaptiveWiener(3, noise=0.1), epochs=3).fit(image).transform(image)
    assert psnr(image, denoised) > 15


def test_a_student_of_movies_sees_neighbours(hurried):
    movie = make_movie("drift", (40, 32), 6, random_state=0)[1]
    teacher = hurried(Noise2SR, context=1)
    student = OnePassDenoiser(teacher, epochs=10, random_state=0, verbose=0).fit(movie)
    denoised = student.transform(movie)
    assert student.context_ == student.denoiser_.context_
    assert denoised.shape == movie.shape
    np.testing.assert_array_equal(np.stack(list(student.transform_frames(movie))), denoised)
    altered = movie.copy()
    altered[5] += 1 + movie[4]
    changed = np.any(student.transform(altered) != denoised, axis=(1, 2))
    np.testing.assert_array_equal(changed, [False, False, False, False, True, True])
    assert student.partial_fit(movie[:3]).transform(movie[0]).shape == (40, 32)
