"""What the paper's ablations vary, in every combination: up-sampler, sampling, stride."""

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR
from sk_noise2sr.networks import make_upsampler


@pytest.mark.parametrize(
    "stride", [2, *(pytest.param(stride, marks=pytest.mark.slow) for stride in (3, 4, 5))]
)
@pytest.mark.parametrize("sampling", ["random", pytest.param("fixed", marks=pytest.mark.slow)])
@pytest.mark.parametrize("upsampler", ["pixelshuffle", "transposed", "bilinear"])
def test_stripes_are_found_in_noise(fast, rng, upsampler, sampling, stride):
    stripes = np.broadcast_to(np.sin(np.arange(45) / 8), (44, 45))
    noisy = stripes + rng.normal(size=stripes.shape)
    denoiser = fast(Noise2SR, stride=stride, upsampler=upsampler, sampling=sampling, refine=False)
    denoised = denoiser.set_params(M=10, training__crop_size=40).fit_transform(noisy)
    assert denoised.shape == noisy.shape
    alike, before = (np.corrcoef(x.ravel(), stripes.ravel())[0, 1] for x in (denoised, noisy))
    assert before < 0.6
    assert alike > 0.8


@pytest.mark.parametrize("stride", [2, 3, 4, 5])
@pytest.mark.parametrize("name", ["pixelshuffle", "transposed", "bilinear"])
def test_a_feature_reaches_all_pixels_of_its_own_cell_and_none_far_away(name, stride):
    torch.manual_seed(0)
    features = torch.zeros(2, 3, 9, 9)
    features[1, :, 4, 4] = 1.0
    with torch.inference_mode():
        without, with_it = make_upsampler(name, 3, stride)(features)
    reached = (with_it - without).abs().amax(0) > 1e-4
    cell = slice(4 * stride, 5 * stride)
    assert reached[cell, cell].all()
    far = reached.clone()
    far[stride : 8 * stride, stride : 8 * stride] = False
    assert not far.any()


@pytest.mark.parametrize(("stride", "n_different"), [(2, 4), (3, 9)])
def test_fixed_sampling_has_one_draw_a_pixel_of_the_cell(
    predictor, hurried, noisy, stride, n_different
):
    noisy = noisy[:60, :60]
    denoiser = hurried(Noise2SR, stride=stride, sampling="fixed", M=50, epochs=1).fit(noisy)
    image = torch.from_numpy(denoiser.grid_.prepare(noisy[None]))[:, None]
    frames = list(predictor(denoiser).passes(image))
    assert len(frames) == n_different
    once = sum((~hidden[0, 0]).int() for _, hidden in frames)
    assert (once == 1).all()
