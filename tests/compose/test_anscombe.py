"""AnscombeTransformer: scikit-learn's checks, stabilised noise, and the way back."""

import pickle

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_noise2sr import datasets
from sk_noise2sr.compose import AnscombeTransformer
from sk_noise2sr.noise import Anscombe, PoissonGaussian, estimate_noise

# A check that an image cannot pass -> why, and the test that stands in its place.
OTHER_SIZES = (
    "images of another size are welcome in transform; "
    "test_another_size_than_in_fit_is_welcome stands in its place"
)
EXPECTED_FAILURES = {
    "check_n_features_in_after_fitting": OTHER_SIZES,
    "check_transformer_general": OTHER_SIZES,
}


# With noise="estimate" the arrays of these checks are too small.
@parametrize_with_checks(
    [AnscombeTransformer(noise=(0.1, 1.0))],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_sklearn_compatible(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def frame():
    """Return (clean, noisy): 200 counts a pixel and read-out noise."""
    clean = datasets.make_hrem((200, 220), dose=np.inf, random_state=0)[0].astype(float)
    return clean, PoissonGaussian(a=0.005, b=0.05).sample(clean, 0, form="poisson")


def test_estimated_noise_is_stabilised_to_one(frame):
    clean, noisy = frame
    anscombe = AnscombeTransformer().fit(noisy)
    assert np.std(anscombe.transform(noisy) - anscombe.transform(clean)) == pytest.approx(1, 0.03)
    assert anscombe.noise_ == estimate_noise(noisy)


def test_given_noise_is_taken(frame):
    anscombe = AnscombeTransformer((0.005, 0.05), offset=0.1).fit(frame[1])
    assert anscombe.noise_ == Anscombe(0.005, 0.05, 0.1)
    expected = anscombe.noise_.transform(frame[1])
    np.testing.assert_array_equal(anscombe.transform(frame[1]), expected)


def test_another_size_than_in_fit_is_welcome(frame):
    anscombe = AnscombeTransformer().fit(frame[1])
    stack = np.stack([frame[1][:20, :30]] * 2)
    assert anscombe.transform(stack).shape == stack.shape
    np.testing.assert_array_equal(
        anscombe.transform(stack)[1], anscombe.transform(frame[1])[:20, :30]
    )


@pytest.mark.parametrize("name", ["uint16", "int32", "float16", "float32", "float64", ">f4"])
def test_types_are_kept_on_both_ways(frame, name):
    image = (100 * frame[1]).astype(name)
    anscombe = AnscombeTransformer().fit(image)
    stabilized = anscombe.transform(image)
    expected = {"uint16": "float32", "int32": "float64", ">f4": "float32"}.get(name, name)
    assert stabilized.dtype == anscombe.inverse_transform(stabilized).dtype == expected


def test_round_trip_in_a_pipeline_is_without_bias(rng):
    """The closed form is good to 0.02 a; the algebraic inverse would be too low by a / 4."""
    clean, noisy = np.ones((256, 256)), rng.poisson(8.0, (256, 256)) / 8
    smoother = FunctionTransformer(gaussian_filter, kw_args={"sigma": 3})  # its way back: nothing
    pipeline = make_pipeline(AnscombeTransformer((1 / 8, 0.0)), smoother)
    back = pipeline.inverse_transform(pipeline.fit_transform(noisy))
    assert np.mean(back) == pytest.approx(noisy.mean(), abs=0.02 / 8)
    assert np.std(back - clean) < 0.15 * np.std(noisy - clean)


def test_gain_and_offset_of_the_image_do_not_matter(frame):
    changes = FunctionTransformer(lambda X: 40 * X - 7)
    changed = make_pipeline(changes, AnscombeTransformer()).fit_transform(frame[1])
    np.testing.assert_allclose(changed, AnscombeTransformer().fit_transform(frame[1]), atol=1e-6)


def test_pickles_and_clones(frame):
    anscombe = AnscombeTransformer((0.1, 0.2)).fit(frame[1])
    copy = pickle.loads(pickle.dumps(anscombe))
    np.testing.assert_array_equal(copy.transform(frame[1]), anscombe.transform(frame[1]))
    assert not hasattr(clone(anscombe), "noise_")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": "guess"}, "The 'noise' parameter"),
        ({"noise": (1.0,)}, r"Expected noise to be a pair \(a, b\) of numbers, got \(1.0,\)"),
        ({"noise": (0.1, -1)}, "Expected b to be a finite number of at least 0, got -1"),
        ({"offset": "0"}, "The 'offset' parameter"),
        ({"offset": 99.0}, "below the mean intensity"),
    ],
)
def test_says_which_parameter_is_wrong(frame, parameters, message):
    with pytest.raises(ValueError, match=message):
        AnscombeTransformer(**parameters).fit(frame[1])


def test_small_images_have_one_strength_of_noise():
    transformer = AnscombeTransformer().fit(np.random.default_rng(0).normal(size=(20, 40)))
    assert transformer.noise_.a == 0
