"""What is not valid is no target of a network, and no noise."""

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR
from sk_noise2sr.engine import Batch, _fit
from sk_noise2sr.grid import Mask, WorkingGrid
from sk_noise2sr.schemes import SuperResolution

SIDE = 128


def test_invalid_pixels_are_no_targets(pair, monkeypatch, hurried):
    """No step asks for a masked pixel, at any turn of any crop."""
    bar = np.zeros((SIDE, SIDE), bool)
    bar[108:114, 20:70] = True
    noisy = np.where(bar, 300.0, pair[1])
    asked = []

    def loss(self, network, batch):
        assert isinstance(batch, Batch)
        asked.append(float(batch.noisy[batch.targets].abs().max()))
        return original(self, network, batch)

    original = SuperResolution.loss
    monkeypatch.setattr(SuperResolution, "loss", loss)
    monkeypatch.setattr(Mask, "fill", lambda self, image: np.where(self.invalid, 1e4, image))
    monkeypatch.setattr(_fit, "_judge", lambda *_: (0.0, None))
    with pytest.warns(UserWarning, match="300 of 16384"):
        hurried(Noise2SR, epochs=1, standardize=False, crop_size=64).fit(noisy)
    assert asked
    assert max(asked) < 100


def test_a_binned_pixel_is_valid_where_most_of_it_is():
    valid = np.ones((1, 64, 64), dtype=bool)
    valid[0, 20, 20] = False
    valid[0, 40:, 40:] = False
    binned = WorkingGrid(0.0, 1.0, 4.0).valid(valid)
    assert binned.shape == (1, 16, 16)
    np.testing.assert_array_equal(binned[0, :9, :9], True)
    np.testing.assert_array_equal(binned[0, 10:, 10:], False)


@pytest.mark.parametrize(
    "mask", [None, "all", np.zeros((3, 3), bool), np.zeros((SIDE, SIDE))], ids=str
)
def test_wrong_masks_get_one_sentence(pair, mask):
    with pytest.raises(ValueError, match='Expected mask to be "auto", "none" or an array of bool'):
        AdaptiveWiener().fit(pair[1], mask=mask)


def test_a_mask_of_everything_is_refused(pair):
    with pytest.raises(ValueError, match="No pixel of an image is valid"):
        AdaptiveWiener().fit(pair[1], mask=np.ones(pair[1].shape, dtype=bool))


def test_valid_strips_too_narrow_to_tell_noise_by_are_denoised(rng):
    """An index out of bounds was all that was said."""
    mask = np.zeros((64, 64), bool)
    for start in range(4, 64, 8):
        mask[:, start : start + 4] = True
    noisy = rng.normal(size=(64, 64))
    denoised = VSTBM3D().fit_transform(noisy, mask=mask)
    assert denoised[~mask].std() < noisy.std()
