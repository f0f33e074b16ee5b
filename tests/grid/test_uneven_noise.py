"""Noise that is stronger in some places: what is found, and what is not taken for it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.grid import colour_of_image, find_uneven_noise
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import estimate_noise

SIDE = 160


def camera(side=SIDE):
    """Return the middle of a photograph, of mean 1."""
    image = data.camera()[200 : 200 + side, 180 : 180 + side].astype(float)
    return image / image.mean()


def averaged(clean, counts, rng):
    """Return an average of four frames, of which all but one miss the right quarter."""
    frames = np.where(np.arange(clean.shape[1]) < 3 * clean.shape[1] // 4, 4, 1)
    return rng.poisson(clean * counts * frames) / (counts * frames)


def factors_of(noisy):
    """Return what is found with the noise that is read off an image."""
    noise = estimate_noise(noisy)
    return find_uneven_noise(noisy, noise.variance_at, noise.a, colour_of_image(noisy))


@pytest.mark.parametrize("blur", [0.0, 0.5])
def test_where_fewer_frames_were_averaged_noise_is_twice_as_strong(rng, blur):
    clean = datasets.make_hrem((192, 192), dose=np.inf, random_state=0)[0]
    for counts in (0.5, 4, 50):
        factors = factors_of(gaussian_filter(averaged(clean, counts, rng), blur))
        inside, outside = np.median(factors[:, :120]), np.median(factors[:, 168:])
        assert outside / inside == pytest.approx(2, rel=0.2)


@pytest.mark.parametrize("scene", ["hrem", "te", "camera", "vacuum"])
@pytest.mark.parametrize("counts", [0.1, 2, 20])
def test_even_noise_is_no_uneven_noise(scene, counts):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        if scene == "hrem":
            clean = datasets.make_hrem((SIDE, SIDE), dose=np.inf, random_state=seed)[0]
        elif scene == "te":
            clean = datasets.make_stem("te", (SIDE, SIDE), dose=np.inf, random_state=seed)[0]
        else:
            clean = camera()
        clean = np.maximum(clean, 0) / clean.mean()
        if scene == "vacuum":
            clean[:, SIDE // 2 :] = 0.05
        factors = factors_of(rng.poisson(counts * clean) / counts)
        if factors is not None:
            assert np.mean(np.abs(np.log(factors)) > 0.1) < 0.05


@pytest.mark.parametrize("name", ["gravel", "brick", "coins"])
@pytest.mark.parametrize("counts", [10, 100, 1000])
def test_texture_is_hardly_noise(name, counts):
    image = getattr(data, name)()[:256, :256].astype(float)
    noisy = np.random.default_rng(0).poisson(counts * image / image.mean())
    factors = factors_of(noisy.astype(float))
    assert factors is None or np.mean(np.abs(np.log(factors)) > 0.1) < 0.05


def test_nothing_is_told_of_what_was_filled_in(rng):
    noisy = averaged(np.ones((SIDE, SIDE)), 4, rng)
    valid = np.broadcast_to(np.arange(SIDE) < 100, noisy.shape)
    factors = find_uneven_noise(noisy, lambda clean: clean / 16, valid=valid)
    assert factors is None or np.abs(np.log(factors[:, 120:])).max() < 0.05


def test_small_images_are_even(rng):
    assert find_uneven_noise(rng.normal(size=(40, 400)), np.ones_like) is None


def test_an_average_with_fewer_frames_at_a_border_is_denoised_everywhere():
    """One strength of noise leaves it at the border, 3 to 4 dB worse than no filter at all."""
    for seed in range(3):
        noisy = averaged(camera(), 2, np.random.default_rng(seed))
        denoised = VSTBM3D().fit_transform(noisy)
        border = np.s_[:, 130:]
        assert psnr(camera()[border], denoised[border]) > 6 + psnr(camera()[border], noisy[border])


def test_a_constant_image_has_no_noise():
    assert find_uneven_noise(np.full((128, 128), 3.0), np.ones_like) is None
