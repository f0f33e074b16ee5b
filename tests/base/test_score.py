"""Scores of a fit, and the spread of its draws."""

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.samplers import held_out_pixels


def test_score_without_a_reference_rises_with_training(hurried):
    _, noisy = make_hrem((96, 96), random_state=0)
    fits = (hurried(Noise2SR, epochs=n, held_out=0.1).fit(noisy) for n in (1, 100))
    little, more = (fit.score(noisy) for fit in fits)
    assert more > little


def test_score_without_a_reference_is_blind_to_gain_and_offset(fast, noisy):
    first = fast(Noise2SR).fit(noisy).score(noisy)
    assert fast(Noise2SR).fit(8 * noisy - 16).score(8 * noisy - 16) == pytest.approx(first, 1e-3)


def test_score_without_reference_or_held_out_pixels_says_so(fast, noisy):
    with pytest.raises(ValueError, match="held_out=0 leaves no pixel to score on"):
        fast(Noise2SR, held_out=0.0).fit(noisy).score(noisy)


def test_a_score_does_not_see_the_pixels_it_predicts(predictor, fast, noisy):
    """Alter held-out pixels: predictions that count for them stay as they were."""
    denoiser = fast(Noise2SR, held_out=0.02).fit(noisy)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    held_out = held_out_pixels(denoiser.seed_, 64, 64, 0.02)
    rows, columns = held_out.nonzero()[0]
    altered = image.clone()
    altered[..., rows, columns] += 100
    before, after = (predictor(denoiser).passes(each) for each in (image, altered))
    n_hidden = 0
    for (one, hidden), (other, _) in zip(before, after, strict=True):
        if hidden[0, 0, rows, columns]:
            n_hidden += 1
            assert one[0, 0, rows, columns] == other[0, 0, rows, columns]
    assert n_hidden > 0


def test_error_bars_are_refused_in_words(fast, noisy):
    with pytest.raises(ValueError, match=r"ErrorBars\(Noise2SR\(\)\) .* return_spread=True"):
        fast(Noise2SR).transform(noisy, return_std=True)


def test_spread_is_that_of_the_draws(hurried, noisy):
    denoiser = hurried(Noise2SR, M=1, symmetries="none").fit(noisy)
    mean, spread = denoiser.transform(noisy, return_spread=True)
    np.testing.assert_array_equal(spread, 0)
    denoiser.set_params(M=8)
    mean, spread = denoiser.transform(noisy, return_spread=True)
    np.testing.assert_array_equal(mean, denoiser.transform(noisy))
    assert spread.shape == noisy.shape
    assert 0 < spread.mean() < noisy.std()


def test_spread_has_the_units_of_the_image(fast, noisy):
    denoiser = fast(Noise2SR, binning=1.5)
    plain = denoiser.fit(noisy).transform(noisy, return_spread=True)[1]
    scaled = denoiser.fit(1000 * noisy).transform(1000 * noisy, return_spread=True)[1]
    np.testing.assert_allclose(scaled, 1000 * plain, rtol=0.05, atol=plain.mean())


def test_a_constant_image_has_a_score(noisy, fast):
    """The logarithm of 0 was an error of its own."""
    assert fast(Noise2SR).fit(noisy).score(np.ones(noisy.shape)) < -100
