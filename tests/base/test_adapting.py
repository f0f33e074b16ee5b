"""Fits that end early, go on, or adapt to the next frame."""

import numpy as np
import pytest
from scipy import ndimage

from sk_noise2sr import ZSN2N, Noise2Noise, Noise2SR, datasets
from sk_noise2sr.metrics import psnr


@pytest.fixture(scope="module")
def frames():
    """Return a still scene, clean and under two draws of noise."""
    clean, _ = datasets.make_hrem((96, 96), random_state=0)
    rng = np.random.default_rng(1)
    return clean, *(rng.poisson(60 * clean) / 60 for _ in range(2))


@pytest.mark.slow
def test_a_training_without_progress_ends_early(fast, frames):
    clean, noisy, _ = frames
    full = fast(Noise2SR, epochs=10).fit(noisy)
    early = fast(Noise2SR, epochs=10, tol=0.001, patience=10).fit(noisy)
    assert early.n_iter_ < full.n_iter_ == 400
    assert psnr(clean, early.transform(noisy)) > psnr(clean, full.transform(noisy)) - 1.5


def test_patience_is_counted_in_looks(fast, frames):
    """No fit makes the error a hundredth of itself: it ends once patience is used up."""
    denoiser = fast(Noise2SR, epochs=10, tol=0.99, patience=25).fit(frames[1])
    asked = 400 // 50 * (1 + 25)
    assert denoiser.n_iter_ == asked + asked // 4


def test_no_progress_asked_for_is_none_missed(fast, frames):
    assert fast(ZSN2N, epochs=2).fit(frames[1]).n_iter_ == 80


def test_a_warm_start_goes_on_from_the_last_weights(fast, frames):
    denoiser = fast(Noise2SR, warm_start=True, epochs=6)
    cold, warm = (denoiser.fit(frames[1]).history_[:40] for _ in range(2))
    assert np.mean([step["loss"] for step in warm]) < 0.98 * np.mean([s["loss"] for s in cold])


def test_a_warm_start_goes_on_with_a_movie_that_is_binned(fast, frames, rng):
    movie = rng.poisson(8 * np.tile(frames[0], (4, 1, 1))).astype(float)
    denoiser = fast(Noise2SR, warm_start=True, context=1, binning="auto", epochs=4)
    cold, warm = (np.mean([s["loss"] for s in denoiser.fit(movie).history_]) for _ in range(2))
    assert denoiser.binning_ > 1
    assert warm < 0.99 * cold


def test_a_warm_start_with_other_frames_around_begins_anew(hurried):
    _, movie = datasets.make_movie("drift", (64, 64), 5, random_state=0)
    denoiser = hurried(Noise2SR, warm_start=True, context="auto").fit(movie)
    assert denoiser.fit(movie[0]).transform(movie[0]).shape == (64, 64)


def test_another_scene_is_adapted_to_at_a_tenth_of_the_steps(fast, frames):
    clean, noisy = datasets.make_hrem((96, 96), dose=5000, defocus=3, random_state=3)
    denoiser = fast(Noise2SR, epochs=10, crop_size=32).fit(frames[1])  # gains 1.1 dB, s.d. 0.05
    before = psnr(clean, denoiser.transform(noisy))
    assert denoiser.partial_fit(2 * noisy + 5).n_iter_ == 40
    assert psnr(clean, (denoiser.transform(2 * noisy + 5) - 5) / 2) > before + 0.1


def test_an_adapted_denoiser_is_one_that_repeats(hurried, frames):
    _, first, second = frames
    results = [
        hurried(Noise2SR).fit(first).partial_fit(second).partial_fit(first).transform(first)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*results)


def test_the_first_call_is_a_fit(hurried, frames):
    fitted, adapted = hurried(ZSN2N).fit(frames[1]), hurried(ZSN2N).partial_fit(frames[1])
    np.testing.assert_array_equal(fitted.transform(frames[1]), adapted.transform(frames[1]))


def test_a_target_is_asked_for_again(fast, frames):
    _, first, second = frames
    denoiser = fast(Noise2Noise).fit(first, second)
    with pytest.raises(ValueError, match="Noise2Noise requires y"):
        denoiser.partial_fit(first)
    assert denoiser.partial_fit(second, first).n_iter_ == 8


def test_a_failed_adaption_leaves_the_denoiser_as_it_was(fast, frames):
    _, first, second = frames
    denoiser = fast(Noise2SR, epochs=6).fit(first)
    before = denoiser.transform(second)
    with pytest.raises(RuntimeError, match="could not be adapted"):
        denoiser.set_params(training__learning_rate=1e6, training__schedule="constant").partial_fit(
            second
        )
    np.testing.assert_array_equal(denoiser.transform(second), before)


def test_a_constant_frame_teaches_nothing(hurried, frames):
    denoiser = hurried(Noise2SR).fit(frames[1])
    before = denoiser.transform(frames[1])
    denoiser.partial_fit(np.ones((96, 96)))
    np.testing.assert_array_equal(denoiser.transform(frames[1]), before)


def test_the_binning_stays(frames):
    rng = np.random.default_rng(0)
    smooth = np.kron(rng.normal(size=(12, 12)), np.ones((8, 8))) + rng.normal(size=(96, 96))
    denoiser = Noise2SR(epochs=3, M=4, random_state=0, verbose=0, binning=2.5).fit(frames[1])
    assert denoiser.partial_fit(smooth).binning_ == 2.5


def test_a_factor_for_each_axis_stays_and_so_does_the_network():
    smooth, noise = (np.random.default_rng(seed).normal(size=(256, 128)) for seed in range(2))
    smooth = ndimage.gaussian_filter(smooth, (6, 2))
    frame = smooth / smooth.std() + noise
    denoiser = Noise2SR(epochs=3, M=4, random_state=0, verbose=0, refine=False).fit(frame)
    height, width = factors = denoiser.grid_.factors
    assert height > 1.4 * width
    assert denoiser.binning_ == pytest.approx(np.sqrt(height * width))
    assert denoiser.transform(frame).shape == frame.shape
    assert denoiser.partial_fit(frame[::-1]).grid_.factors == factors


@pytest.mark.parametrize("change", [{"stride": 3}, {"binning": 1.5}])
def test_another_network_or_binning_starts_afresh(hurried, frames, change):
    warm = hurried(Noise2SR, warm_start=True).fit(frames[1]).set_params(**change).fit(frames[1])
    cold = hurried(Noise2SR, **change).fit(frames[1])
    np.testing.assert_array_equal(warm.transform(frames[1]), cold.transform(frames[1]))
