"""bm3d: what it computes, by an obvious implementation, and how well it denoises."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter
from scipy.signal.windows import kaiser
from skimage.data import camera

from sk_noise2sr.filters import _bm3d, _groups, bm3d, nl_bayes
from sk_noise2sr.filters._profiles import PROFILES
from sk_noise2sr.metrics import psnr


def haar(group):
    """Transform along the first axis: means and differences of pairs, again and again."""
    if len(group) == 1:
        return group
    pairs = (group[::2] + group[1::2]) / np.sqrt(2), (group[::2] - group[1::2]) / np.sqrt(2)
    return np.concatenate([haar(pairs[0]), pairs[1]])


def inverse_haar(group):
    if len(group) == 1:
        return group
    means, differences = inverse_haar(group[: len(group) // 2]), group[len(group) // 2 :]
    pairs = (means + differences) / np.sqrt(2), (means - differences) / np.sqrt(2)
    return np.stack(pairs, axis=1).reshape(group.shape)


def filter_once(noisy, guide, stage):
    """One stage of BM3D, block by block; the noise has a standard deviation of 1."""
    size = stage.block
    corners = [side - size + 1 for side in noisy.shape]
    window = np.outer(kaiser(size, 2.0), kaiser(size, 2.0))
    total, weights = np.zeros_like(noisy), np.zeros_like(noisy)

    def block(image, where):
        cut = image[where[0] : where[0] + size, where[1] : where[1] + size]
        return dctn(cut, norm="ortho")

    def compared(where):
        coefficients = block(noisy if guide is None else guide, where)
        return np.where(np.abs(coefficients) >= stage.block_threshold, coefficients, 0)

    for reference in np.ndindex(*corners):
        if reference[0] % stage.step or reference[1] % stage.step:
            continue
        near = [
            (np.sum((compared(where) - compared(reference)) ** 2), where)
            for where in np.ndindex(*corners)
            if max(abs(where[0] - reference[0]), abs(where[1] - reference[1])) <= stage.radius
        ]
        close = [where for far, where in sorted(near) if far <= stage.farthest * size**2]
        close = close[: min(stage.n_matches, 2 ** int(np.log2(len(close))))]
        group = haar(np.stack([block(noisy, where) for where in close]))
        if guide is None:
            factors = (np.abs(group) > stage.threshold).astype(float)
        else:
            power = haar(np.stack([block(guide, where) for where in close])) ** 2
            factors = power / (power + 1)
        factors[0, 0, 0] = 1
        weight = window / np.sum(factors**2)
        for where, estimate in zip(close, inverse_haar(group * factors), strict=True):
            part = tuple(slice(start, start + size) for start in where)
            total[part] += weight * idctn(estimate, norm="ortho")
            weights[part] += weight
    return total / weights


@pytest.mark.parametrize("radius", [3, 64])
@pytest.mark.parametrize(("profile", "shape"), [("normal", (20, 14)), ("high_noise", (20, 16))])
def test_each_stage_is_that_of_an_obvious_implementation(rng, profile, shape, radius):
    noisy = 4 * np.sin(np.arange(shape[1])) + rng.normal(size=shape)
    first, second = (replace(stage, radius=radius) for stage in PROFILES[profile])
    guide = check_stage(noisy, None, first)
    check_stage(noisy, guide, second)


def check_stage(noisy, guide, stage):
    """Compare with an image that ends with a reference block, and return the result."""
    cut = tuple(slice(side - (side - stage.block) % stage.step) for side in noisy.shape)
    guides = (None, None) if guide is None else (guide[cut], guide[cut].astype(np.float32))
    expected = filter_once(noisy[cut], guides[0], stage)
    shrink = partial(_bm3d._shrink, threshold=stage.threshold)
    (filtered,) = _groups.filter_groups(noisy[cut].astype(np.float32), guides[1], stage, shrink)
    np.testing.assert_allclose(filtered, expected, atol=1e-4)
    return expected


@pytest.fixture(scope="module")
def photograph():
    clean = camera()[100:356, 100:356].astype(float)
    return clean, clean + np.random.default_rng(0).normal(0, 25, clean.shape)


def test_denoises_a_photograph(photograph):
    """The whole image, 512 x 512 pixels, gains 9.6 dB."""
    clean, noisy = photograph
    denoised = bm3d(noisy, 25)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 8.5
    smoothed = max(psnr(clean, gaussian_filter(noisy, width)) for width in (0.8, 1, 1.2, 1.5, 2))
    assert psnr(clean, denoised) > smoothed + 2


def test_the_second_stage_gains(photograph):
    clean, noisy = ((image / 25).astype(np.float32) for image in photograph)
    first, second = PROFILES["normal"]
    (basic,) = _groups.filter_groups(
        noisy, None, first, partial(_bm3d._shrink, threshold=first.threshold)
    )
    (denoised,) = _groups.filter_groups(noisy, basic, second, _bm3d._shrink)
    assert psnr(clean, denoised) > psnr(clean, basic) + 0.1


def test_what_repeats_is_told_from_noise_as_strong(rng):
    lattice = np.add.outer(np.sin(np.arange(96) / 1.5), np.sin(np.arange(96) / 1.5))
    noisy = lattice + rng.normal(0, 1, lattice.shape)
    gains = {
        profile: psnr(lattice, bm3d(noisy, 1, profile=profile)) - psnr(lattice, noisy)
        for profile in ("normal", "crystal")
    }
    assert gains["normal"] > 13
    assert gains["crystal"] > gains["normal"] + 1


@pytest.mark.parametrize("profile", ["normal", "high_noise", "crystal"])
def test_of_noise_alone_little_is_left(rng, profile):
    assert bm3d(rng.normal(3, 2, (96, 96)), 2, profile=profile).std() < 0.15 * 2


def test_patches_leave_no_seams(rng, monkeypatch):
    noisy = rng.normal(size=(90, 70)).cumsum(axis=0)
    whole = bm3d(noisy, 1)
    monkeypatch.setattr(_groups, "_PATCH", 50)
    np.testing.assert_allclose(bm3d(noisy, 1), whole, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (2, 50), (41, 3), (8, 8), (9, 13), (45, 64)])
@pytest.mark.parametrize("profile", ["normal", "high_noise", "crystal"])
def test_any_size(rng, shape, profile):
    noisy = rng.normal(size=shape)
    denoised = bm3d(noisy, 1, profile=profile)
    assert denoised.shape == shape
    assert np.abs(denoised).max() <= 1.01 * np.abs(noisy).max()


@pytest.mark.parametrize(("gain", "offset"), [(4, 0), (1e-12, 0), (-1000, 37), (1, 1e4)])
def test_gain_and_offset_of_the_image_are_those_of_the_result(rng, gain, offset):
    noisy = rng.normal(size=(40, 50)).cumsum(axis=1)
    changed = bm3d(gain * noisy + offset, abs(gain))
    np.testing.assert_allclose((changed - offset) / gain, bm3d(noisy, 1), atol=1e-4)


def test_weak_noise_leaves_the_image_alone(rng):
    image = rng.normal(size=(40, 50))
    np.testing.assert_allclose(bm3d(image, 1e-3), image, atol=2e-3)
    np.testing.assert_array_equal(bm3d(image, 0), image)


def test_a_constant_image_comes_back():
    np.testing.assert_array_equal(bm3d(np.full((20, 30), 0.1), 1), 0.1)


@pytest.mark.parametrize(("level", "profile"), [(0.45, "normal"), (0.55, "high_noise")])
def test_auto_goes_by_the_noise_over_the_deviation_of_the_image(rng, level, profile):
    noisy = rng.normal(size=(40, 50))
    sigma = level * noisy.std()
    np.testing.assert_array_equal(bm3d(noisy, sigma), bm3d(noisy, sigma, profile=profile))


@pytest.mark.parametrize(("given", "returned"), [("uint8", "float32"), (">f4", "float32")])
def test_the_type_is_kept_or_one_that_holds_integers(rng, given, returned):
    assert bm3d(rng.integers(0, 99, (9, 9)).astype(given), 5).dtype == returned


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (np.ones(5), {}, r"Expected an image \(height, width\) of real numbers, .* shape \(5,\)"),
        (np.ones((2, 5, 5)), {}, "Give one grey image at a time"),
        (np.ones((5, 5), complex), {}, "complex numbers"),
        (np.full((5, 5), np.nan), {}, "finite numbers, got NaN"),
        (np.full((5, 5), 1e200), {}, "at most .*, whose squares are numbers, got 1e.200"),
        (np.ones((5, 5)), {"sigma": -1}, "'sigma' parameter of bm3d must be a float in the range"),
        (np.ones((5, 5)), {"profile": "fast"}, "'profile' parameter of bm3d must be a str among"),
    ],
)
def test_says_what_is_wrong(image, options, message):
    with pytest.raises(ValueError, match=message):
        bm3d(image, **{"sigma": 1, **options})


def test_what_was_filled_in_counts_less(rng):
    """Beside a half that was filled wrongly, the picture comes out better."""
    clean = np.add.outer(np.arange(64) / 16, np.sin(np.arange(64) / 5))
    valid = np.arange(64) < 32
    noisy = np.where(valid, clean, 6.0) + 0.3 * rng.normal(size=(64, 64))
    valid = np.broadcast_to(valid, noisy.shape)
    rim = np.s_[:, 28:32]
    for denoise, limit in ((bm3d, 0.9), (partial(nl_bayes, guide=bm3d(noisy, 0.3)), 1.0)):
        blind, told = (
            np.mean((denoise(noisy, sigma=0.3, valid=known) - clean)[rim] ** 2)
            for known in (None, valid)
        )
        assert told < limit * blind
    with pytest.raises(ValueError, match="Expected valid of the shape"):
        bm3d(noisy, 0.3, valid=valid[1:])


def test_noise_of_one_strength_may_be_given_for_each_pixel(rng):
    noisy = np.add.outer(np.arange(40) / 16, np.sin(np.arange(48) / 5)) + 0.3 * rng.normal(
        size=(40, 48)
    )
    everywhere = np.full(noisy.shape, 0.3)
    for denoise in (bm3d, partial(nl_bayes, guide=bm3d(noisy, 0.3))):
        np.testing.assert_allclose(denoise(noisy, everywhere), denoise(noisy, 0.3), atol=1e-5)


def test_noise_that_is_uneven_is_removed_everywhere(photograph):
    """Of the left half, whose noise is weak, the result is that of an image of such noise."""
    clean = photograph[0][:96, 80:176]
    sigma = np.where(np.arange(96) < 48, 5.0, 20.0) * np.ones((96, 1))
    noisy = clean + sigma * np.random.default_rng(0).normal(size=clean.shape)
    for denoise in (bm3d, partial(nl_bayes, guide=bm3d(noisy, sigma))):
        one, each = (denoise(noisy, strength) - clean for strength in (5.0, sigma))
        assert np.mean(each[:, 52:] ** 2) < 0.9 * np.mean(one[:, 52:] ** 2)
        assert np.mean(each[:, :40] ** 2) < 1.1 * np.mean(one[:, :40] ** 2)


def test_pixels_without_noise_stay(rng):
    clean = np.add.outer(np.arange(48) / 16, np.sin(np.arange(48) / 5))
    sigma = np.where(np.arange(48) < 24, 0.0, 0.3) * np.ones((48, 1))
    noisy = clean + sigma * rng.normal(size=clean.shape)
    for denoise in (bm3d, partial(nl_bayes, guide=bm3d(noisy, 0.3))):
        denoised = denoise(noisy, sigma)
        assert np.isfinite(denoised).all()
        assert np.abs(denoised - clean)[:, :4].max() < 0.02
    np.testing.assert_array_equal(bm3d(noisy, 0 * sigma), noisy)


@pytest.mark.parametrize(
    "sigma",
    [
        np.ones((16, 15)),
        -np.eye(16),
        np.full((16, 16), np.nan),
        np.full((16, 16), np.inf),
        np.full((16, 16), "a"),
    ],
)
def test_noise_that_is_none_is_refused(sigma):
    with pytest.raises(ValueError, match="Expected sigma to be a number, or finite numbers of"):
        bm3d(np.eye(16), sigma)


@pytest.mark.parametrize("value", [np.nan, -1.0, 2.0, "a"])
def test_shares_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match="Expected valid to be numbers from 0 to 1"):
        bm3d(np.eye(16), 0.3, valid=np.full((16, 16), value))
