"""Rows and columns that are too bright or too dark as a whole are levelled."""

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D, AdaptiveWiener
from sk_noise2sr.metrics import psnr

SIDE = 128


@pytest.fixture(scope="module")
def lifted(pair):
    rng = np.random.default_rng(0)
    noise = (pair[1] - pair[0]).std()
    return pair[1] + 0.5 * noise * rng.normal(size=(len(pair[1]), 1))


@pytest.mark.parametrize("turned", [False, True])
def test_a_warning_says_how_far_lines_are_lifted(lifted, turned):
    image, axis = (lifted.T, "columns") if turned else (lifted, "rows")
    match = rf"Whole {axis} are too bright or too dark, by 0\.[3-7]"
    with pytest.warns(UserWarning, match=match):
        AdaptiveWiener().fit(image)


@pytest.mark.filterwarnings("ignore:Whole rows")
@pytest.mark.parametrize("denoiser", [AdaptiveWiener(), VSTBM3D()], ids=str)
def test_rows_that_are_lifted_are_levelled(pair, lifted, denoiser):
    denoised = denoiser.fit(lifted).transform(lifted)
    control = denoiser.fit(pair[1]).transform(pair[1])
    assert psnr(pair[0], denoised) > psnr(pair[0], control) - 3
    left = (denoised - pair[0]).mean(axis=1)
    assert left.std() < 0.5 * (lifted - pair[1]).std()


@pytest.mark.filterwarnings("ignore:Whole rows")
def test_levelling_commutes_with_gain_and_offset(lifted):
    denoised = VSTBM3D(refine=False).fit(lifted).transform(lifted)
    other = 30 * lifted - 400
    again = VSTBM3D(refine=False).fit(other).transform(other)
    np.testing.assert_allclose(again, 30 * denoised - 400, atol=0.02 * other.std())


def test_nothing_is_levelled_if_so_asked(lifted, recwarn):
    denoiser = AdaptiveWiener().fit(lifted, mask="none")
    assert not recwarn
    rows = [denoiser.transform(lifted, mask=mask).mean(axis=1).std() for mask in ("none", "auto")]
    assert rows[0] > 2 * rows[1]


@pytest.mark.filterwarnings("ignore")
def test_regions_of_a_levelled_image_come_back_to_the_bit(lifted):
    bar = np.zeros((SIDE, SIDE), bool)
    bar[108:114, 20:70] = True
    spoilt = np.where(bar, 300.0, lifted).astype(np.float32)
    denoised = AdaptiveWiener().fit(spoilt).transform(spoilt)
    assert denoised.dtype == np.float32
    assert (denoised[bar] == 300).all()


@pytest.mark.filterwarnings("ignore")
def test_each_frame_of_a_stack_has_its_own_rows(pair, lifted):
    stack = np.stack([pair[1], lifted])
    denoiser = AdaptiveWiener().fit(stack)
    both = denoiser.transform(stack)
    np.testing.assert_array_equal(both[0], denoiser.transform(pair[1]))
    np.testing.assert_array_equal(both[1], denoiser.transform(lifted))
