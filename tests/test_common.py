"""The contract of every denoiser: scikit-learn's checks, and those that images need.

Denoisers are found by walking ``sk_noise2sr.denoisers``: a new one is tested without a line here.
"""

import inspect

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_noise2sr import Training, denoisers
from sk_noise2sr.base import BaseNetworkDenoiser, Masked
from sk_noise2sr.engine import _plan
from sk_noise2sr.testing import CONTRACT, EXPECTED_FAILURES

CLASSES = [getattr(denoisers, name) for name in denoisers.__all__]


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
        patch.setattr(_plan, "CROPS_PER_EPOCH", 4)
        yield


@pytest.fixture(scope="module")
def scene(scene):
    """Return (clean, noisy), a part as small as the contract allows."""
    return tuple(image[:48, :48] for image in scene)


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


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
def test_contract(estimator_class, fitted_on, scene, check):
    clean, noisy = scene
    check(fitted_on(estimator_class), noisy.copy(), clean)


def test_a_line_is_no_image(estimator_class, rng):
    for shape in ((1, 48), (48, 1), (3, 1, 48)):
        with pytest.raises(ValueError, match="Expected sides of at least 2 pixels"):
            small(estimator_class).fit(rng.normal(size=shape))


def test_a_stack_is_learned_from_together(estimator_class, noisy, clean):
    calm = clean + (noisy - clean) / 20  # so little noise that few steps must show the scene
    stack = np.stack([calm, calm[::-1]])
    denoised = small(estimator_class, epochs=10).fit_transform(stack)
    assert denoised.shape == stack.shape
    assert np.corrcoef(denoised[1].ravel(), calm[::-1].ravel())[0, 1] > 0.1


@pytest.mark.parametrize("name", ["uint8", "bool", "float16", ">f4"])
def test_any_real_dtype(estimator_class, noisy, name):
    image = (noisy > 1 if name == "bool" else 20 * noisy).astype(name)
    epochs = 10 if name == "bool" else 1  # between 0 and 1 there is little room for the mean
    denoised = small(estimator_class, epochs=epochs).fit_transform(image)
    expected = image.dtype.newbyteorder("=") if image.dtype.kind == "f" else denoised.dtype
    assert denoised.dtype == expected
    assert denoised.dtype.kind == "f"
    assert image.min() < denoised.mean() < image.max()


def test_another_seed_another_image(estimator_class, noisy):
    """Of the network: where it has learned too little, all of the result is the filter's."""
    if issubclass(estimator_class, BaseNetworkDenoiser):
        one, other = (
            small(estimator_class, random_state=seed, refine=False).fit_transform(noisy)
            for seed in (0, 1)
        )
        assert not np.array_equal(one, other)


@pytest.mark.parametrize(("gain", "offset"), [(4.0, 0.0), (1e-12, 0.0), (1000.0, -37.0), (1, 1e4)])
def test_output_commutes_with_gain_and_offset(estimator_class, noisy, gain, offset):
    # Few steps: training magnifies what rounding leaves.
    few = {"epochs": 1, "batch_size": 4}
    plain = small(estimator_class, **few).fit_transform(noisy)
    changed = small(estimator_class, **few).fit_transform(gain * noisy + offset)
    np.testing.assert_allclose((changed - offset) / gain, plain, atol=1e-3 * noisy.std())


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


@pytest.mark.filterwarnings("ignore:.* pixels")
@pytest.mark.parametrize("estimator_class", [denoisers.AdaptiveWiener, denoisers.ZSN2N])
def test_a_mask_may_be_given_in_three_ways(estimator_class, noisy):
    over = np.zeros(noisy.shape, dtype=bool)
    over[10:20, 5:30] = True
    expected = small(estimator_class).fit_transform(noisy, mask=over)
    masked = small(estimator_class).fit_transform(np.ma.masked_array(noisy, over))
    np.testing.assert_array_equal(masked[~over], expected[~over])
    broken = small(estimator_class).fit_transform(np.where(over, np.nan, noisy))
    np.testing.assert_array_equal(np.isnan(broken), over)
    np.testing.assert_array_equal(broken[~over], expected[~over])


def test_a_fit_on_a_constant_image_denoises_no_other(estimator_class, noisy):
    denoiser = small(estimator_class).fit(np.ones((20, 30)))
    with pytest.raises(ValueError, match="fitted on a constant image"):
        denoiser.transform(noisy)


def test_constant_frames_do_not_spoil_the_fit_of_a_stack(estimator_class, noisy):
    stack = np.stack([np.zeros_like(noisy), noisy, np.ones_like(noisy)])
    alone = small(estimator_class).fit_transform(noisy)
    np.testing.assert_array_equal(small(estimator_class).fit_transform(stack)[1], alone)


def test_a_stack_of_constant_frames_comes_back_unchanged(estimator_class):
    stack = np.stack([np.zeros((8, 9)), np.ones((8, 9))])
    np.testing.assert_array_equal(small(estimator_class).fit_transform(stack), stack)


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
