"""psnr, ssim and rmse: the paper's conventions."""

import numpy as np
import pytest

from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.metrics import psnr, rmse, ssim
from sk_noise2sr.noise import PoissonGaussian

RAMP = np.arange(100.0).reshape(10, 10)
METRICS = [psnr, ssim, rmse]


def test_psnr_of_an_error_of_one_tenth_of_the_range_is_20_db():
    assert psnr(RAMP, RAMP + 9.9) == pytest.approx(20)


def test_psnr_with_a_wider_range_is_higher():
    assert psnr(RAMP, RAMP + 9.9, data_range=990) == pytest.approx(40)


def test_equal_images_are_perfect():
    assert psnr(RAMP, RAMP) == np.inf
    assert ssim(RAMP, RAMP) == pytest.approx(1)
    assert rmse(RAMP, RAMP) == 0


def test_rmse_is_in_units_of_the_image():
    assert rmse(RAMP, RAMP - 3) == 3


def test_ssim_of_one_window_by_its_formula():
    """On 7 x 7 pixels there is one window, so that equation 13 of Wang et al. is the result."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(2, 7, 7))
    c1, c2 = (0.01 * np.ptp(x)) ** 2, (0.03 * np.ptp(x)) ** 2
    (variance_x, covariance), (_, variance_y) = np.cov(x.ravel(), y.ravel())
    luminance = (2 * x.mean() * y.mean() + c1) / (x.mean() ** 2 + y.mean() ** 2 + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    assert ssim(x, y) == pytest.approx(luminance * structure)


def test_each_image_of_a_stack_has_its_own_range():
    """Both images err by a tenth of their own range, though one is 1000 times brighter."""
    stack = np.stack([RAMP, 1000 * RAMP])
    assert psnr(stack, 0.9 * stack) == pytest.approx(psnr(RAMP, 0.9 * RAMP))
    assert ssim(stack, 0.9 * stack) == pytest.approx(ssim(RAMP, 0.9 * RAMP))


def test_rmse_of_a_stack_is_over_all_pixels():
    """One image errs by 3 and one by 4: sqrt((9 + 16) / 2)."""
    assert rmse([RAMP, RAMP], [RAMP + 3, RAMP - 4]) == pytest.approx(np.sqrt(12.5))


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_a_gain_of_both_images_changes_nothing(metric):
    noisy = RAMP + np.random.default_rng(0).normal(0, 5, RAMP.shape)
    assert metric(3 * RAMP, 3 * noisy) == pytest.approx(metric(RAMP, noisy))


@pytest.mark.parametrize("metric", METRICS)
def test_types_are_widened_before_the_difference(metric):
    """In uint8 arithmetic 0 - 1 would be 255, and float16 would round the mean."""
    low, high = RAMP.astype(np.uint8), (RAMP + 1).astype(np.uint8)
    assert metric(low, high) == pytest.approx(metric(RAMP, RAMP + 1))
    assert metric(low, high.astype(np.float16)) == pytest.approx(metric(RAMP, RAMP + 1))


@pytest.mark.parametrize("a", [0.1, 0.05, 0.02])
@pytest.mark.parametrize("form", ["gaussian", "poisson"])
def test_psnr_of_a_noisy_image_is_known_from_the_statistics_of_the_clean_one(a, form):
    """The mean squared error is the mean variance, a mean(x) + b**2: the paper's noisy row."""
    clean, _ = make_hrem((256, 256), random_state=0)
    clean = np.interp(clean, (clean.min(), clean.max()), (0.25, 0.75))
    noisy = PoissonGaussian(a, b=0.02).sample(clean, random_state=0, form=form)
    expected = 10 * np.log10(0.5**2 / (a * clean.mean() + 0.02**2))
    assert psnr(clean, noisy) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("reference", "image", "message"),
    [
        (RAMP, RAMP[:, 1:], r"reference of shape \(10, 10\) and an image of shape \(10, 9\)"),
        (RAMP, np.full_like(RAMP, np.nan), "got NaN or infinity in the image"),
        (np.full_like(RAMP, np.inf), RAMP, "got NaN or infinity in the reference"),
        (RAMP[0], RAMP[0], r"a stack \(n, height, width\) with at least one pixel, got shape"),
        (RAMP[:0], RAMP[:0], "at least one pixel, got shape"),
    ],
)
def test_says_what_is_wrong_with_the_images(metric, reference, image, message):
    with pytest.raises(ValueError, match=message):
        metric(reference, image)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_a_constant_reference_has_no_range_unless_given(metric):
    constant = np.ones((8, 8))
    with pytest.raises(ValueError, match=r"The reference is constant.*Give data_range"):
        metric(constant, constant)
    assert metric(constant, constant, data_range=1) > 0
    with pytest.raises(ValueError, match="Expected a finite data_range above 0, got -1"):
        metric(constant, constant, data_range=-1)


def test_ssim_needs_room_for_its_window():
    with pytest.raises(ValueError, match="at least 7 pixels, got an image of 6 x 10"):
        ssim(RAMP[:6], RAMP[:6])


@pytest.mark.parametrize("metric", [psnr, ssim, rmse])
def test_intensities_whose_squares_are_no_numbers_are_told(metric, rng):
    clean, noisy = rng.normal(size=(2, 32, 32))
    with pytest.raises(ValueError, match=r"at most 1e\+150.* Divide both by a constant"):
        metric(clean * 1e200, noisy * 1e200)
    assert np.isfinite(metric(clean * 1e140, noisy * 1e140))
