"""What pictures have in common."""

import numpy as np
import pytest

from sk_noise2sr.io import Calibration
from sk_noise2sr.report import scale_bar
from sk_noise2sr.report._parts import grey_range


@pytest.mark.parametrize("width", [1, 7, 64, 832, 5000])
@pytest.mark.parametrize("size", [3e-4, 0.0213, 1.0, 47.0])
def test_a_scale_bar_is_a_round_length_that_fits(width, size):
    pixels, label = scale_bar(Calibration((1, size), "µm"), width)
    number, unit = label.split()
    assert unit == ("mm" if pixels * size > 999 else "µm")
    assert f"{float(number):.0e}"[0] in "125"
    assert pixels * size == pytest.approx(float(number) * (1000 if unit == "mm" else 1))
    assert 0.12 <= pixels / width <= 0.3 * (1 + 1e-9)


def test_without_a_pixel_size_there_is_none():
    assert scale_bar(None, 64) is None
    assert scale_bar(Calibration(), 64) is None


def test_a_bad_pixel_sets_no_grey_scale(rng):
    image = rng.normal(size=(64, 64))
    image[3, 4] = 1e6
    low, high = grey_range(image)
    assert -5 < low < -2
    assert 2 < high < 5


def test_a_grey_scale_is_never_empty():
    low, high = grey_range(np.ones((4, 4)))
    assert low < 1 < high
    spike = np.zeros((100, 100))
    spike[0, 0] = 7
    assert grey_range(spike) == (0, 7)
