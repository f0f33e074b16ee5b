"""SupervisedDenoiser: what the target adds to Noise2Noise, fresh noise."""

import numpy as np
import pytest
import torch

from sk_noise2sr import SupervisedDenoiser
from sk_noise2sr.engine import Batch
from sk_noise2sr.metrics import psnr

# Four poolings make one pixel of a smaller crop, and its variance no scale to divide by.
FIVE = {"epochs": 5, "crop_size": 32}


@pytest.mark.parametrize("noise", [None, (0.125, 0.0)])
def test_denoises(fast, noisy, clean, noise):
    denoised = fast(SupervisedDenoiser, noise=noise, **FIVE).fit(noisy, clean).transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 3


def weights_of(denoiser):
    return torch.cat([weights.ravel() for weights in denoiser.network_.parameters()])


@pytest.mark.parametrize(("noise", "looks"), [(None, True), ((0.125, 0.0), False)])
def test_with_noise_given_the_noisy_images_set_the_grid_and_no_more(
    hurried, noisy, clean, noise, looks
):
    """The same intensities in another order: the same weights, unless they are looked at."""
    one, other = (
        weights_of(hurried(SupervisedDenoiser, epochs=1, noise=noise).fit(image, clean))
        for image in (noisy, noisy[::-1])
    )
    assert torch.allclose(one, other, rtol=1e-4, atol=1e-6) != looks


def add_noise(denoiser, grid, clean):
    """Return clean images under the noise that a training step adds."""
    generator = torch.Generator().manual_seed(0)
    batch = Batch(clean, clean > -9, generator, 0.0, reference=clean)
    return denoiser._scheme(grid).source(batch)[0]


@pytest.mark.parametrize("binning", [1, 2])
def test_added_noise_has_the_variance_in_units_of_the_image(fast, noisy, clean, binning):
    a, b = 0.3, 0.5
    image, target = 10 * noisy + 7, 10 * clean + 7
    denoiser = fast(SupervisedDenoiser, noise=(a, b), binning=binning)
    grid = denoiser._fit_grid(image[None], binning, seed=0)
    prepared = torch.from_numpy(grid.prepare(target[None]))[:, None]
    noise = add_noise(denoiser, grid, prepared.expand(2000, -1, -1, -1)) - prepared
    noise = noise * grid.scale
    binned = prepared * grid.scale + grid.offset
    expected = (a * binned + b**2)[0] / binning**2
    ratio = noise.var(dim=0) / expected
    assert float(ratio.mean()) == pytest.approx(1, abs=0.005)
    assert float((ratio - 1).abs().max()) < 6 * np.sqrt(2 / 2000)
    assert float(noise.mean(dim=0).abs().max()) < 6 * float(expected.max() / 2000) ** 0.5


def test_every_step_adds_fresh_noise(fast, noisy, clean):
    denoiser = fast(SupervisedDenoiser, noise=(0.125, 0.0))
    grid = denoiser._fit_grid(noisy[None], 1, seed=0)
    image = torch.from_numpy(grid.prepare(clean[None]))[:, None]
    seen, generator = [], torch.Generator().manual_seed(0)
    batch = Batch(torch.zeros_like(image), image > -9, generator, 0.0, image)
    for _ in range(2):
        denoiser._scheme(grid).loss(lambda images: seen.append(images) or images, batch)
    first, second = ((images - image).ravel() for images in seen)
    correlation = torch.corrcoef(torch.stack([first, second]))[0, 1]
    assert first.std() > 0.1
    assert abs(float(correlation)) < 4 / 64


def test_intensities_below_those_of_any_noise_are_left_alone(fast, noisy):
    """A clean image may hold values at which the variance would be negative."""
    denoiser = fast(SupervisedDenoiser, noise=(1.0, 0.1))
    grid = denoiser._fit_grid(noisy[None], 1, seed=0)
    dark = torch.full((1, 1, 8, 8), -1e3)
    assert torch.equal(add_noise(denoiser, grid, dark), dark)


def test_without_noise_the_error_is_that_against_the_target(fast, noisy, clean):
    denoiser = fast(SupervisedDenoiser)
    grid = denoiser._fit_grid(noisy[None], 1, seed=0)
    image, target = (torch.from_numpy(grid.prepare(x[None]))[:, None] for x in (noisy, clean))
    batch = Batch(image, image > -99, torch.Generator(), 0.0, target)
    loss = denoiser._scheme(grid).loss(torch.clone, batch)
    torch.testing.assert_close(loss, ((image - target) ** 2).mean())


def test_what_has_been_learned_serves_other_images(fast, scene, noisy, clean):
    denoiser = fast(SupervisedDenoiser, **FIVE).fit(noisy[:, :40], clean[:, :40])
    right = slice(44, 64)
    assert psnr(clean[:, right], denoiser.transform(noisy[:, right])) > psnr(
        clean[:, right], noisy[:, right]
    )
