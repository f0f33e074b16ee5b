"""Noise that was smoothed, that rows share, or that is known, before Noise2SR."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.metrics import psnr


@pytest.mark.parametrize("seed", range(2))
def test_noise_that_neighbours_share_is_not_learned(seed):
    """On a lattice, no sampling of the noisy pixels themselves comes near white noise."""
    clean = np.zeros((96, 96))
    clean[4::8, 4::8] = 50
    clean = gaussian_filter(clean, 1.5)
    noise = np.random.default_rng(seed).normal(0, 1.5, clean.shape)
    noisy = clean + gaussian_filter(noise, 0.7)

    def quality(sampling):
        settings = {"epochs": 8, "binning": 1, "refine": False, "random_state": 0, "verbose": 0}
        return psnr(clean, Noise2SR(sampling=sampling, **settings).fit_transform(noisy))

    assert quality("auto") > max(quality("random"), quality("rows")) + 4


@pytest.mark.slow
def test_noise_of_whole_rows_that_are_not_levelled_is_kept_by_random_and_not_by_rows():
    clean = datasets.make_stem("te", (128, 128), dose=np.inf, random_state=0)[0].astype(float)
    rng = np.random.default_rng(0)
    noisy = clean + clean.std() * (rng.normal(size=(128, 1)) + 0.5 * rng.normal(size=clean.shape))
    random, rows = (
        Noise2SR(
            sampling=sampling, epochs=30, refine=False, M=16, random_state=0, verbose=0
        ).fit_transform(noisy, mask="none")
        for sampling in ("random", "rows")
    )
    assert psnr(clean, rows) > psnr(clean, random) + 0.5


def smoothed_photograph(seed):
    clean = data.camera()[60:188, 160:288].astype(float)
    noisy = clean + np.random.default_rng(seed).normal(0, 25, clean.shape)
    return gaussian_filter(clean, 0.5), gaussian_filter(noisy, 0.5)


def smoothed_micrograph(seed):
    clean, _ = datasets.make_hrem((160, 160), dose=np.inf, random_state=0)
    noisy = datasets.record(clean, 32, spread=1.2, random_state=seed)
    return gaussian_filter(clean, 1.2), noisy


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("make", [smoothed_photograph, smoothed_micrograph])
def test_an_image_whose_noise_was_smoothed_is_better_than_any_blur(make, seed):
    """Held-out pixels tell little there, and the filter knows the colour of the noise."""
    clean, noisy = make(seed)
    blurs = [gaussian_filter(noisy, width) for width in (0.4, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        denoised = Noise2SR(epochs=4, M=4, random_state=0, verbose=0).fit_transform(noisy)
    assert psnr(clean, denoised) > max(psnr(clean, blur) for blur in blurs) + 1


def test_texture_is_no_smooth_noise_where_the_noise_is_known():
    """Neither for the grid of the network nor for the filter."""
    clean = data.grass()[:128, :128] / 255
    noisy = clean + 0.03 * np.random.default_rng(0).normal(size=clean.shape)
    settings = {"epochs": 24, "M": 4, "random_state": 0, "verbose": 0}
    known = Noise2SR(noise=(0, 0.03), **settings).fit(noisy)
    assert (known.grid_.colour, known.grid_.binning) == (None, 1)
    assert known.score(noisy, clean) > psnr(clean, noisy)


def test_noise_that_is_no_pair_is_refused(noisy):
    with pytest.raises(ValueError, match="pair"):
        Noise2SR(noise=(1, 2, 3), verbose=0).fit(noisy)
