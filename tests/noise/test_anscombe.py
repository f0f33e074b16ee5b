"""Anscombe: variance 1 after it, no bias on the way back, and digits to spare at both limits."""

import numpy as np
import pytest
from scipy import stats

from sk_noise2sr.noise import Anscombe

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def moments(anscombe, clean, a, b):
    """Return mean and deviation of stabilised counts with read-out noise, by integration."""
    counts = np.arange(stats.poisson.isf(1e-14, clean / a) + 1)
    weights = np.outer(stats.poisson.pmf(counts, clean / a), WEIGHTS / WEIGHTS.sum())
    stabilized = anscombe.transform(a * counts[:, np.newaxis] + b * NODES)
    mean = np.sum(weights * stabilized)
    return mean, np.sqrt(np.sum(weights * (stabilized - mean) ** 2))


@pytest.mark.parametrize("a", [0.1, 0.05, 0.02])
@pytest.mark.parametrize("clean", [0.24, 0.34, 0.45, 0.56, 0.75, 3.0])
def test_inverse_is_without_bias(a, clean):
    """Bounds at the intensities and noise levels of the paper; a / 4 is the bias without care."""
    anscombe = Anscombe(a, 0.02)
    mean, _ = moments(anscombe, clean, a, 0.02)
    assert abs(anscombe.inverse_transform(mean) - clean) < 0.002
    assert abs(anscombe.inverse_transform(mean) - clean) < 0.02 * a


@pytest.mark.parametrize(("counts", "tolerance"), [(4, 0.03), (10, 0.01), (50, 0.002)])
@pytest.mark.parametrize("b", [0.0, 0.5, 3.0])
def test_deviation_is_one(counts, tolerance, b):
    deviation = moments(Anscombe(1.0, b), counts, 1.0, b)[1]
    assert deviation == pytest.approx(1, abs=tolerance)


def test_textbook_formula_but_for_a_constant():
    a, b, image = 0.05, 0.02, np.linspace(-0.01, 2, 9)
    textbook = 2 / a * np.sqrt(a * image + 3 / 8 * a**2 + b**2)
    constant = 2 / a * np.sqrt(3 / 8 * a**2 + b**2)
    np.testing.assert_allclose(Anscombe(a, b).transform(image), textbook - constant, atol=1e-12)


def test_textbook_inverse():
    """Makitalo and Foi's closed form, at values counted from the textbook's zero."""
    a, b = 0.05, 0.02
    constant = 2 * np.sqrt(3 / 8 + (b / a) ** 2)
    d = np.linspace(1.5, 40, 9)
    third = np.sqrt(3 / 2)
    closed = d**2 / 4 + third / 4 / d - 11 / 8 / d**2 + 5 / 8 * third / d**3 - 1 / 8 - (b / a) ** 2
    np.testing.assert_allclose(
        Anscombe(a, b).inverse_transform(d - constant), a * closed, atol=1e-13
    )


def test_without_counts_it_is_linear():
    image = np.array([[-3.0, 0.0, 4.5]])
    np.testing.assert_array_equal(Anscombe(0, 0.5).transform(image), image / 0.5)
    np.testing.assert_array_equal(Anscombe(0, 0.5).inverse_transform(image), image * 0.5)
    np.testing.assert_array_equal(Anscombe(0, 0.5, 1.0).transform(image), (image - 1) / 0.5)


@pytest.mark.parametrize("a", [1e-4, 1e-8, 1e-12, 1e-100, 1e-310])
def test_small_gains_lead_to_the_linear_limit_without_loss_of_digits(a):
    image = np.linspace(-5, 5, 11)
    anscombe = Anscombe(a, 2.0)
    stabilized = anscombe.transform(image)
    np.testing.assert_allclose(stabilized, image / 2, atol=5 * a + 1e-14)
    np.testing.assert_allclose(anscombe.inverse_transform(stabilized), image, atol=a + 1e-14)


def test_gain_and_offset_of_the_image_change_nothing():
    image = np.linspace(-1, 3, 9)
    plain = Anscombe(0.1, 0.2, -1.0)
    changed = Anscombe(30 * 0.1, 30 * 0.2, 1e6 - 30)
    np.testing.assert_allclose(
        changed.transform(30 * image + 1e6), plain.transform(image), atol=1e-9
    )
    back = changed.inverse_transform(plain.transform(image))
    expected = 30 * plain.inverse_transform(plain.transform(image)) + 1e6
    np.testing.assert_allclose(back, expected, rtol=1e-12)


def test_one_line_of_variances_has_one_transform_but_for_a_constant():
    """Variance 0.1 x - 0.05 is zero at 0.5, or 0.2 at 2.5."""
    image = np.linspace(0.6, 5, 9)
    one, other = Anscombe(0.1, 0, 0.5), Anscombe(0.1, np.sqrt(0.2), 2.5)
    difference = one.transform(image) - other.transform(image)
    np.testing.assert_allclose(difference, difference[0], atol=1e-12)
    same = other.inverse_transform(other.transform(image))
    np.testing.assert_allclose(one.inverse_transform(one.transform(image)), same, atol=1e-12)


def test_nothing_lies_below_the_intensity_without_variance():
    assert Anscombe(0.1).inverse_transform(-50.0) == pytest.approx(0, abs=1e-15)
    assert Anscombe(0.1, 0.2, 3.0).inverse_transform(-50.0) == pytest.approx(3 - 0.4)
    assert Anscombe(0.1).transform(-2.0) == Anscombe(0.1).transform(-1.0)


def test_both_ways_rise():
    values = np.linspace(-3, 10, 500)
    for anscombe in (Anscombe(0.5), Anscombe(0.5, 0.3), Anscombe(0.5, 2, 1)):
        assert (np.diff(anscombe.transform(values)) >= 0).all()
        assert (np.diff(anscombe.inverse_transform(values)) >= -1e-15).all()


@pytest.mark.parametrize("b", [0, 0.3])
def test_inverted_contrast_is_the_mirror_image(b):
    values = np.linspace(-3, 10, 500)
    inverted, anscombe = Anscombe(-0.5, b, -2.0), Anscombe(0.5, b, 2.0)
    for method in ("transform", "inverse_transform", "variance"):
        sign = 1 if method == "variance" else -1
        expected = sign * getattr(anscombe, method)(values)
        np.testing.assert_array_equal(getattr(inverted, method)(-values), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ((-np.inf, 1), "Expected a to be a finite number, got -inf"),
        ((0.1, -1), "Expected b to be a finite number of at least 0, got -1"),
        ((0.1, 1, np.nan), "Expected offset to be a finite number, got nan"),
        (("1", 1), "Expected a to be a finite number, got '1'"),
        ((0, 0), "Expected a or b above 0, got 0 for both"),
    ],
)
def test_says_which_parameter_is_wrong(parameters, message):
    with pytest.raises(ValueError, match=message):
        Anscombe(*parameters)


def test_says_what_is_wrong_with_an_image():
    for method in (Anscombe(1.0).transform, Anscombe(1.0).inverse_transform):
        with pytest.raises(ValueError, match="finite numbers, got NaN"):
            method([0.5, np.nan])


def test_a_variance_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"a and b of at most 1e\+150"):
        Anscombe(1.0, 1e200)


@pytest.mark.parametrize("a", [1.0, 0.1, -0.5, 0.0])
def test_expected_is_undone_by_the_inverse(a):
    anscombe = Anscombe(a, 0.5, offset=3.0)
    clean = 3 + np.sign(a or 1) * np.linspace(0, 30, 16)
    back = anscombe.inverse_transform(anscombe.expected(clean))
    np.testing.assert_allclose(back, clean, atol=0.02 * abs(a) + 1e-9)


def test_expected_of_impossible_intensities_is_that_of_the_least():
    anscombe = Anscombe(1.0)
    values = anscombe.expected([-100.0, -1.0, 0.0])
    np.testing.assert_allclose(values, values[-1])
