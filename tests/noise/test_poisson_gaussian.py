"""PoissonGaussian: mean, variance and shape of the noise."""

import numpy as np
import pytest

from sk_noise2sr.noise import PoissonGaussian

FORMS = ["gaussian", "poisson"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("a", "b"), [(0.1, 0.02), (0.02, 0.3), (0, 0.1), (0.05, 0)])
def test_mean_is_clean_and_variance_is_a_clean_plus_b_squared(form, a, b):
    """Over n pixels the mean strays by sqrt(variance / n), the variance by sqrt(2 / n)."""
    n = 100_000
    noisy = PoissonGaussian(a, b).sample(np.full(n, 0.45), random_state=0, form=form)
    variance = a * 0.45 + b**2
    assert abs(noisy.mean() - 0.45) < 4 * np.sqrt(variance / n)
    assert noisy.var() == pytest.approx(variance, rel=0.03)


def test_counts_without_read_out_are_multiples_of_the_gain():
    noisy = PoissonGaussian(a=0.25, b=0).sample(np.full((50, 50), 2.0), 0, form="poisson")
    np.testing.assert_array_equal(noisy / 0.25, np.round(noisy / 0.25))


def test_counts_are_skewed_and_the_gaussian_form_is_not():
    """Counts of mean 4 have skewness 1 / sqrt(4)."""
    skewness = {}
    for form in FORMS:
        noisy = PoissonGaussian(a=1, b=0).sample(np.full(100_000, 4.0), 0, form=form)
        skewness[form] = np.mean(((noisy - 4) / 2) ** 3)
    assert skewness["poisson"] == pytest.approx(0.5, abs=0.05)
    assert skewness["gaussian"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_clipped(form):
    """Around a clean 0 the read-out error is negative half of the time."""
    noisy = PoissonGaussian(a=0.1, b=0.02).sample(np.zeros(10_000), 0, form=form)
    assert np.mean(noisy < 0) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("form", FORMS)
def test_without_noise_the_image_comes_back_as_float64(form):
    clean = np.arange(6, dtype=np.uint8).reshape(2, 3)
    noisy = PoissonGaussian(a=0, b=0).sample(clean, form=form)
    assert noisy.dtype == np.float64
    np.testing.assert_array_equal(noisy, clean)


def test_variance_can_be_worked_out_by_hand():
    np.testing.assert_allclose(
        PoissonGaussian(a=0.1, b=0.2).variance([0, 1, 2]), [0.04, 0.14, 0.24]
    )


def test_without_counts_intensities_may_be_negative():
    assert PoissonGaussian(a=0, b=0.5).variance(-3.0) == 0.25


def test_one_seed_gives_one_image_and_a_generator_runs_on():
    noise, clean = PoissonGaussian(0.05, 0.02), np.ones((4, 4))
    rng = np.random.default_rng(7)
    first, second = noise.sample(clean, rng), noise.sample(clean, rng)
    np.testing.assert_array_equal(noise.sample(clean, 7), first)
    assert (first != second).all()


def test_the_global_seed_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the very thing under test
    PoissonGaussian(0.05, 0.02).sample(np.ones(9))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (-0.1, 0.02, "Expected a to be a finite number of at least 0, got -0.1"),
        (0.1, -1, "Expected b to be a finite number of at least 0, got -1"),
        (np.nan, 0, "Expected a to be a finite number of at least 0, got nan"),
        (0, np.inf, "Expected b to be a finite number of at least 0, got inf"),
        ("0.1", 0, "Expected a to be a finite number of at least 0, got '0.1'"),
    ],
)
def test_says_which_parameter_is_wrong(a, b, message):
    with pytest.raises(ValueError, match=message):
        PoissonGaussian(a, b)


@pytest.mark.parametrize(
    ("clean", "options", "message"),
    [
        ([0.5, -0.1], {}, "at least 0, since counts are, got -0.1"),
        ([0.5, np.nan], {}, "finite numbers, got NaN"),
        ([0.5], {"form": "salt"}, "'form' parameter of PoissonGaussian.sample must be a str among"),
    ],
)
def test_says_what_is_wrong_with_a_call(clean, options, message):
    with pytest.raises(ValueError, match=message):
        PoissonGaussian(0.05, 0.02).sample(clean, **options)
