"""Other views of a crystal judge as the clean image does."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.metrics import find_siblings, psnr

PART = slice(80, 176), slice(80, 176)


def lattice(angle):
    """Return a lattice of round atoms that repeats exactly, clean and noisy."""
    rows, columns = np.mgrid[:256, :256]
    turned = np.cos(angle) * rows + np.sin(angle) * columns
    across = np.cos(angle) * columns - np.sin(angle) * rows
    waves = np.cos(2 * np.pi * turned / 15.3) + np.cos(2 * np.pi * across / 12.1)
    clean = 20 * np.exp(waves - 2)
    return clean, np.random.default_rng(0).poisson(clean).astype(float)


@pytest.fixture(scope="module", params=[0.1, 0.5])
def scene(request):
    clean, noisy = lattice(request.param)
    return clean[PART], find_siblings(noisy, *PART)


@pytest.mark.parametrize("sigma", [0.6, 1.2, 3])
def test_gains_are_those_against_the_clean_image(scene, sigma):
    clean, siblings = scene
    inner = (slice(8, -8),) * 2
    blurred = gaussian_filter(siblings.noisy, sigma)
    expected = psnr(clean[inner], blurred[inner]) - psnr(clean[inner], siblings.noisy[inner])
    assert siblings.gain(blurred) == pytest.approx(expected, abs=0.5)
    assert siblings.gain(siblings.noisy) == pytest.approx(0)


def test_the_best_gaussian_is_the_best(scene):
    siblings = scene[1]
    gain, sigma = siblings.best_gaussian()
    assert gain == pytest.approx(siblings.gain(gaussian_filter(siblings.noisy, sigma)))
    for other in (sigma - 0.2, sigma + 0.2):
        assert gain > siblings.gain(gaussian_filter(siblings.noisy, other))


def test_views_have_other_noise(scene):
    clean, siblings = scene
    noise = siblings.noisy - clean
    for view in siblings.views:
        assert abs(np.corrcoef(noise.ravel(), (view - clean).ravel())[0, 1]) < 0.1


def test_what_does_not_repeat_is_refused(rng):
    with pytest.raises(ValueError, match="Found 0 other views of this part; siblings need a cry"):
        find_siblings(rng.normal(size=(128, 128)), *PART)
    with pytest.raises(ValueError, match="at least 32 x 32 pixels, got shape"):
        find_siblings(make_hrem((64, 64), random_state=0)[1], slice(0, 20), slice(0, 40))
    with pytest.raises(ValueError, match="at least 32 x 32 pixels, got shape"):
        find_siblings(np.zeros((3, 64, 64)), slice(0, 40), slice(0, 40))
    with pytest.raises(ValueError, match=r"Expected shape \(96, 96\), got \(3,\)"):
        find_siblings(lattice(0.1)[1], *PART).gain([1, 2, 3])
