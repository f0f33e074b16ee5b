"""Shares of estimates that the noisy image tells."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.metrics import psnr
from sk_noise2sr.refine._mixture import find_shares


@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_the_mixture_is_as_good_as_the_best_of_its_parts(colour):
    """Three blurs; noise that is white, or smooth along rows."""

    def estimates(image):
        return [gaussian_filter(image, sigma) for sigma in (0.5, 1.5, 4.0)]

    for seed in range(3):
        rng = np.random.default_rng(seed)
        clean = 30 * gaussian_filter(rng.normal(size=(128, 128)), 3)
        noise, more = (gaussian_filter(rng.normal(size=clean.shape), (0, colour)) for _ in "ab")
        made = np.stack([each.ravel() for each in estimates(clean + noise)], axis=1)
        shares = find_shares(estimates, clean + noise, more, (1 / 3, 1 / 3, 1 / 3))
        assert sum(shares) == pytest.approx(1)
        alone = np.mean((made - clean.reshape(-1, 1)) ** 2, axis=0)
        assert np.mean((made @ shares - clean.ravel()) ** 2) < 1.02 * alone.min()


def test_where_the_image_tells_nothing_shares_are_the_usual_ones(rng):
    image, noise = rng.normal(size=(2, 16, 16))
    shares = find_shares(lambda noisy: [noisy, noisy], image, noise, (0.3, 0.7))
    assert shares == pytest.approx((0.3, 0.7))


def test_a_sharp_image_is_handed_over_as_far_as_the_network_is_worse():
    clean = data.camera()[60:156, 180:276].astype(float)
    noisy = clean + 25 * np.random.default_rng(0).normal(size=clean.shape)
    denoiser = Noise2SR(epochs=8, M=8, random_state=0, verbose=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        denoised = denoiser.fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, VSTBM3D().fit_transform(noisy)) - 0.2
    told = any(
        "of the result is that of VSTBM3D(refine=False)" in str(each.message) for each in said
    )
    assert told == (denoiser.filter_.shares[2] > 0.5)
    blurred = denoiser.filter_.with_mixture(noisy, lambda image: gaussian_filter(image, 6))
    assert blurred.shares[2] > 0.5
    assert sum(blurred.shares) == pytest.approx(1)
