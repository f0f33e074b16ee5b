"""The contract of every denoiser: scikit-learn's checks, and those that images need.

Denoisers are found by walking ``sk_noise2sr.denoisers``: a new one is tested without a line here.
"""

import inspect
import pickle

import joblib
import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_noise2sr import Training, denoisers
from sk_noise2sr.base import BaseNetworkDenoiser, Masked
from sk_noise2sr.engine import _fit
from sk_noise2sr.metrics import psnr

CLASSES = [
    member for name in denoisers.__all__ if inspect.isclass(member := getattr(denoisers, name))
]

# A check that an image cannot pass -> why, and the test that stands in its place.
PIXELS_BELONG_TOGETHER = (
    "rows of an image are no independent samples; "
    "test_images_of_a_stack_are_denoised_one_by_one stands in its place"
)
NO_LABELS = (
    "the reference of an image is an image, not a label a row; "
    "test_score_against_a_reference_is_the_psnr and test_works_in_a_pipeline stand in its place"
)
EXPECTED_FAILURES = {
    "check_methods_subset_invariance": PIXELS_BELONG_TOGETHER,
    "check_methods_sample_order_invariance": PIXELS_BELONG_TOGETHER,
    "check_n_features_in_after_fitting": (
        "images of another size are welcome in transform; "
        "test_another_size_than_in_fit_is_welcome stands in its place"
    ),
    "check_transformer_general": (
        "images of another size are welcome in transform; "
        "test_same_seed_same_image and test_another_size_than_in_fit_is_welcome stand in its place"
    ),
    "check_fit_score_takes_y": NO_LABELS,
    "check_pipeline_consistency": NO_LABELS,
    "check_fit2d_1sample": (
        "a single row of pixels is refused with a sentence about sides; "
        "test_a_line_is_no_image stands in its place"
    ),
    "check_fit2d_1feature": (
        "a single column of pixels is refused with a sentence about sides; "
        "test_a_line_is_no_image stands in its place"
    ),
}


def small(estimator_class, **parameters):
    """Make an estimator that fits in a moment, of those parameters that it takes.

    A method that asks for a target gets the image itself, smoothed: what the contract demands
    does not depend on the target, and tests/denoisers has what does. Nor does it depend on how
    good a fit is: no pixel is held out, for a short training may lose against a local mean.
    """
    fast = {
        "epochs": 2,
        "training": Training(crop_size=16, held_out=1e-9),
        "random_state": 0,
        "verbose": 0,
        "binning": 1,
        "M": 2,
        "n_features": 4,
        "n_layers": 2,
        "n_scales": 1,
        "mask_width": 2,
    }
    accepted = inspect.signature(estimator_class).parameters
    parameters = {name: value for name, value in {**fast, **parameters}.items() if name in accepted}
    return SMOOTH_TARGETED.get(estimator_class, estimator_class)(**parameters)


class SmoothTargeted:
    """Give a denoiser that needs a target the image itself, smoothed."""

    def fit(self, X, y=None, *, mask="auto"):  # noqa: D102
        images = Masked.check(self, X, mask, reset=True)
        whole = images.filled.astype(float).reshape(images.images.shape)
        return super().fit(X, gaussian_filter(whole, 0.6, axes=(-2, -1)), mask=mask)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags


class SmoothTargetedNoise2Noise(SmoothTargeted, denoisers.Noise2Noise):
    """Noise2Noise under the contract."""


class SmoothTargetedSupervisedDenoiser(SmoothTargeted, denoisers.SupervisedDenoiser):
    """SupervisedDenoiser under the contract."""


SMOOTH_TARGETED = {
    denoisers.Noise2Noise: SmoothTargetedNoise2Noise,
    denoisers.SupervisedDenoiser: SmoothTargetedSupervisedDenoiser,
}


@pytest.fixture(autouse=True, scope="module")
def few_steps():
    """Cut trainings to four steps an epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fit, "CROPS_PER_EPOCH", 4)
        yield


@pytest.fixture(scope="module")
def scene(scene):
    """Return (clean, noisy), a part as small as the contract allows."""
    return tuple(image[:48, :48] for image in scene)


@pytest.fixture
def clean(scene):
    return scene[0]


@pytest.fixture
def noisy(scene):
    return scene[1].copy()


@parametrize_with_checks(
    [small(estimator_class, epochs=1) for estimator_class in CLASSES],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_sklearn_compatible(estimator, check):
    check(estimator)


@pytest.fixture(params=CLASSES, ids=lambda estimator_class: estimator_class.__name__)
def estimator_class(request):
    return request.param


@pytest.fixture(scope="module")
def fitted_on(scene):
    """Fit each class once for the tests that only look."""
    cache = {}

    def fit(estimator_class):
        if estimator_class not in cache:
            cache[estimator_class] = small(estimator_class).fit(scene[1])
        return cache[estimator_class]

    return fit


def test_a_line_is_no_image(estimator_class, rng):
    for shape in ((1, 48), (48, 1), (3, 1, 48)):
        with pytest.raises(ValueError, match="Expected sides of at least 2 pixels"):
            small(estimator_class).fit(rng.normal(size=shape))


def test_another_size_than_in_fit_is_welcome(estimator_class, fitted_on, noisy):
    denoiser = fitted_on(estimator_class)
    for image in (noisy[:33, :47], np.tile(noisy, (2, 1)), np.stack([noisy[:40], noisy[-40:]])):
        assert denoiser.transform(image).shape == image.shape


def test_images_of_a_stack_are_denoised_one_by_one(estimator_class, fitted_on, noisy):
    denoiser = fitted_on(estimator_class)
    stack = np.stack([noisy, noisy[::-1], noisy.T])
    alone = np.stack([denoiser.transform(image) for image in stack])
    np.testing.assert_array_equal(denoiser.transform(stack), alone)


def test_a_stack_is_learned_from_together(estimator_class, noisy, clean):
    calm = clean + (noisy - clean) / 20  # so little noise that few steps must show the scene
    stack = np.stack([calm, calm[::-1]])
    denoised = small(estimator_class, epochs=10).fit_transform(stack)
    assert denoised.shape == stack.shape
    assert np.corrcoef(denoised[1].ravel(), calm[::-1].ravel())[0, 1] > 0.1


@pytest.mark.parametrize(
    "name", ["uint8", "int16", "uint16", "int64", "bool", "float16", "float32", "float64", ">f4"]
)
def test_any_real_dtype(estimator_class, noisy, name):
    image = (noisy > 1 if name == "bool" else 20 * noisy).astype(name)
    epochs = 10 if name == "bool" else 1  # between 0 and 1 there is little room for the mean
    denoised = small(estimator_class, epochs=epochs).fit_transform(image)
    expected = image.dtype.newbyteorder("=") if image.dtype.kind == "f" else denoised.dtype
    assert denoised.dtype == expected
    assert denoised.dtype.kind == "f"
    assert image.min() < denoised.mean() < image.max()


def test_same_seed_same_image(estimator_class, noisy):
    first, second = (small(estimator_class).fit_transform(noisy) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    if issubclass(estimator_class, BaseNetworkDenoiser):
        other = small(estimator_class, random_state=1).fit_transform(noisy)
        assert not np.array_equal(first, other)


def test_global_seeds_are_left_alone(estimator_class, noisy):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    small(estimator_class, random_state=None).fit_transform(noisy)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize(("gain", "offset"), [(4.0, 0.0), (1e-12, 0.0), (1000.0, -37.0), (1, 1e4)])
def test_output_commutes_with_gain_and_offset(estimator_class, noisy, gain, offset):
    # Few steps: training magnifies what rounding leaves.
    few = {"epochs": 1, "batch_size": 4}
    plain = small(estimator_class, **few).fit_transform(noisy)
    changed = small(estimator_class, **few).fit_transform(gain * noisy + offset)
    np.testing.assert_allclose((changed - offset) / gain, plain, atol=1e-3 * noisy.std())


def test_nothing_is_clipped(estimator_class, noisy):
    below = noisy - noisy.max() - 1
    assert small(estimator_class).fit_transform(below).mean() < 0


def test_the_input_is_not_changed(estimator_class, noisy):
    before = noisy.copy()
    small(estimator_class).fit_transform(noisy)
    np.testing.assert_array_equal(noisy, before)


@pytest.mark.parametrize("binning", [1, 2])
def test_hot_pixels_do_not_spoil_the_rest(estimator_class, noisy, clean, binning):
    spoilt = noisy.copy()
    spoilt[[5, 30], [40, 12]] = 1e4
    plain, same = (
        small(estimator_class, binning=binning).fit_transform(image) for image in (noisy, spoilt)
    )
    assert np.abs(same - plain).mean() < 0.3 * noisy.std()


@pytest.mark.filterwarnings("ignore:.* pixels")
def test_what_lies_under_a_mask_is_never_used(estimator_class, noisy):
    over = np.zeros(noisy.shape, dtype=bool)
    over[10:20, 5:30], over[30, 30], over[:, 40] = True, True, True
    results = []
    for value in (0.0, 1e5):
        denoiser = small(estimator_class)
        spoilt = np.where(over, value, noisy)
        results.append(denoiser.fit_transform(spoilt, mask=over))
        np.testing.assert_array_equal(denoiser.invalid_, over)
        np.testing.assert_array_equal(results[-1][10:20, 5:30], value)
    thick = np.zeros_like(over)
    thick[10:20, 5:30] = True
    np.testing.assert_array_equal(*(result[~thick] for result in results))
    masked = small(estimator_class).fit_transform(np.ma.masked_array(noisy, over))
    np.testing.assert_array_equal(masked[~thick], results[0][~thick])
    broken = small(estimator_class).fit_transform(np.where(over, np.nan, noisy))
    np.testing.assert_array_equal(np.isnan(broken), thick)
    np.testing.assert_array_equal(broken[~thick], results[0][~thick])


@pytest.mark.parametrize("dtype", ["float32", "uint16"])
def test_constant_images_come_back_unchanged(estimator_class, dtype):
    image = np.full((20, 30), 7, dtype=dtype)
    denoiser = small(estimator_class).fit(image)
    np.testing.assert_array_equal(denoiser.transform(image), image)


def test_a_fit_on_a_constant_image_denoises_no_other(estimator_class, noisy):
    denoiser = small(estimator_class).fit(np.ones((20, 30)))
    with pytest.raises(ValueError, match="fitted on a constant image"):
        denoiser.transform(noisy)


def test_a_constant_frame_of_a_stack_comes_back_unchanged(estimator_class, noisy):
    stack = np.stack([noisy, np.full_like(noisy, 3.0)])
    denoised = small(estimator_class).fit_transform(stack)
    np.testing.assert_array_equal(denoised[1], stack[1])


def test_constant_frames_do_not_spoil_the_fit_of_a_stack(estimator_class, noisy):
    stack = np.stack([np.zeros_like(noisy), noisy, np.ones_like(noisy)])
    alone = small(estimator_class).fit_transform(noisy)
    np.testing.assert_array_equal(small(estimator_class).fit_transform(stack)[1], alone)


def test_a_stack_of_constant_frames_comes_back_unchanged(estimator_class):
    stack = np.stack([np.zeros((8, 9)), np.ones((8, 9))])
    np.testing.assert_array_equal(small(estimator_class).fit_transform(stack), stack)


def test_score_against_a_reference_is_the_psnr(estimator_class, fitted_on, noisy, clean):
    denoiser = fitted_on(estimator_class)
    assert denoiser.score(noisy, clean) == psnr(clean, denoiser.transform(noisy))


def test_pickle_and_joblib_keep_the_result(estimator_class, fitted_on, noisy, tmp_path):
    denoiser = fitted_on(estimator_class)
    expected = denoiser.transform(noisy)
    joblib.dump(denoiser, tmp_path / "fit.joblib")
    for copy in (pickle.loads(pickle.dumps(denoiser)), joblib.load(tmp_path / "fit.joblib")):
        np.testing.assert_array_equal(copy.transform(noisy), expected)


def test_clone_forgets_the_fit(estimator_class, fitted_on):
    fitted = fitted_on(estimator_class)
    copy = clone(fitted)
    assert settings(copy) == settings(fitted)
    assert not [name for name in vars(copy) if name.endswith("_")]


def settings(estimator):
    """Return the parameters, those of ``training`` one by one: its clone is another object."""
    parameters = estimator.get_params()
    return {name: value for name, value in parameters.items() if name != "training"}


def test_works_in_a_pipeline(estimator_class, noisy, clean):
    pipeline = make_pipeline(FunctionTransformer(np.negative), small(estimator_class))
    alone = small(estimator_class).fit(-noisy)
    np.testing.assert_array_equal(pipeline.fit(noisy).transform(noisy), alone.transform(-noisy))
    assert pipeline.score(noisy, -clean) == alone.score(-noisy, -clean)


def test_whatever_becomes_an_array_is_an_image(estimator_class, fitted_on, noisy):
    denoiser = fitted_on(estimator_class)
    expected = denoiser.transform(noisy)
    for same in (noisy.tolist(), np.asfortranarray(noisy), noisy[::-1][::-1]):
        np.testing.assert_array_equal(denoiser.transform(same), expected)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.empty((0, 0)), r"Found array with 0 sample"),
        (np.empty((0, 5, 5)), r"Found array with 0 sample"),
        (np.empty((2, 5, 0)), r"Expected images with pixels, got an array of shape \(2, 5, 0\)"),
        (np.arange(12288.0).reshape(64, 64, 3), "looks like a colour image .* a stack is"),
        (np.ones((2, 2, 8, 8)), "an array with 4 axes"),
        (np.ones(8), "Reshape your data"),
        (np.ones((8, 8), dtype=complex), "Complex data not supported"),
        (np.full((8, 8), np.nan), "contains NaN"),
        (np.full((8, 8), np.inf), "contains infinity"),
        (np.full((8, 8), "a"), "could not convert|dtype='numeric'|Unable to convert"),
    ],
)
def test_bad_images_get_one_clear_sentence(estimator_class, image, message):
    with pytest.raises(ValueError, match=message):
        small(estimator_class).fit(image)
