"""The judgement on a fit."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from sk_noise2sr.engine._judge import held_out_errors, judge


def test_the_baseline_is_the_mean_of_the_eight_neighbours():
    image = torch.zeros(1, 1, 5, 5)
    image[0, 0, 1:4, 1:4] = 8.0
    image[0, 0, 2, 2] = 0.0
    held_out = torch.zeros(5, 5, dtype=torch.bool)
    held_out[2, 2] = True
    hidden = torch.ones_like(image, dtype=torch.bool)
    found = held_out_errors([(image + 3, hidden)], image, held_out)
    assert (found.errors, found.local_mean()) == ([9.0], [64.0])


def test_a_prediction_counts_only_where_it_could_not_see():
    image = torch.zeros(1, 1, 4, 4)
    hidden = torch.zeros_like(image, dtype=torch.bool)
    hidden[..., 1, 1] = True
    seeing = (image + 100, hidden & False)
    blind = (image + 2, hidden)
    found = held_out_errors([seeing, blind], image, torch.ones(4, 4, dtype=torch.bool))
    assert found.errors == [4.0]


def test_the_best_gaussian_does_not_see_the_pixel(rng):
    """On pure noise the widest is best, and its error that of the noise."""
    image = torch.as_tensor(rng.normal(size=(1, 1, 128, 128)), dtype=torch.float32)
    everywhere = torch.ones(128, 128, dtype=torch.bool)
    found = held_out_errors([(image, everywhere)], image, everywhere)
    assert found.gaussian().mean() == pytest.approx(1.0, abs=0.1)
    assert found.local_mean().mean() == pytest.approx(1.125, abs=0.1)


@pytest.mark.parametrize(("factor", "useful"), [(0.5, True), (1.0, True), (1.5, False)])
def test_a_fit_is_useful_if_it_beats_a_local_mean(factor, useful, rng):
    baseline = rng.chisquare(1, 1000)
    assert (judge(factor * baseline, baseline) is None) == useful


@pytest.mark.parametrize("n_pixels", [2, 3, 5, 30])
def test_chance_is_no_reason_to_refuse_a_fit(n_pixels, rng):
    errors, baseline = rng.chisquare(1, (2, 2000, n_pixels))
    refused = [judge(*both) is not None for both in zip(errors, baseline, strict=True)]
    assert np.mean(refused) < 0.004


def test_nan_is_useless():
    assert judge(np.array([1.0, np.nan]), np.ones(2)) == "its result is not finite"


@pytest.mark.parametrize("smooth", [0.5, 0.6, 1.0])
def test_a_mean_gains_nothing_by_noise_that_neighbours_share(smooth, rng):
    """It tells the noise of the pixel: the best prediction of pure noise is still 0."""
    noise = gaussian_filter(rng.normal(size=(96, 96)), smooth)
    found = _prediction_of_zero(noise)
    assert judge(found.errors, found.local_mean()) is None
    assert judge(found.errors, found.gaussian()) is None


def test_means_of_independent_noise_are_taken_as_they_are(rng):
    noise = rng.normal(size=(256, 256))
    assert _prediction_of_zero(noise).local_mean().mean() == pytest.approx(9 / 8, abs=0.05)


@pytest.mark.parametrize("smooth", [0.0, 0.6])
def test_a_network_that_has_learned_nothing_is_told_under_noise_that_neighbours_share(smooth, rng):
    noise = gaussian_filter(rng.normal(size=(96, 96)), smooth)
    waves = 2 * noise.std() * np.sin(np.arange(96) / 3)
    found = _prediction_of_zero(noise + waves)
    assert judge(found.errors, found.local_mean()) is not None


def _prediction_of_zero(image):
    noisy = torch.from_numpy(image)[None, None].float()
    return held_out_errors([(0 * noisy, noisy == noisy)], noisy, torch.ones(image.shape).bool())
