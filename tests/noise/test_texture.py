"""Texture that passed for noise, and noise that is none."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import VSTBM3D
from sk_noise2sr._middle import middle_of
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import estimate_noise

SCENES = ("coins", "text", "page", "camera", "brick")


def scene(name):
    image = middle_of(getattr(data, name)().astype(float), 192)
    return (image - image.min()) / np.ptp(image)


@pytest.mark.parametrize("name", SCENES)
def test_weak_noise_of_a_photograph_is_hardly_taken_for_stronger(name, rng):
    """Of coins it was 2.7 times as strong before texture was taken off."""
    clean = scene(name)
    noisy = clean + rng.normal(scale=0.01, size=clean.shape)
    assert 0.0095 < np.sqrt(estimate_noise(noisy).variance) < 0.02


@pytest.mark.parametrize("name", SCENES)
def test_strong_noise_is_what_it_was(name, rng):
    clean = scene(name)
    noisy = clean + rng.normal(scale=0.1, size=clean.shape)
    assert 0.098 < np.sqrt(estimate_noise(noisy).variance) < 0.108


@pytest.mark.parametrize("spread", [0.6, 1.0])
def test_smooth_noise_is_no_texture(spread, rng):
    clean = scene("brick")
    noise = gaussian_filter(rng.normal(size=clean.shape), spread)
    noisy = clean + 0.05 * noise / noise.std()
    denoised = VSTBM3D().fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 2


@pytest.mark.filterwarnings("ignore:The image breaks off")
@pytest.mark.parametrize(("name", "best"), [("text", 40.0), ("coins", 35.0), ("page", 40.0)])
def test_texture_under_weak_noise_is_kept(name, best, rng):
    clean = scene(name)
    noisy = clean + rng.normal(scale=0.01, size=clean.shape)
    assert psnr(clean, VSTBM3D().fit_transform(noisy)) > best


@pytest.mark.parametrize("offset", [0.0, -40.0])
def test_the_estimate_commutes_with_gain_and_offset(offset, rng):
    noisy = scene("coins") + rng.normal(scale=0.01, size=(192, 192))
    one, other = estimate_noise(noisy), estimate_noise(30 * noisy + offset)
    assert other.variance == pytest.approx(900 * one.variance, rel=1e-3)


@pytest.mark.parametrize("fill", [0.0, 0.3])
def test_filled_pixels_are_no_quiet_places(fill, rng):
    noisy = scene("coins") + rng.normal(scale=0.01, size=(192, 192))
    valid = np.ones_like(noisy, dtype=bool)
    valid[60:130, 60:130] = False
    filled = np.where(valid, noisy, fill)
    assert estimate_noise(filled, valid=valid).variance > 0.8 * 0.01**2


def test_an_image_without_noise_still_has_a_little_of_what_passes_for_it():
    assert 0 < estimate_noise(scene("coins")).variance < 0.02**2


@pytest.mark.parametrize("name", ["chelsea", "text", "coins"])
def test_a_photograph_with_hardly_any_noise_comes_out_as_it_is(name):
    image = getattr(data, name)()[:320, :320].astype(float)
    image = image.mean(axis=2) if image.ndim == 3 else image
    assert psnr(image, VSTBM3D().fit_transform(image)) > 42
