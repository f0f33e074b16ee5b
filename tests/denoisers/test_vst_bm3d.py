"""VSTBM3D: noise that depends on the intensity, binning, and images of all sizes."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.data import camera

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.filters import bm3d
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import Anscombe, PoissonGaussian


@pytest.fixture(scope="module")
def counts():
    """Return (clean, noisy): 8 electrons a pixel, finely sampled."""
    clean, noisy = datasets.make_hrem((192, 192), random_state=0)
    return clean.astype(float), noisy.astype(float)


@pytest.mark.parametrize(("binning", "gain"), [(1, 16), ("auto", 20)])
def test_gains_decibels_with_noise_known_and_nearly_as_many_with_noise_estimated(
    counts, binning, gain
):
    clean, noisy = counts
    known = VSTBM3D((1 / 8, 0), binning=binning).fit(noisy).score(noisy, clean)
    estimated = VSTBM3D(binning=binning).fit(noisy).score(noisy, clean)
    assert known > psnr(clean, noisy) + gain
    assert estimated > known - 0.3


def test_gains_more_than_block_matching_alone_where_the_noise_depends_on_the_intensity():
    clean = camera()[:256, :256] / 64
    noisy = PoissonGaussian(a=0.2, b=0.01).sample(clean, random_state=0, form="poisson")
    denoised = VSTBM3D((0.2, 0.01)).fit_transform(noisy)
    alone = bm3d(noisy, np.sqrt(0.2 * clean.mean()))
    assert psnr(clean, denoised) > psnr(clean, alone) + 0.5


@pytest.mark.parametrize("form", ["gaussian", "poisson"])
def test_intensities_of_few_counts_come_back_without_bias(form):
    """Of 4096 pixels of variance a * clean the mean strays by less than 0.01."""
    clean = np.repeat([[0.3, 0.9]], 64, axis=1) * np.ones((128, 1))
    noisy = PoissonGaussian(a=0.1, b=0.02).sample(clean, random_state=0, form=form)
    denoised = VSTBM3D((0.1, 0.02), binning=1).fit_transform(noisy)
    for dark_or_bright in (slice(0, 56), slice(72, None)):
        error = np.mean((denoised - clean)[:, dark_or_bright])
        assert abs(error) < 0.015


def test_where_few_electrons_are_counted_the_noise_is_weaker_than_stabilised():
    """With a fifth of an electron a pixel; a standard deviation of 1 would give 16.8 dB."""
    clean, noisy = datasets.make_hrem((192, 192), dose=20, random_state=0)
    assert VSTBM3D((5, 0), binning=4).fit(noisy).score(noisy, clean) > 17.3


def test_binning_is_read_off_the_image(counts):
    assert VSTBM3D().fit(counts[1]).filter_.grid.binning > 2
    assert VSTBM3D(binning=3).fit(counts[1]).filter_.grid.binning == 3
    assert VSTBM3D.from_preset("paper").fit(counts[1]).filter_.grid.binning == 1
    detailed = np.random.default_rng(0).normal(camera()[:128, :128], 10)
    assert VSTBM3D().fit(detailed).filter_.grid.binning < 1.3


def test_an_amorphous_film_is_no_smooth_noise_where_the_noise_is_known(rng):
    film = gaussian_filter(rng.normal(size=(128, 128)), 1.2)
    clean = 256 * np.maximum(1 + 0.25 * film / film.std(), 0.1)
    noisy = rng.poisson(clean).astype(float)
    known = VSTBM3D((1, 0)).fit(noisy)
    assert known.score(noisy, clean) > psnr(clean, noisy) + 3
    assert known.filter_.colour.not_white == 0
    counted = VSTBM3D().fit(noisy)  # whole numbers tell as much
    assert counted.score(noisy, clean) == pytest.approx(known.score(noisy, clean), abs=0.1)
    with pytest.warns(UserWarning, match="passes for noise"):
        assert VSTBM3D().fit(noisy + 0.5).filter_.colour.not_white > 0


@pytest.mark.parametrize("width", [0.5, 1.0, (0, 1)])
def test_smooth_noise_is_removed_where_its_strength_is_known_too(counts, width, rng):
    """A camera may spread what it counts."""
    clean, _ = counts
    noise = gaussian_filter(rng.normal(size=clean.shape), width)
    noisy = clean + noise / noise.std()
    known, unknown = VSTBM3D((0, 1)).fit(noisy), VSTBM3D().fit(noisy)
    assert known.score(noisy, clean) > unknown.score(noisy, clean) - 0.5


def test_the_transform_is_that_of_the_noise_given(noisy):
    assert VSTBM3D((0.1, 0.02)).fit(noisy).anscombe_ == Anscombe(0.1, 0.02)


def test_with_noise_known_a_fit_on_a_constant_image_denoises_others(noisy):
    denoiser = VSTBM3D((1 / 8, 0.1)).fit(np.ones((9, 9)))
    expected = VSTBM3D((1 / 8, 0.1)).fit_transform(noisy)
    np.testing.assert_array_equal(denoiser.transform(noisy), expected)


@pytest.mark.parametrize("noise", [None, (0.1, 0.1)])
@pytest.mark.parametrize("shape", [(2, 2), (2, 50), (31, 3), (33, 40)])
def test_any_size(rng, shape, noise):
    noisy = rng.normal(5, 0.8, shape)
    denoised = VSTBM3D(noise).fit_transform(noisy)
    assert denoised.shape == shape
    assert np.abs(denoised - 5).max() < 1.5 * np.abs(noisy - 5).max()


@pytest.mark.parametrize(
    ("parameters", "image", "message"),
    [
        (
            {"noise": (0.1, 0.1, 0)},
            None,
            r"Expected noise to be a pair \(a, b\) of numbers, got",
        ),
        ({"noise": (-0.1, 0.1)}, None, "Expected a to be a finite number of at least 0, got -0.1"),
        ({"noise": 0.1}, None, "'noise' parameter of VSTBM3D must be"),
        ({"binning": 0.5}, None, "'binning' parameter of VSTBM3D must be"),
        ({"noise": (0.1, 0)}, np.arange(-100.0, 0).reshape(10, 10), "Subtract the offset"),
    ],
)
def test_says_what_is_wrong(noisy, parameters, image, message):
    with pytest.raises(ValueError, match=message):
        VSTBM3D(**parameters).fit(noisy if image is None else image)


def test_an_image_that_binning_leaves_one_pixel_of_is_refused(rng):
    with pytest.raises(ValueError, match="sides of at least 3 pixels, got an image of 2 x 2"):
        VSTBM3D(binning=2).fit(rng.poisson(9, (2, 2)).astype(float))


@pytest.mark.parametrize("dose", [200, 1000])
def test_the_result_guides_a_filter_that_knows_more(dose):
    clean, noisy = datasets.make_hrem((192, 192), dose=dose, random_state=0)
    alone, refined = (VSTBM3D(refine=n).fit_transform(noisy) for n in (False, True))
    assert psnr(clean, refined) > psnr(clean, alone) + 0.2


@pytest.mark.parametrize("crystal", ["te", "mfi", "mor"])
def test_a_few_counts_are_not_filtered_away(crystal):
    clean, noisy = datasets.make_stem(crystal, (128, 128), random_state=0)
    alone, refined = (VSTBM3D(refine=n).fit_transform(noisy) for n in (False, 4))
    assert psnr(clean, refined) > psnr(clean, alone) - 0.1


def test_photographs_have_no_motif_to_look_for():
    """But for single places that are odd, it is the result of block matching."""
    clean = camera()[:128, :128]
    noisy = np.random.default_rng(0).normal(clean, 20)
    plain, refined = (VSTBM3D(refine=n).fit_transform(noisy) for n in (False, True))
    assert abs(psnr(clean, plain) - psnr(clean, refined)) < 0.01
    assert np.mean(np.abs(plain - refined) > 0.01) < 0.05
