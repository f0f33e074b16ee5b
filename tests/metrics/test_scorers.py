"""Scorers in the searches of scikit-learn, run for real with tiny fits."""

import math
import pickle

import numpy as np
import pytest
import torch
from joblib import cpu_count, parallel_backend
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    ParameterGrid,
    RandomizedSearchCV,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, Training
from sk_noise2sr.engine import _plan
from sk_noise2sr.metrics import (
    hidden_pixel_scorer,
    make_image_scorer,
    psnr,
    psnr_scorer,
    rmse,
    ssim,
    ssim_scorer,
)
from sk_noise2sr.model_selection import FrameKFold, WholeImage, hide_pixels

SCORERS = {"psnr": psnr_scorer, "ssim": ssim_scorer, "held_out": hidden_pixel_scorer}
GRID = {"stride": [2, 3], "upsampler": ["pixelshuffle", "bilinear"]}


@pytest.fixture
def tiny(monkeypatch):
    """Return a Noise2SR that fits in a tenth of a second, on images of 40 x 40 pixels."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 4)
    return Noise2SR(
        epochs=1,
        M=4,
        binning=1,
        refine=False,
        training=Training(held_out=0.1),
        random_state=0,
        verbose=0,
    )


@pytest.fixture
def pair(noisy, clean):
    return noisy[:40, :40], clean[:40, :40]


def test_scorers_are_the_metrics(noisy, clean, fast):
    denoiser = fast(Noise2SR).fit(noisy)
    denoised = denoiser.transform(noisy)
    assert psnr_scorer(denoiser, noisy, clean) == psnr(clean, denoised)
    assert ssim_scorer(denoiser, noisy, clean) == ssim(clean, denoised)
    assert hidden_pixel_scorer(denoiser, noisy, clean) == denoiser.score(noisy)
    assert hidden_pixel_scorer(denoiser, noisy) == denoiser.score(noisy)


def test_a_grid_search_with_a_reference_is_a_loop_by_hand(tiny, pair):
    search = GridSearchCV(tiny, GRID, scoring=psnr_scorer, cv=WholeImage()).fit(*pair)
    grid = list(ParameterGrid(GRID))
    by_hand = [
        psnr(pair[1], Noise2SR(**{**tiny.get_params(deep=False), **point}).fit_transform(pair[0]))
        for point in grid
    ]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], by_hand)
    assert search.best_score_ == max(by_hand)
    assert search.best_params_ == grid[int(np.argmax(by_hand))]
    assert search.transform(pair[0]).shape == (40, 40)


def test_a_grid_search_without_a_reference(tiny, pair):
    search = GridSearchCV(tiny, {"upsampler": GRID["upsampler"]}, cv=WholeImage()).fit(pair[0])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ == search.best_estimator_.score(pair[0])


def test_hidden_pixels_compare_fits_at_any_binning(tiny, noisy):
    X, y = hide_pixels(noisy, fraction=0.1, random_state=0)
    grid = [{"binning": [1, 2]}, {"stride": [3], "binning": [1.5]}]
    search = GridSearchCV(tiny, grid, scoring=hidden_pixel_scorer, cv=WholeImage()).fit(X, y)
    denoised = Noise2SR(**{**tiny.get_params(deep=False), "binning": 2}).fit_transform(X)
    hidden = ~np.isnan(y)
    error = np.mean((denoised - y)[hidden] ** 2)
    expected = -10 * math.log10(error / y[hidden].var())
    assert search.cv_results_["mean_test_score"][1] == pytest.approx(expected)


@pytest.mark.parametrize("refit", ["psnr", "held_out"])
def test_several_scores_at_once(tiny, pair, refit):
    search = GridSearchCV(
        tiny, {"stride": [2, 3]}, scoring=SCORERS, refit=refit, cv=WholeImage()
    ).fit(*pair)
    for name in SCORERS:
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
    best = np.argmax(search.cv_results_[f"mean_test_{refit}"])
    assert search.best_params_ == search.cv_results_["params"][best]
    assert search.score(*pair) == search.best_score_


def test_cross_validate(tiny, noisy, clean):
    stacks = (np.stack([image, image[::-1], image.T]) for image in (noisy, clean))
    results = cross_validate(tiny, *stacks, scoring=SCORERS, cv=FrameKFold(3))
    for name in SCORERS:
        assert results[f"test_{name}"].shape == (3,)
        assert np.isfinite(results[f"test_{name}"]).all()


def test_a_random_search(tiny, pair):
    search = RandomizedSearchCV(
        tiny, GRID, n_iter=2, scoring=psnr_scorer, cv=WholeImage(), random_state=0
    ).fit(*pair)
    assert len(search.cv_results_["params"]) == 2
    assert search.best_score_ == psnr(pair[1], search.transform(pair[0]))


@pytest.mark.parametrize("reference", [True, False], ids=["reference", "hidden pixels"])
def test_a_halving_search_over_epochs(tiny, pair, reference):
    X, y = pair if reference else hide_pixels(pair[0], fraction=0.1, random_state=0)
    search = HalvingGridSearchCV(
        tiny,
        GRID,
        resource="epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        scoring=psnr_scorer if reference else hidden_pixel_scorer,
        cv=WholeImage(),
    ).fit(X, y)
    assert search.n_resources_ == [1, 2, 4]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_estimator_.epochs == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_workers_share_the_cores(tiny, pair, monkeypatch):
    def count_threads(estimator, X, y=None):  # in here: a worker cannot import the tests
        return torch.get_num_threads()

    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    search = GridSearchCV(
        AdaptiveWiener(),
        {"window": [3, 5]},
        scoring={"psnr": psnr_scorer, "threads": count_threads},
        refit="psnr",
        cv=WholeImage(),
        n_jobs=2,
    ).fit(*pair)
    assert (search.cv_results_["mean_test_threads"] <= max(1, cpu_count() // 2)).all()


def test_workers_find_what_one_process_finds(pair):
    denoiser = Noise2SR(
        epochs=1, M=4, training=Training(crop_size=16), binning=1, random_state=0, verbose=0
    )
    alone, together = (
        GridSearchCV(
            denoiser, {"stride": [2, 3]}, scoring=psnr_scorer, cv=WholeImage(), n_jobs=n_jobs
        ).fit(*pair)
        for n_jobs in (1, 2)
    )
    np.testing.assert_allclose(
        together.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"], rtol=1e-4
    )
    np.testing.assert_allclose(together.transform(pair[0]), alone.transform(pair[0]), rtol=1e-4)


def test_dask_takes_the_fits(pair):
    distributed = pytest.importorskip("distributed")
    search = GridSearchCV(
        AdaptiveWiener(), {"window": [3, 5]}, scoring=psnr_scorer, cv=WholeImage()
    )
    alone = search.fit(*pair).cv_results_["mean_test_score"]
    with (
        distributed.Client(processes=False, n_workers=1, dashboard_address=None),
        parallel_backend("dask"),
    ):
        together = search.fit(*pair).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(together, alone)


def test_own_scores_at_different_binning_are_refused(fast, noisy):
    full, binned = (
        make_pipeline(fast(Noise2SR, held_out=0.1, binning=binning)).fit(noisy)
        for binning in (1, 2)
    )
    assert hidden_pixel_scorer(full, noisy) == full[-1].score(noisy)
    for refused in (binned, binned[-1]):
        with pytest.raises(ValueError, match=r"binned by 2, and do not compare.*hide_pixels"):
            hidden_pixel_scorer(refused, noisy)


def test_hidden_pixels_of_another_image_are_refused(noisy):
    X, y = hide_pixels(noisy, random_state=0)
    with pytest.raises(ValueError, match=r"shape of X, \(64, 64\), got \(32, 64\)"):
        hidden_pixel_scorer(AdaptiveWiener(window=3).fit(X), X, y[:32])


@pytest.mark.parametrize("scorer", [psnr_scorer, ssim_scorer])
def test_a_reference_that_is_missing_gets_one_sentence(scorer, noisy):
    with pytest.raises(ValueError, match=r"compares with a reference: .* hidden_pixel_scorer"):
        scorer(AdaptiveWiener(window=3).fit(noisy), noisy)


@pytest.mark.parametrize(
    "denoiser",
    [AdaptiveWiener(), VSTBM3D(), make_pipeline(FunctionTransformer(), AdaptiveWiener())],
    ids=["wiener", "bm3d", "pipeline"],
)
def test_methods_without_a_network_hide_pixels_for_the_occasion(denoiser, noisy, clean):
    noisy = clean + (noisy - clean) / 4  # hidden pixels can be guessed
    denoiser.fit(noisy)
    assert 0 < hidden_pixel_scorer(denoiser, noisy) < 10
    assert hidden_pixel_scorer(denoiser, noisy) == denoiser.score(noisy)
    X, y = hide_pixels(noisy, fraction=0.1, random_state=0)
    assert 0 < hidden_pixel_scorer(denoiser.fit(X), X, y) < 10


def test_what_has_no_score_is_pointed_to_hidden_pixels(noisy):
    with pytest.raises(ValueError, match=r"no score without a reference.*hide_pixels"):
        hidden_pixel_scorer(FunctionTransformer().fit(noisy), noisy)


def test_a_search_needs_no_scoring(noisy):
    search = GridSearchCV(
        AdaptiveWiener(), {"window": [3, 15]}, cv=WholeImage(), error_score="raise"
    )
    scores = search.fit(noisy).cv_results_["mean_test_score"]
    expected = [AdaptiveWiener(window).fit(noisy).score(noisy) for window in (3, 15)]
    np.testing.assert_allclose(scores, expected)


@pytest.mark.parametrize(
    ("scoring", "metric"),
    [
        (make_image_scorer(rmse, greater_is_better=False), lambda y, x: -rmse(y, x)),
        (make_image_scorer(ssim), ssim),
        (make_scorer(psnr), psnr),
        ("neg_mean_squared_error", lambda y, x: -(rmse(y, x) ** 2)),
    ],
)
def test_first_guesses_of_a_scorer_work(scoring, metric, noisy, rng):
    clean = noisy + rng.normal(size=noisy.shape)
    options = {"scoring": scoring, "cv": WholeImage(), "error_score": "raise"}
    search = GridSearchCV(AdaptiveWiener(), {"window": [3, 15]}, **options).fit(noisy, clean)
    expected = [metric(clean, AdaptiveWiener(n).fit_transform(noisy)) for n in (3, 15)]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected)


def test_an_image_scorer_says_what_it_wants(noisy):
    with pytest.raises(TypeError, match="Expected a metric to call"):
        make_image_scorer("psnr")
    with pytest.raises(ValueError, match=r"compares with a reference: .* hidden_pixel_scorer"):
        make_image_scorer(psnr)(AdaptiveWiener().fit(noisy), noisy)
    assert pickle.loads(pickle.dumps(make_image_scorer(psnr))).args == (psnr, 1)
