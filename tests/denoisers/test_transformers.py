"""Transformers as encoders of denoisers: they learn, tile and pickle."""

import pickle
from functools import partial

import numpy as np
import pytest

from sk_noise2sr import Noise2Self, Noise2SR
from sk_noise2sr.engine import _predict
from sk_noise2sr.networks import Restormer, Uformer

NEARSIGHTED = partial(Uformer, n_levels=1, n_features=8, window=4, expansion=2, drop_path=0.2)


@pytest.mark.parametrize(
    "denoiser_class", [Noise2SR, pytest.param(Noise2Self, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("encoder", ["uformer_compact", "restormer_compact"])
def test_the_compact_ones_learn(fast, noisy, clean, denoiser_class, encoder):
    denoiser = fast(denoiser_class, encoder=encoder, refine=False, epochs=3).fit(noisy)
    before, after = (np.mean((image - clean) ** 2) for image in (noisy, denoiser.transform(noisy)))
    assert after < before / 4
    copy = pickle.loads(pickle.dumps(denoiser))
    np.testing.assert_array_equal(copy.transform(noisy), denoiser.transform(noisy))


@pytest.mark.slow
@pytest.mark.parametrize(("encoder", "kind"), [("uformer", Uformer), ("restormer", Restormer)])
def test_the_published_ones_train(fast, rng, encoder, kind):
    stripes = np.sin(np.arange(32) / 2) + rng.normal(scale=0.1, size=(32, 32))
    denoiser = fast(Noise2SR, encoder=encoder, epochs=1, learning_rate=1e-3, M=1).fit(stripes)
    assert isinstance(denoiser.network_.encoder, kind)
    losses = [entry["loss"] for entry in denoiser.history_]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


@pytest.mark.parametrize(
    ("denoiser_class", "parameters"),
    [
        (Noise2SR, {"M": 10}),
        pytest.param(Noise2SR, {"M": 10, "stride": 3}, marks=pytest.mark.slow),
        pytest.param(Noise2Self, {"M": 2, "mask_width": 2}, marks=pytest.mark.slow),
    ],
)
def test_windows_fall_alike_in_tiles_and_frames(
    predictor, hurried, noisy, monkeypatch, denoiser_class, parameters
):
    """Under several symmetries, sides no multiples of windows."""
    frame = np.tile(noisy, (5, 5))[:301, :291]
    denoiser = hurried(denoiser_class, encoder=NEARSIGHTED, refine=False, **parameters).fit(noisy)
    whole = denoiser.transform(frame)
    monkeypatch.setattr(_predict, "_TILE_PIXELS", 280 * 280)
    assert len(predictor(denoiser).tiles(*frame.shape)) > 1
    np.testing.assert_allclose(denoiser.transform(frame), whole, atol=1e-5 * np.ptp(frame))


def test_who_looks_at_everything_gets_one_tile(predictor, hurried, noisy, monkeypatch):
    denoiser = hurried(Noise2SR, encoder="restormer_compact").fit(noisy)
    monkeypatch.setattr(_predict, "_TILE_PIXELS", 50 * 50)
    assert len(predictor(denoiser).tiles(200, 300)) == 1
