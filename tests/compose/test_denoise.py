"""One line of Python."""

import numpy as np
import pytest

import sk_noise2sr
from sk_noise2sr import Noise2SR

SHORT = {"epochs": 1, "random_state": 0, "verbose": 0}
SHORT |= {"training__crop_size": 32, "training__held_out": 0.0}


@pytest.mark.parametrize(("words", "preset"), [((), "default"), (("fast",), "fast")])
def test_it_is_the_denoiser_with_its_preset_and_parameters(noisy, words, preset):
    expected = Noise2SR.from_preset(preset, **SHORT).fit_transform(noisy)
    np.testing.assert_array_equal(sk_noise2sr.denoise(noisy, *words, **SHORT), expected)


def test_a_slip_is_told(noisy):
    with pytest.raises(ValueError, match="Unknown preset 'quick' of Noise2SR; known: 'default'"):
        sk_noise2sr.denoise(noisy, "quick")
    with pytest.raises(ValueError, match="Invalid parameter 'strid'"):
        sk_noise2sr.denoise(noisy, strid=2)
