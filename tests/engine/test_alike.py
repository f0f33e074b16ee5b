"""Several predictions of a small frame in one pass of the network."""

from functools import partial

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR, samplers, schemes
from sk_noise2sr.engine import Draws, seeded_weights
from sk_noise2sr.networks import make_super_resolution_network


def trained(make):
    network = seeded_weights(make, seed=0).eval()
    for weights in network.decoder.parameters():  # which begin at zero
        torch.nn.init.normal_(weights, generator=torch.Generator().manual_seed(0))
    return network


@pytest.mark.parametrize("n_neighbours", [0, 2])
@pytest.mark.parametrize(
    ("scheme", "sampler"),
    [
        (schemes.SuperResolution, samplers.RandomSubsampler),
        (schemes.SuperResolution, partial(samplers.RandomSubsampler, stratified=False)),
        (schemes.RowSuperResolution, samplers.RowSubsampler),
        (schemes.ColumnSuperResolution, samplers.ColumnSubsampler),
    ],
)
@pytest.mark.parametrize("stride", [2, 3])
def test_predictions_made_together_are_those_made_alone(scheme, sampler, stride, n_neighbours):
    make = partial(make_super_resolution_network, "compact", stride, n_neighbours=n_neighbours)
    scheme = scheme(make, sampler(stride), n_draws=4 * stride**2)
    network = trained(make)
    shape = (1, 1 + n_neighbours, 10 * stride, 7 * stride)
    noisy = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    numbers, draws = range(scheme.n_alike, 2 * scheme.n_alike), Draws(3, row=4 * stride)
    with torch.inference_mode():
        together = scheme.predict_alike(network, noisy, draws, numbers)
        assert len(together) == stride**2
        for number, (prediction, unseen) in zip(numbers, together, strict=True):
            alone, unseen_alone = scheme.predict(network, noisy, draws, number)
            assert torch.equal(unseen, unseen_alone)
            torch.testing.assert_close(prediction, alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("n_draws", [3, 6])
def test_the_number_of_draws_need_not_be_one_of_whole_groups(fast, noisy, n_draws):
    denoiser = fast(Noise2SR, M=n_draws, refine=False).fit(noisy)
    together, spread = denoiser.transform(noisy, return_spread=True)
    # With a limit of memory, each draw is made alone.
    alone, spread_alone = denoiser.set_params(max_memory="1GB").transform(noisy, return_spread=True)
    np.testing.assert_allclose(together, alone, atol=1e-5 * np.ptp(noisy))
    np.testing.assert_allclose(spread, spread_alone, atol=1e-4 * np.ptp(noisy))
