"""What a fit tells of its own losses."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sk_noise2sr import Noise2SR
from sk_noise2sr.engine._fit import _has_risen
from sk_noise2sr.engine._loop import Outcome
from sk_noise2sr.networks import CompactUNet


def risen(losses):
    return _has_risen(Outcome(None, [{"loss": loss} for loss in losses], "done"))


@pytest.mark.parametrize(("n_steps", "times", "expected"), [
    (400, 3.1, True), (80, 3.1, True), (400, 2.9, False), (400, 0.3, False), (76, 100, False),
])  # fmt: skip
def test_a_loss_that_has_risen_threefold(n_steps, times, expected):
    losses = np.linspace(1, times, n_steps)
    part = n_steps // 4
    losses[:part], losses[-part:] = 1, times
    assert risen(losses) is expected


@pytest.mark.parametrize("n_steps", [80, 400])
def test_scatter_of_crops_is_no_rise(n_steps, rng):
    """Three crops in ten hold an atom, and their loss is a thousand times that of the others."""
    draws = rng.gamma(4, size=(2000, n_steps)) * np.where(rng.random((2000, n_steps)) < 0.3, 1e3, 1)
    part = n_steps // 4
    medians = np.median(draws[:, -part:], axis=1) / np.median(draws[:, :part], axis=1)
    assert medians.max() > (3 if n_steps == 80 else 1)
    assert not any(map(risen, draws))


class Growing(CompactUNet):
    """Its features grow by a half from step to step."""

    n_calls = 0

    def forward(self, images):
        """Map images to features."""
        self.n_calls += 1
        return super().forward(images) * 1.5**self.n_calls


@pytest.mark.parametrize("encoder", [Growing, CompactUNet])
def test_growing_features_are_told(encoder, hurried, rng):
    denoiser = hurried(Noise2SR, encoder=encoder, epochs=20)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        denoiser.fit(rng.poisson(9, (32, 32)).astype(float))
    said = [str(each.message) for each in warned if each.category is ConvergenceWarning]
    assert any("Noise2SR: the loss has risen" in each for each in said) is (encoder is Growing)
