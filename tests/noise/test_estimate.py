"""estimate_noise: figures that come out, what they do not depend on, and bad input."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import Anscombe, PoissonGaussian, diagnose, estimate_noise


@pytest.fixture(scope="module")
def big():
    """Return a clean image of 400 x 420 pixels."""
    return datasets.make_hrem((400, 420), dose=np.inf, random_state=1)[0].astype(float)


@pytest.fixture(scope="module")
def frame(big):
    return PoissonGaussian(0.1, 0.1).sample(big, 0)


@pytest.mark.parametrize("form", ["gaussian", "poisson"])
@pytest.mark.parametrize("a", [0.3, 0.1, 0.01])
def test_finds_the_noise(big, a, form):
    b = 0.3 * np.sqrt(a)
    noisy = PoissonGaussian(a, b).sample(big, 3, form=form)
    for offset in (0, None):
        noise = estimate_noise(noisy, offset)
        assert noise.variance == pytest.approx(a * big.mean() + b**2, rel=0.015)
        assert noise.a == pytest.approx(a, rel=0.25)
        assert abs(noise.a - a) < 3 * noise.a_std
        assert noise.a_std < 0.15 * a


@pytest.mark.parametrize("counts", [0.05, 0.3, 100])
def test_finds_the_noise_at_any_dose(counts):
    _, noisy = datasets.make_hrem((300, 300), dose=100 * counts, random_state=2)
    noise = estimate_noise(noisy, offset=0)
    assert noise.variance == pytest.approx(noisy.mean() / counts, rel=0.05)
    assert noise.a == pytest.approx(1 / counts, rel=0.25)


@pytest.mark.parametrize("seed", [9, 13])
def test_places_without_a_count_do_not_pass_for_the_noise(seed):
    clean, noisy = datasets.make_stem("mor", (192, 192), random_state=seed)  # 0.06 counts a pixel
    assert estimate_noise(noisy).variance == pytest.approx(np.var(noisy - clean), rel=0.1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("counts", [1, 5, 20])
@pytest.mark.parametrize("radius", [75, 60, 45])
def test_vacuum_without_a_count_tells_nothing_of_noise(radius, counts, seed):
    """A particle covers 0.69 to 0.25 of the image."""
    away = np.hypot(*(np.indices((160, 160)) - 80))
    noisy = np.random.default_rng(seed).poisson(np.where(away < radius, counts, 0.0))
    for gain, offset in ((1, None), (0.3, None), (1, 0.0)):
        noise = estimate_noise(gain * noisy, offset)
        assert noise.variance == pytest.approx(gain**2 * noisy.mean(), rel=0.12)


def test_a_particle_in_vacuum_without_a_count_is_denoised():
    row, column = np.indices((160, 160))
    particle = 1 + 0.8 * np.cos(row / 1.6) * np.cos(column / 1.6)
    particle[np.hypot(row - 80, column - 80) > 55] = 0
    noisy = np.random.default_rng(0).poisson(particle).astype(float)
    blurred = max(psnr(particle, gaussian_filter(noisy, sigma)) for sigma in (0.5, 0.8, 1.2))
    assert psnr(particle, VSTBM3D().fit_transform(noisy)) > blurred + 3


@pytest.mark.parametrize("value", [0.0, 5.0, 50.0])
def test_padding_tells_nothing_of_noise(value, rng):
    noisy = np.full((128, 256), value)
    noisy[:, :100] = rng.normal(5, 2, (128, 100))
    assert estimate_noise(noisy).variance_at(5) == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("crystal", ["te", "mfi"])
@pytest.mark.parametrize("dose", [250, 500])
def test_sparse_counts_are_no_structure(crystal, dose):  # 0.01 to 0.1 a pixel
    for seed in range(10):
        clean, noisy = datasets.make_stem(crystal, (192, 192), dose=dose, random_state=seed)
        assert estimate_noise(noisy).variance == pytest.approx(np.var(noisy - clean), rel=0.08)


@pytest.mark.parametrize("blur", [1.0, 2.0])
def test_an_afterglow_of_sparse_counts_is_no_structure(blur):
    shares = []
    for seed in range(10):
        scene = {"dose": 1000, "detector_blur": blur, "random_state": seed}
        clean, noisy = datasets.make_stem("mfi", (192, 192), **scene)
        shares.append(estimate_noise(noisy).variance / np.var(noisy - clean))
    assert max(shares) < 1.25 * min(shares)


def test_no_draw_is_far_off():  # one class of cells in a hundred differs by three standard errors
    for seed in range(30):
        clean = datasets.make_stem("mor", (256, 256), random_state=seed)[0].astype(float)
        clean /= clean.mean()
        noisy = PoissonGaussian(0.3, 0.02).sample(clean, seed)
        assert estimate_noise(noisy).variance == pytest.approx(0.3, rel=0.035)


def test_error_bars_cover_the_truth_two_times_in_three():
    """Of 60 images 40 are expected within one error, with a spread of 4."""
    deviations = []
    for seed in range(60):
        clean, _ = datasets.make_hrem((96, 96), dose=np.inf, random_state=seed)
        noise = estimate_noise(PoissonGaussian(0.1, 0.1).sample(clean, seed))
        truth = 0.1 * noise.mean + 0.01
        deviations.append(
            [(noise.variance - truth) / noise.variance_std, (noise.a - 0.1) / noise.a_std]
        )
    within = np.mean(np.abs(deviations) < 1, axis=0)
    assert (within > 0.53).all()
    assert (within < 0.87).all()


def test_gain_and_offset_of_the_image_give_the_same_stabilised_image(frame):
    plain = estimate_noise(frame).anscombe().transform(frame)
    for gain, offset in [(1000, 0), (0.01, -3), (7, 1e4)]:
        image = gain * frame + offset
        noise = estimate_noise(image)
        np.testing.assert_allclose(noise.anscombe().transform(image), plain, atol=1e-6)
        assert noise.b == 0 or noise.offset == 0


@pytest.mark.parametrize("scene", ["hrem", "photograph"])
def test_inverted_contrast_has_the_same_noise(frame, scene):
    if scene == "photograph":  # of four counts a pixel
        frame = np.random.default_rng(0).poisson(data.camera() / 32)
    noise, inverted = estimate_noise(frame), estimate_noise(50 - frame)
    assert inverted.variance == pytest.approx(noise.variance)
    assert inverted.a == pytest.approx(-noise.a)
    assert inverted.variance_at(50 - noise.mean) == pytest.approx(noise.variance)
    assert inverted.anscombe().transform(50 - frame) == pytest.approx(
        -noise.anscombe().transform(frame)
    )


def test_normal_noise_is_no_inverted_contrast(big):
    for seed in range(20):
        noisy = big + 0.3 * np.random.default_rng(seed).normal(size=big.shape)
        assert estimate_noise(noisy).a > -0.03 * estimate_noise(noisy).variance / np.ptp(big)


def test_the_stabilised_noise_has_deviation_one(big):
    noisy = PoissonGaussian(0.02, 0.1).sample(big, 0, form="poisson")
    anscombe = estimate_noise(noisy).anscombe()
    noise = anscombe.transform(noisy) - anscombe.transform(big)
    bright = big > np.median(big)
    assert noise[bright].std() == pytest.approx(1, abs=0.03)
    assert noise[~bright].std() == pytest.approx(1, abs=0.03)


def test_one_line_whether_written_with_offset_or_with_b(frame):
    for image in (frame, frame + 5):
        noise = estimate_noise(image)
        written = noise.a * (noise.mean - noise.offset) + noise.b**2
        assert written == pytest.approx(noise.variance, rel=1e-9)
        assert noise.variance_at(noise.mean) == noise.variance
        same = Anscombe(noise.a, noise.b, noise.offset)
        back = noise.anscombe().inverse_transform(noise.anscombe().transform(image))
        np.testing.assert_allclose(same.inverse_transform(same.transform(image)), back, atol=1e-9)
    assert estimate_noise(frame + 5).offset > 4


def test_a_known_offset_is_kept(frame):
    noise = estimate_noise(frame + 5, offset=5)
    assert noise.offset == 5
    assert noise.a == pytest.approx(estimate_noise(frame, offset=0).a)
    assert str(noise).startswith("variance 0.1")


@pytest.mark.parametrize(
    ("sigma", "tolerance"), [(25, 0.06), pytest.param(10, 0.06, marks=pytest.mark.slow)]
)
def test_sharp_photographs(sigma, tolerance):
    image = data.camera().astype(float)
    noise = estimate_noise(image + np.random.default_rng(0).normal(0, sigma, image.shape))
    assert noise.variance == pytest.approx(sigma**2, rel=tolerance)
    assert noise.a * np.ptp(image) < 0.15 * sigma**2


def test_lattices_with_black_ground():
    """Scanned atoms on next to nothing: most pixels hold no count."""
    atoms = np.sin(np.pi * np.arange(300) / 14) ** 4
    clean = 3 * np.outer(atoms, atoms) + 0.01
    noise = estimate_noise(np.random.default_rng(0).poisson(clean), offset=0)
    assert noise.variance == pytest.approx(clean.mean(), rel=0.05)
    assert noise.a == pytest.approx(1, rel=0.05)


def test_an_image_of_even_intensity_has_a_variance_and_no_slope(rng):
    noise = estimate_noise(rng.normal(5, 2, (200, 200)))
    assert noise.variance == pytest.approx(4, rel=0.04)
    assert abs(noise.a) < 3 * noise.a_std


def test_hot_pixels_do_little_harm(frame, rng):
    hot = frame.copy()
    hot[rng.integers(0, 400, 20), rng.integers(0, 400, 20)] = 1000
    hot[rng.integers(0, 400, 5), rng.integers(0, 400, 5)] = frame.max() + 1
    plain, noise = estimate_noise(frame), estimate_noise(hot)
    assert noise.variance == pytest.approx(plain.variance, rel=0.015)
    assert abs(noise.a - plain.a) < plain.a_std


def test_a_bright_spot_does_little_harm(frame):
    plain = estimate_noise(frame)
    rows, columns = np.mgrid[: frame.shape[0], : frame.shape[1]]
    spot = 1e3 * np.exp(-((rows - 100) ** 2 + (columns - 90) ** 2) / 2)
    assert estimate_noise(frame + spot).variance == pytest.approx(plain.variance, rel=0.05)


def test_a_stack_is_looked_at_together(big):
    stack = np.stack([PoissonGaussian(0.1, 0.1).sample(big[:280, :300], n) for n in range(3)])
    noise, one = estimate_noise(stack), estimate_noise(stack[0])
    assert noise.a_std < 0.7 * one.a_std
    assert abs(noise.a - 0.1) < 3 * noise.a_std


def test_of_a_large_image_a_part_is_enough(rng):
    clean = np.tile(np.linspace(1, 2, 2000), (2500, 1))
    noise = estimate_noise(PoissonGaussian(0.1, 0.1).sample(clean, rng))
    assert noise.variance == pytest.approx(0.16, rel=0.01)
    assert noise.a == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(
    ("image", "offset", "message"),
    [
        (np.full((40, 40), 7.0), None, "Expected an image with noise, got 7 in every pixel"),
        (np.ones((1, 40)), None, "Expected sides of at least 2 pixels"),
        (np.ones(40), None, r"Expected an image \(height, width\) or a stack"),
        (np.full((40, 40), np.nan), None, "finite numbers, got NaN"),
        (np.eye(40), 1.0, "Expected offset to be None or a number below the mean"),
        (np.eye(40), "0", "Expected offset to be None or a number below the mean"),
        (np.pad([[1.0]], 40), None, "at least 0.02 counts a pixel, found none"),
    ],
)
def test_says_what_is_wrong(image, offset, message):
    with pytest.raises(ValueError, match=message):
        estimate_noise(image, offset)


def test_small_images_have_one_strength_of_noise(rng):
    images = 5 + 0.5 * rng.normal(size=(40, 16, 20))
    noise = estimate_noise(images)
    assert noise.a == 0
    assert abs(noise.variance - 0.25) < 3 * noise.variance_std < 0.05


def test_pixels_that_are_not_valid_do_not_count():
    clean = np.tile(np.linspace(1, 9, 256), (128, 1))
    noisy = PoissonGaussian(a=0.05, b=0.1).sample(clean, random_state=0)
    valid = np.ones(noisy.shape, dtype=bool)
    valid[:, 100:180] = False
    alone = estimate_noise(np.where(valid, noisy, clean), valid=valid)
    assert alone.a == pytest.approx(0.05, rel=0.15)
    assert alone.variance == pytest.approx(0.26, rel=0.1)
    assert estimate_noise(np.where(valid, noisy, clean)).variance < 0.9 * alone.variance


def test_too_few_valid_pixels_get_one_sentence(rng):
    image, valid = rng.normal(size=(64, 64)), np.zeros((64, 64), bool)
    valid[:, ::8] = valid[:, 1::8] = True
    with pytest.raises(ValueError, match="patches of 5 x 5 valid pixels"):
        estimate_noise(image, valid=valid)
    with pytest.raises(ValueError, match="of the shape"):
        estimate_noise(image, valid=valid[1:])


def test_blank_frames_of_a_movie_are_left_out(noisy):
    blank = np.zeros_like(noisy)
    movie, valid = np.stack([noisy, blank, noisy[::-1]]), np.ones((3, *noisy.shape), dtype=bool)
    expected = estimate_noise(movie[::2])
    assert estimate_noise(movie) == expected
    assert estimate_noise(movie, valid=valid) == estimate_noise(movie[::2], valid=valid[::2])
    assert diagnose(movie).noise == expected
    with pytest.raises(ValueError, match="got 0 in every pixel"):
        estimate_noise(np.stack([blank, blank]))


def test_intensities_whose_squares_are_no_numbers_are_told(noisy):
    with pytest.raises(ValueError, match=r"at most 1e\+150.* Divide them by a constant"):
        estimate_noise(noisy.astype(float) * 1e200)
    assert estimate_noise(noisy.astype(float) * 1e140).variance > 0


def test_structure_is_taken_off_the_noise_of_counts_and_outliers_are_not(rng):
    """Faint hot pixels that nobody finds are noise, stronger than that of counts."""
    grass = data.grass()[:192, :192] / data.grass().mean()
    textured = rng.poisson(64 * grass)
    assert estimate_noise(textured).variance < 0.8 * estimate_noise(textured + 0.5).variance
    flat = rng.poisson(np.full((192, 192), 4.0))
    hot = flat + rng.poisson(20, flat.shape) * (rng.random(flat.shape) < 0.005)
    assert estimate_noise(hot).variance == pytest.approx(estimate_noise(hot + 0.5).variance)
