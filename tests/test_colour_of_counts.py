"""The colour of noise of counts that a camera spreads."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.grid import gaussian_kernel, sums_under
from sk_noise2sr.grid._resampling import frequencies
from sk_noise2sr.grid.colour._read_colour import colour_of_image


@pytest.mark.parametrize("amplitude", [0, 0.5], ids=["noise alone", "a lattice"])
@pytest.mark.parametrize(
    ("spread", "read_out"), [(0.5, 0.01), (0.7, 0.01), (0.7, 0.05), (0.9, 0.01), (0.9, 0.05)]
)
def test_counts_that_a_camera_spreads_under_white_noise(spread, read_out, amplitude):
    """From the highest frequencies alone, noise at low ones came out as 0.5 to 2 times its own."""
    shape, ratios = (192, 192), []
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    lattice = amplitude * np.cos(rows / 2.5) * np.cos(columns / 3)
    power = np.exp(-((2 * np.pi * spread * frequencies(shape)) ** 2)) + read_out
    for seed in range(10):
        rng = np.random.default_rng(seed)
        noise = gaussian_filter(rng.normal(size=shape), spread)
        noise += np.sqrt(read_out) * rng.normal(size=shape)
        colour = colour_of_image(noise + lattice)
        told = colour.variance * colour.relative_power(shape)
        ratios.append(np.median((told / power)[frequencies(shape) < 0.2]))
    assert 0.75 < np.mean(ratios) < 1.35
    assert np.std(ratios) < 0.15


@pytest.mark.parametrize("width", [1.0, 3.0, 20.0])
def test_sums_under_a_kernel_have_the_variance_that_was_told(width):
    """Of smooth noise, sums vary more than of white noise as strong; long kernels too."""
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(1024, 1024)), 0.7)
    kernel, border = gaussian_kernel(width), round(4 * width)
    sums = sums_under(kernel, noise)[border:-border, border:-border]
    white = noise.var() * np.sum(kernel**2) ** 2
    told = colour_of_image(noise).power_under(kernel)
    assert told == pytest.approx(sums.var() / white, rel=0.3)
    assert told > 1.5
