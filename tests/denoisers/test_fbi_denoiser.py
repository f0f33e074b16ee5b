"""FBI-Denoiser: blind coefficients, an unbiased loss, and noise in the units of the image."""

import time

import numpy as np
import pytest
import torch

from sk_noise2sr import FBIDenoiser, datasets
from sk_noise2sr.engine import Batch
from sk_noise2sr.grid import UNBINNED, Mask, StabilizedGrid
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import FBINet
from sk_noise2sr.noise import Anscombe, PoissonGaussian
from sk_noise2sr.schemes import Affine


@pytest.fixture(scope="module")
def waves():
    """Return a smooth image, so that binning takes nothing of it, with many counts a pixel."""
    rows, columns = np.mgrid[:256, :256] / 256
    return 6 + 3 * np.sin(4 * np.pi * rows) * np.cos(2 * np.pi * columns)


def test_denoises(fast, noisy, clean):
    denoised = fast(FBIDenoiser, epochs=4, n_features=8).fit_transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 2


def test_coefficients_at_a_pixel_do_not_depend_on_it(hurried, noisy):
    denoiser = hurried(FBIDenoiser, n_layers=5, n_features=8).fit(noisy)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    for row, column in [(0, 0), (0, 31), (63, 62), (17, 40)]:
        altered = image.clone()
        altered[..., row, column] += 10
        with torch.inference_mode():
            pairs = zip(
                denoiser._scheme(denoiser.grid_).coefficients(denoiser.network_, image),
                denoiser._scheme(denoiser.grid_).coefficients(denoiser.network_, altered),
                strict=True,
            )
        for before, after in pairs:
            assert before[0, 0, row, column] == after[0, 0, row, column]
            assert not torch.equal(before, after)


def test_the_result_is_affine_in_the_pixel(fast, noisy):
    denoiser = fast(FBIDenoiser, n_layers=3, n_features=8).fit(noisy)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    slopes, _ = denoiser._scheme(denoiser.grid_).coefficients(denoiser.network_, image)
    assert ((slopes > 0) & (slopes < 0.1)).all()
    altered = image.clone()
    altered[..., 20, 30] += 2
    before, after = (
        denoiser._scheme(denoiser.grid_).apply(denoiser.network_, x)[..., 20, 30]
        for x in (image, altered)
    )
    torch.testing.assert_close(after - before, 2 * slopes[..., 20, 30])


@pytest.mark.parametrize("kind", ["constant", "blind"])
def test_the_loss_is_an_unbiased_estimate_of_the_error_against_the_clean_image(kind):
    """The mean over draws of the noise of (loss - supervised error) is zero."""
    generator = torch.Generator().manual_seed(0)
    clean = torch.randn(1, 1, 16, 16, generator=generator)
    grid = StabilizedGrid(UNBINNED, Anscombe(0.0, 0.5), center=0.0, spread=2.0)
    scheme = Affine(torch.nn.Identity, grid)  # noise has the standard deviation 1 / 2
    if kind == "constant":
        maps = torch.randn(1, 2, 16, 16, generator=generator)

        def network(images):
            return maps.expand(len(images), -1, -1, -1)
    else:
        torch.manual_seed(0)
        network = FBINet(3, 8, slope=0.5)
    differences, terms = [], []
    with torch.inference_mode():
        for _ in range(75):
            noisy = clean + 0.5 * torch.randn(20, 1, 16, 16, generator=generator)
            batch = Batch(noisy, torch.ones_like(noisy, dtype=bool), generator, 0.0)
            error = ((scheme.apply(network, noisy) - clean) ** 2).mean()
            differences.append(float(scheme.loss(network, batch) - error))
            slopes, _ = scheme.coefficients(network, noisy)
            terms.append(float(2 * slopes.mean() * 0.25))
    standard_error = np.std(differences) / np.sqrt(len(differences))
    assert abs(np.mean(differences)) < 4 * standard_error
    assert np.mean(terms) > 8 * standard_error  # small enough to see that no term is missing


@pytest.mark.parametrize("binning", [1, 2, 1.5])
@pytest.mark.parametrize("standardize", [True, False])
def test_noise_in_units_of_the_image_is_stabilised_on_the_working_grid(
    fast, waves, binning, standardize
):
    a, b = 0.05, 0.2
    noisy = PoissonGaussian(a=a, b=b).sample(waves, random_state=0)
    denoiser = fast(FBIDenoiser, noise=(a, b), binning=binning, standardize=standardize)
    grid = denoiser._fit_grid(noisy[None], binning, seed=0)
    assert grid.noise == Anscombe(a, b)
    seen, expected = (torch.from_numpy(grid.prepare(image[None]))[0] for image in (noisy, waves))
    noise = (seen - expected).numpy() * grid.spread
    bright = expected.numpy() > float(expected.median())
    for part in (bright, ~bright):
        assert noise[part].std() == pytest.approx(1, abs=0.03)
    assert float(seen.mean()) == pytest.approx(0, abs=1e-4)
    assert float(seen.std()) == pytest.approx(1, abs=1e-3)


def test_preparing_and_restoring_are_inverse_to_each_other(fast, waves):
    denoiser = fast(FBIDenoiser, noise=(0.05, 0.2), binning=2)
    noisy = PoissonGaussian(a=0.05, b=0.2).sample(waves, random_state=0)
    grid = denoiser._fit_grid(noisy[None], 2, seed=0)
    there = grid.prepare(waves)
    # The inverse is that of means: by up to a quarter of a gain above the algebraic one.
    np.testing.assert_allclose(grid.restore(there, waves.shape), waves, atol=0.05)


@pytest.mark.parametrize(("gain", "offset"), [(1000.0, -37.0), (1e-6, 0.0), (1.0, 1e3)])
def test_the_result_commutes_with_gain_and_offset(hurried, noisy, gain, offset):
    denoiser = hurried(FBIDenoiser, n_layers=4, n_features=8)
    plain = denoiser.fit_transform(noisy)
    changed = denoiser.fit_transform(gain * noisy + offset)
    np.testing.assert_allclose((changed - offset) / gain, plain, atol=1e-3 * noisy.std())


def test_pge_net_finds_the_variance_at_the_mean(fast):
    clean = datasets.make_hrem((128, 128), random_state=0)[0].astype(float)
    clean /= clean.mean()
    a, b = 0.1, 0.02
    noisy = 50 + 10 * PoissonGaussian(a=a, b=b).sample(clean, random_state=0)
    denoiser = fast(FBIDenoiser, noise="pge", n_features=2)
    found = denoiser._fit_grid(noisy[None], denoiser.binning, seed=0).noise
    variance = found.a * (noisy.mean() - found.offset) + found.b**2
    assert variance == pytest.approx(100 * (a + b**2), rel=0.25)


@pytest.mark.slow
def test_hot_and_dead_pixels_do_not_change_what_pge_net_finds(fast, noisy):
    spoilt = noisy.copy()
    spoilt[[5, 30], [40, 12]] = 1e4, -1e4
    variances = []
    for image in (noisy, spoilt):
        denoiser = fast(FBIDenoiser, noise="pge", n_features=2)
        filled = Mask.find(image).fill(image)
        found = denoiser._fit_grid(filled[None], denoiser.binning, seed=0).noise
        variances.append(found.a * (noisy.mean() - found.offset) + found.b**2)
    assert variances[1] == pytest.approx(variances[0], rel=0.1)


def test_max_time_holds_for_pge_net_too(fast, noisy):
    parameters = {"noise": "pge", "n_features": 8, "max_time": 1.0, "epochs": 10_000}
    start = time.monotonic()
    denoiser = fast(FBIDenoiser, **parameters).fit(np.tile(noisy, (3, 3)))
    assert time.monotonic() - start < 60  # hours without a limit
    assert denoiser.n_iter_ >= 1


def test_the_paper_preset_is_the_published_schedule():
    denoiser = FBIDenoiser.from_preset("paper")
    network = denoiser._scheme(UNBINNED).make_network()
    assert sum(weights.numel() for weights in network.parameters()) == 401_795
    assert denoiser.epochs * -(-40 // denoiser.training.batch_size) == 6000
    assert (denoiser.noise, denoiser.training.schedule) == ("pge", "halved_by_fifths")


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        ("guess", "'noise' parameter of FBIDenoiser must be a str among"),
        (None, "'noise' parameter of FBIDenoiser must be a str among"),
        ((-1.0, 0.1), "Expected a to be a finite number of at least 0"),
        ((0.0, 0.0), "Expected a or b above 0"),
    ],
)
def test_says_what_is_wrong_with_the_noise(fast, noisy, noise, message):
    with pytest.raises(ValueError, match=message):
        fast(FBIDenoiser, noise=noise).fit(noisy)


def test_pge_net_says_that_an_image_is_too_small(fast, noisy):
    with pytest.raises(ValueError, match="Take images of at least 32 x 32 pixels"):
        fast(FBIDenoiser, noise="pge").fit(noisy[:20, :20])


def test_an_image_that_is_binned_to_one_pixel_is_refused(fast, noisy):
    with pytest.raises(ValueError, match="Expected sides of at least 65 pixels, got an image of 9"):
        fast(FBIDenoiser, binning=64).fit(noisy[:9, :9])
