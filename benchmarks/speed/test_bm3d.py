"""Time of block matching and collaborative filtering, alone and as a denoiser.

Run with ``make bench``. Each has a loose check of the result: a fast wrong answer is no record.
"""

import numpy as np
import pytest
from skimage.data import camera

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.filters import bm3d
from sk_noise2sr.metrics import psnr


@pytest.mark.parametrize("profile", ["normal", "high_noise", "crystal"])
def test_photograph(benchmark, profile):
    clean = camera().astype(float)
    noisy = clean + np.random.default_rng(0).normal(0, 25, clean.shape)
    denoised = benchmark.pedantic(bm3d, args=(noisy, 25), kwargs={"profile": profile}, rounds=1)
    assert psnr(clean, denoised, data_range=255) > 29.3


@pytest.mark.parametrize("binning", ["auto", 1])
def test_frame(benchmark, binning):
    """A frame of the size of those of the paper, with nothing known of its noise."""
    clean, noisy = datasets.make_hrem((832, 896), random_state=0)
    denoiser = VSTBM3D(binning=binning)
    denoised = benchmark.pedantic(denoiser.fit_transform, args=(noisy,), rounds=1)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 16
