"""Steps of a Pipeline: what each mends, its way back, and scikit-learn's checks."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Noise, Noise2SR
from sk_noise2sr.compose import (
    AnscombeTransformer,
    BackgroundNormalizer,
    HotPixelFilter,
    IntensityScaler,
    OnePassDenoiser,
    ScanLineAligner,
    ScanLineCorrector,
    TransformedDenoiser,
    make_denoising_pipeline,
)
from sk_noise2sr.datasets import make_hrem, make_stem
from sk_noise2sr.engine import _plan
from sk_noise2sr.metrics import hidden_pixel_scorer, psnr, psnr_scorer
from sk_noise2sr.model_selection import WholeImage, hide_pixels

STEPS = [
    HotPixelFilter(),
    ScanLineAligner(),
    ScanLineCorrector(),
    BackgroundNormalizer(),
    IntensityScaler(),
    TransformedDenoiser(IntensityScaler(), AdaptiveWiener(3)),
    OnePassDenoiser(AdaptiveWiener(3), epochs=3, n_features=4, random_state=0, verbose=0),
]
PIXELS_BELONG_TOGETHER = "rows of an image are no independent samples"
OTHER_SIZES = "images of another size are welcome in transform, or get a sentence of their own"
NO_LABELS = "the reference of an image is an image, not a label a row"
LINE = "a single row or column of pixels is refused with a sentence about sides"


def expected_failures(step):
    reasons = {}
    alone = (IntensityScaler, HotPixelFilter, ScanLineAligner, ScanLineCorrector)
    if not isinstance(step, alone):
        reasons["check_methods_subset_invariance"] = PIXELS_BELONG_TOGETHER
        reasons["check_methods_sample_order_invariance"] = PIXELS_BELONG_TOGETHER
    reasons["check_n_features_in_after_fitting"] = OTHER_SIZES
    if isinstance(step, BackgroundNormalizer):
        reasons["check_fit_idempotent"] = OTHER_SIZES
    else:
        reasons["check_transformer_general"] = OTHER_SIZES
    if isinstance(step, (TransformedDenoiser, OnePassDenoiser)):
        reasons["check_fit_score_takes_y"] = NO_LABELS
        reasons["check_pipeline_consistency"] = NO_LABELS
        reasons["check_fit2d_1sample"] = reasons["check_fit2d_1feature"] = LINE
    return reasons


@parametrize_with_checks(STEPS[:-1], expected_failed_checks=expected_failures)
def test_sklearn_compatible(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(STEPS[-1:], expected_failed_checks=expected_failures)
def test_a_student_is_sklearn_compatible(estimator, check):
    check(estimator)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_shapes_and_types_are_kept(step, noisy):
    for images in (noisy, np.stack([noisy, noisy.T]), noisy.astype("float32")):
        changed = step.fit_transform(images)
        assert (changed.shape, changed.dtype) == (images.shape, images.dtype)
    assert step.fit_transform((100 * noisy).astype("uint16")).dtype == np.float32


@pytest.mark.parametrize(
    "step",
    [
        BackgroundNormalizer(),
        BackgroundNormalizer(mode="divide"),
        IntensityScaler(),
        make_pipeline(BackgroundNormalizer(), IntensityScaler()),
    ],
    ids=["subtract", "divide", "scaler", "pipeline"],
)
def test_the_way_back(step, noisy):
    np.testing.assert_allclose(step.fit(noisy).inverse_transform(step.transform(noisy)), noisy)


def test_pixels_that_are_bad_in_all_frames_show_in_many(rng):
    stack = 10 + rng.normal(size=(40, 64, 64))
    stack[:, 5, 7] = 4.0  # dead: 6 standard deviations, too little in one frame
    stack[3, 30, 30] = 200.0  # a spike
    step = HotPixelFilter().fit(stack)
    assert np.argwhere(step.mask_).tolist() == [[5, 7]]
    mended = step.transform(stack)
    assert abs(mended[:, 5, 7].mean() - 10) < 0.5
    assert mended[3, 30, 30] < 15
    np.testing.assert_allclose(np.delete(mended[0].ravel(), 5 * 64 + 7), np.delete(stack[0], 327))
    assert step.transform(stack[0, :32]).shape == (32, 64)


def test_bad_pixels_become_nan_if_asked(noisy):
    noisy[9, 9] = 1e4
    mended = HotPixelFilter(fill="nan").fit_transform(noisy)
    assert np.argwhere(np.isnan(mended)).tolist() == [[9, 9]]


def test_spikes_are_worth_filling(rng):
    clean, noisy = make_hrem((128, 128), random_state=0)
    spiked = noisy.copy()
    for row, column in rng.integers(8, 120, (12, 2)):
        spiked[row, column : column + 2] += 40
    mended = HotPixelFilter().fit_transform(spiked)
    assert psnr(clean, mended) == pytest.approx(psnr(clean, noisy), abs=0.1)
    step = make_pipeline(HotPixelFilter(), VSTBM3D())
    expected = VSTBM3D().fit(noisy).score(noisy, clean)
    # Denoisers find such pixels by themselves too; the step says where.
    assert step.fit(spiked).score(spiked, clean) == pytest.approx(expected, abs=0.3)
    assert VSTBM3D().fit(spiked).score(spiked, clean) == pytest.approx(expected, abs=0.3)


def test_row_offsets_are_worth_correcting(rng):
    clean, noisy = make_stem("mfi", (192, 192), random_state=0)
    lifted = noisy + 0.5 * (noisy - clean).std() * rng.normal(size=(192, 1))
    corrector = ScanLineCorrector().fit(lifted)
    alone, after = (gaussian_filter(image, 1.5) for image in (lifted, corrector.transform(lifted)))
    assert psnr(clean, after) > psnr(clean, alone) + 2
    left = (lifted - noisy)[:, 0] - corrector.offsets_[0]
    assert left.std() < 0.4 * (lifted - noisy).std()
    np.testing.assert_array_equal(ScanLineCorrector().fit_transform(noisy), noisy)


def test_a_scan_that_trembles_is_worth_aligning():
    options = {"crystal": "mfi", "pixel_size": 0.02, "dose": 2e4, "random_state": 2}
    noisy = make_stem(scan_jitter=0.02, **options)[1]
    straight = make_stem(**options)[0]
    aligner = ScanLineAligner().fit(noisy)
    aligned = aligner.transform(noisy)
    assert aligned.dtype == noisy.dtype
    assert aligner.shifts_.shape == (1, 256)
    alone, after = (gaussian_filter(image, 1.5) for image in (noisy, aligned))
    assert psnr(straight, after) > psnr(straight, alone) + 0.5


def test_a_background_is_levelled(clean):
    slope = np.linspace(1, 3, 64)[:, np.newaxis]
    for mode, uneven in (("subtract", clean + slope), ("divide", clean * slope)):
        level = BackgroundNormalizer(mode=mode).fit_transform(uneven)
        assert level.mean() == pytest.approx(uneven.mean(), rel=0.05)
        spread = [gaussian_filter(image, 8)[8:-8, 8:-8].std() for image in (uneven, level)]
        assert spread[1] < 0.4 * spread[0]


def test_a_scale_is_that_of_the_fit(noisy):
    step = IntensityScaler(quantiles=(0.01, 0.99)).fit(noisy)
    assert 0.97 < np.mean((step.transform(noisy) >= 0) & (step.transform(noisy) <= 1)) < 0.99
    np.testing.assert_allclose(
        step.transform(2 * noisy) - 2 * step.transform(noisy), step.low_ / (step.high_ - step.low_)
    )
    assert not IntensityScaler().fit_transform(np.ones((8, 8))).any()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (BackgroundNormalizer(mode="divide"), "Cannot divide by a background that goes down to"),
        (IntensityScaler(quantiles=(0.9, 0.1)), "two rising numbers"),
        (TransformedDenoiser(HotPixelFilter(), AdaptiveWiener()), "transformer with inverse_tran"),
        (TransformedDenoiser(IntensityScaler(), 3), "'denoiser' parameter"),
        (HotPixelFilter(threshold=0), "'threshold' parameter"),
    ],
)
def test_what_cannot_be_gets_one_sentence(step, message, noisy):
    with pytest.raises(ValueError, match=message):
        step.fit(noisy - 5)


def test_a_background_belongs_to_its_size(noisy):
    with pytest.raises(ValueError, match="images of 64 x 64 pixels, got 32 x 64"):
        BackgroundNormalizer().fit(noisy).transform(noisy[:32])


def test_a_transformed_denoiser_returns_original_units(noisy, clean):
    noisy, clean = 100 + 50 * noisy, 100 + 50 * clean
    steps = AnscombeTransformer(noise=(50 / 8, 0), offset=100), AdaptiveWiener(noise=1.0)
    denoiser = TransformedDenoiser(*steps).fit(noisy)
    by_hand = steps[0].fit(noisy)
    changed = steps[1].fit(by_hand.transform(noisy)).transform(by_hand.transform(noisy))
    np.testing.assert_allclose(denoiser.transform(noisy), by_hand.inverse_transform(changed))
    assert denoiser.score(noisy, clean) == psnr(clean, denoiser.transform(noisy))
    assert denoiser.score(noisy, clean) > psnr(clean, noisy) + 10


def test_a_pipeline_goes_there_and_back(noisy, clean):
    steps = HotPixelFilter(), AnscombeTransformer(noise=(1 / 8, 0)), AdaptiveWiener(noise=1.0)
    by_hand = make_pipeline(steps[0], TransformedDenoiser(*steps[1:])).fit(noisy)
    pipeline = make_denoising_pipeline(*steps).fit(noisy)
    np.testing.assert_array_equal(pipeline.transform(noisy), by_hand.transform(noisy))
    scaler = make_denoising_pipeline(IntensityScaler(), steps[0], ScanLineCorrector(), steps[2])
    assert [type(step) for _, step in scaler.denoiser.steps] == [
        HotPixelFilter, ScanLineCorrector, AdaptiveWiener
    ]  # fmt: skip
    assert make_denoising_pipeline(steps[2]) is steps[2]
    with pytest.raises(ValueError, match="got nothing"):
        make_denoising_pipeline()


def test_results_in_other_units_are_warned_of(noisy, clean):
    steps = HotPixelFilter(), AnscombeTransformer(noise=(1 / 8, 0)), AdaptiveWiener(noise=1.0)
    one_way = make_pipeline(*steps).fit(noisy)
    with pytest.warns(UserWarning, match=r"TransformedDenoiser\(AnscombeTransformer"):
        psnr(clean, one_way.transform(noisy))
    with pytest.warns(UserWarning, match="make_denoising_pipeline"):
        hidden_pixel_scorer(one_way, *hide_pixels(noisy, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        there_and_back = make_denoising_pipeline(*steps).fit(noisy)
        psnr(clean, there_and_back.transform(noisy))
        hidden_pixel_scorer(there_and_back, *hide_pixels(noisy, random_state=0))


def test_a_score_without_a_reference_is_that_of_original_units(noisy):
    outer = TransformedDenoiser(IntensityScaler(), AdaptiveWiener(5)).fit(noisy)
    assert outer.score(noisy) == pytest.approx(AdaptiveWiener(5).fit(noisy).score(noisy))


def test_targets_are_transformed_too(noisy, fast):
    denoiser = TransformedDenoiser(IntensityScaler(), fast(Noise2Noise, epochs=1))
    second = make_hrem((64, 64), random_state=0)[1][::-1]
    denoised = denoiser.fit(noisy, second).transform(noisy)
    scaler = IntensityScaler().fit(noisy)
    alone = fast(Noise2Noise, epochs=1).fit(scaler.transform(noisy), scaler.transform(second))
    expected = scaler.inverse_transform(alone.transform(scaler.transform(noisy)))
    np.testing.assert_allclose(denoised, expected)
    with pytest.raises(ValueError, match="requires y"):
        denoiser.fit(noisy)


def test_a_pipeline_and_a_search_through_it(noisy, clean, monkeypatch):
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 10)
    noisy[20, 20] = 1e3
    small = Noise2SR(epochs=1, M=4, binning=1, refine=False, random_state=0, verbose=0)
    pipeline = make_pipeline(
        HotPixelFilter(),
        ScanLineCorrector(),
        TransformedDenoiser(make_pipeline(BackgroundNormalizer(), IntensityScaler()), small),
    )
    assert pipeline.fit_transform(noisy).shape == noisy.shape
    short = make_pipeline(HotPixelFilter(), small)
    search = GridSearchCV(
        short, {"noise2sr__stride": [2, 3]}, scoring=psnr_scorer, cv=WholeImage()
    ).fit(noisy, clean)
    by_hand = [
        psnr(clean, short.set_params(noise2sr__stride=stride).fit_transform(noisy))
        for stride in (2, 3)
    ]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], by_hand)
    assert search.best_params_["noise2sr__stride"] == 2 + int(np.argmax(by_hand))
