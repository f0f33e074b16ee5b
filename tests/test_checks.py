"""Arrays that are no images, or whose axes stand in another order, are told."""

import contextlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning

from sk_noise2sr import AdaptiveWiener, Noise2SR
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import estimate_noise


@pytest.mark.parametrize(
    ("n", "advice"), [(5, r"np\.moveaxis\(X, -1, 0\)"), (1, r"X\[\.\.\., 0\]")]
)
def test_images_whose_number_stands_last_are_told(rng, n, advice):
    told = pytest.warns(UserWarning, match=rf"taken for 64 images of 48 x {n}, .* give {advice}")
    with told, contextlib.suppress(ValueError):  # a line is no image
        AdaptiveWiener(window=3).fit(rng.normal(size=(64, 48, n)))


def test_three_equal_channels_are_grey(rng):
    grey = rng.normal(size=(48, 40))
    denoised = AdaptiveWiener().fit_transform(np.repeat(grey[..., np.newaxis], 3, axis=2))
    np.testing.assert_array_equal(denoised, AdaptiveWiener().fit_transform(grey))


def test_a_fit_of_hardly_any_step_warns(fast, noisy):
    with pytest.warns(ConvergenceWarning, match=r"took \d+ of 2000000 steps before max_time"):
        fast(Noise2SR, epochs=50_000, max_time=0.5, refine=False).fit(noisy)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda X: X.astype("M8[s]"), "got times"),
        (lambda X: X.astype("m8[s]"), "got times"),
        (lambda X: torch.tensor(X, requires_grad=True), "Give X.detach"),
        (lambda X: torch.tensor(X, dtype=torch.bfloat16), "Give X.detach"),
        (lambda X: X + 1j, "real intensities"),
        (lambda X: X.astype(str), "numeric"),
        (lambda X: np.full(X.shape, "atom", object), "could not convert|numeric"),
    ],
)
def test_what_holds_no_numbers_is_told(rng, spoil, words):
    X = spoil(rng.normal(size=(32, 32)))
    with pytest.raises(ValueError, match=words):
        AdaptiveWiener().fit(X)
    for function in (estimate_noise, partial(psnr, np.ones((32, 32)))):
        with pytest.raises(ValueError, match=r"^Expected .* Give |could not convert string"):
            function(X)


def test_numbers_in_any_wrapping_are_read(rng):
    X = rng.normal(size=(32, 32))
    expected = estimate_noise(X)
    for wrapped in (X.astype(object), torch.tensor(X), X.astype(">f8"), X.tolist()):
        assert estimate_noise(wrapped) == expected
        assert psnr(wrapped, wrapped) == np.inf


@pytest.mark.parametrize("denoiser_class", [AdaptiveWiener, Noise2SR])
def test_long_floats_are_denoised_as_doubles(hurried, noisy, denoiser_class):
    make = hurried if denoiser_class is Noise2SR else lambda each: each()
    denoised = make(denoiser_class).fit_transform(noisy.astype(np.longdouble))
    np.testing.assert_array_equal(denoised, make(denoiser_class).fit_transform(noisy))
    assert denoised.dtype == np.float64


def test_masked_pixels_are_not_scored_in_silence(rng):
    X = np.ma.masked_greater(rng.normal(size=(32, 32)), 1)
    with pytest.raises(ValueError, match="Crop or fill"):
        psnr(X, X)


@pytest.mark.parametrize("read", [AdaptiveWiener().fit, estimate_noise])
@pytest.mark.parametrize(
    ("images", "words"),
    [
        ([np.ones((8, 8)), np.ones((8, 9))], r"a stack of images of one size \(.*\)\. Give"),
        (([1, 2], [3]), r"a stack of images of one size \(.*\)\. Give"),
        ("frame.tif", r"got the name 'frame\.tif'\. Read the file first"),
        (Path("frame.tif"), r"got the name 'frame\.tif'\. Read the file first"),
    ],
)
def test_what_is_no_array_gets_one_sentence(read, images, words):
    with pytest.raises(ValueError, match=words):
        read(images)
