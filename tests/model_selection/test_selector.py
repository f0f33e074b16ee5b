"""DenoiserSelector: same pixels for all, the best by them, and a clock."""

import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Noise, Noise2SR, Training
from sk_noise2sr.base import BaseDenoiser
from sk_noise2sr.compose import AnscombeTransformer
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.engine import _plan
from sk_noise2sr.metrics import hidden_pixel_scorer, psnr
from sk_noise2sr.model_selection import DenoiserSelector, _race, hide_pixels
from sk_noise2sr.model_selection._race import Trial

PIXELS_BELONG_TOGETHER = "rows of an image are no independent samples"
OTHER_SIZES = "images of another size are welcome in transform"
NO_LABELS = "the reference of an image is an image, not a label a row"
LINE = "a single row or column of pixels has no neighbours to put in the place of hidden ones"
EXPECTED_FAILURES = {
    "check_methods_subset_invariance": PIXELS_BELONG_TOGETHER,
    "check_methods_sample_order_invariance": PIXELS_BELONG_TOGETHER,
    "check_n_features_in_after_fitting": OTHER_SIZES,
    "check_transformer_general": OTHER_SIZES,
    "check_fit_score_takes_y": NO_LABELS,
    "check_pipeline_consistency": NO_LABELS,
    "check_fit2d_1sample": LINE,
    "check_fit2d_1feature": LINE,
}


@parametrize_with_checks(
    [DenoiserSelector([AdaptiveWiener(3), AdaptiveWiener(5)], fraction=0.2, random_state=0)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_sklearn_compatible(estimator, check):
    check(estimator)


class Slow(BaseDenoiser):
    """Sleep for as long as allowed, and return the image."""

    _parameter_constraints = {"max_time": [float, None]}

    def __init__(self, max_time=None):
        self.max_time = max_time

    def _fit(self, stack, y):
        time.sleep(self.max_time)
        self.fitted_ = True

    def _denoise(self, image):
        return image.astype(float)


@pytest.fixture(scope="module")
def pair():
    clean, noisy = make_hrem((96, 96), random_state=0)
    return clean.astype(float), noisy.astype(float)


def test_scores_are_those_of_the_scorer_and_the_best_is_refitted(pair):
    wiener = ("wiener", AdaptiveWiener(), {"window": [3, 7, 15]})
    selector = DenoiserSelector([wiener, VSTBM3D()], fraction=0.05, random_state=3).fit(pair[1])
    table = selector.cv_results_
    assert table["name"].tolist() == ["wiener"] * 3 + ["vstbm3d"]
    best = selector.best_index_
    assert table["rank_test_score"][best] == 1
    assert (table["behind_best"][best], table["behind_best_error"][best]) == (0, 0)
    np.testing.assert_allclose(
        table["behind_best"], selector.best_score_ - table["mean_test_score"]
    )
    alone = clone(selector.best_estimator_).fit_transform(pair[1])
    np.testing.assert_array_equal(selector.transform(pair[1]), alone)
    assert selector.score(*pair[::-1]) == psnr(pair[0], alone)
    assert len({len(values) for values in table.values()}) == 1


def test_the_same_pixels_are_hidden_from_all(pair):
    twice = DenoiserSelector([AdaptiveWiener(), AdaptiveWiener()], random_state=0).fit(pair[1])
    assert twice.cv_results_["name"].tolist() == ["adaptivewiener-1", "adaptivewiener-2"]
    first, second = twice.cv_results_["mean_test_score"]
    assert first == second
    entropy = np.random.RandomState(0).randint(2**31 - 1)  # what make_seed draws
    X, y = hide_pixels(pair[1], random_state=np.random.default_rng(entropy).spawn(1)[0])
    assert first == pytest.approx(hidden_pixel_scorer(AdaptiveWiener().fit(X), X, y))


def test_repeats_take_other_pixels_and_make_the_choice_more_certain(pair):
    candidates = [AdaptiveWiener(15), AdaptiveWiener(17)]
    once, often = (
        DenoiserSelector(candidates, n_repeats=n, random_state=0).fit(pair[1]) for n in (1, 4)
    )
    assert once.best_score_ != often.best_score_
    uncertain, certain = (max(fit.cv_results_["behind_best_error"]) for fit in (once, often))
    assert certain == pytest.approx(uncertain / 2, rel=0.3)


def test_what_is_clearly_behind_is_not_tried_again(pair):
    candidates = [AdaptiveWiener(window) for window in (3, 15, 17)]
    selector = DenoiserSelector(candidates, n_repeats=4, random_state=0).fit(pair[1])
    table = selector.cv_results_
    assert table["n_repeats"].tolist() == [1, 4, 4]
    assert table["rank_test_score"][0] == 3
    assert table["behind_best"][0] > 3 * table["behind_best_error"][0]
    behind = selector.best_score_ - table["mean_test_score"]
    np.testing.assert_allclose(table["behind_best"], behind)
    alone = DenoiserSelector(candidates[:2], n_repeats=4, random_state=0).fit(pair[1])
    assert alone.cv_results_["n_repeats"].tolist() == [1, 1]


def test_a_round_that_the_clock_cuts_is_void(pair):
    candidates = [(f"{number}", make_pipeline(Sleeper(), AdaptiveWiener())) for number in range(2)]
    selector = DenoiserSelector(candidates, n_repeats=3, max_time=0.8, random_state=0)
    assert selector.fit(pair[1]).cv_results_["n_repeats"].tolist() == [1, 1]


def test_networks_filters_and_pipelines_at_any_binning(pair, monkeypatch):
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 8)
    small = Noise2SR(epochs=1, M=4, training=Training(crop_size=32), random_state=0, verbose=0)
    selector = DenoiserSelector(
        [
            ("noise2sr", small, [{"binning": [1, 2]}, {"stride": [3]}]),
            ("no detail is left", VSTBM3D(binning=8)),
            ("noise is left", AdaptiveWiener(noise=0.0)),
        ],
        fraction=0.05,
        random_state=0,
    ).fit(pair[1])
    table = selector.cv_results_
    assert np.isfinite(table["mean_test_score"]).all()
    assert table["name"].tolist() == ["noise2sr"] * 3 + ["no detail is left", "noise is left"]
    assert table["rank_test_score"][-1] == 5


def test_the_choice_is_close_to_the_best_by_the_clean_image(pair):
    candidates = [AdaptiveWiener(window) for window in (3, 5, 9, 15, 25)] + [VSTBM3D()]
    selector = DenoiserSelector(candidates, random_state=0).fit(pair[1])
    truth = [psnr(pair[0], each.fit_transform(pair[1])) for each in candidates]
    assert truth[selector.best_index_] > max(truth) - 0.3


def test_the_time_is_shared_and_kept(pair):
    slow = [(f"slow {number}", Slow()) for number in range(3)]
    start = time.monotonic()
    selector = DenoiserSelector(slow, max_time=2.4, random_state=0).fit(pair[1])
    assert time.monotonic() - start < 5
    np.testing.assert_allclose(selector.cv_results_["mean_fit_time"], 0.6, atol=0.4)
    assert selector.best_estimator_.max_time == pytest.approx(0.6, abs=0.4)


def test_what_comes_too_late_is_not_tried(pair):
    candidates = [("sleeper", make_pipeline(Sleeper(), AdaptiveWiener())), AdaptiveWiener()]
    with pytest.warns(FitFailedWarning, match="adaptivewiener: not tried, the time was up"):
        selector = DenoiserSelector(candidates, max_time=0.2, random_state=0).fit(pair[1])
    assert selector.best_name_ == "sleeper"


class Sleeper(AnscombeTransformer):
    """Sleep, whatever the time."""

    def fit(self, X, y=None):  # noqa: D102
        time.sleep(0.3)
        return self

    def transform(self, X):  # noqa: D102
        return X

    def __sklearn_is_fitted__(self):
        return True


def test_what_fails_stops_no_other_and_says_why(pair):
    candidates = [Noise2Noise(verbose=0), AdaptiveWiener()]
    with pytest.warns(FitFailedWarning, match="1 of 2 candidates failed: noise2noise: .*requires"):
        selector = DenoiserSelector(candidates, random_state=0).fit(pair[1])
    assert selector.best_name_ == "adaptivewiener"
    assert selector.cv_results_["rank_test_score"].tolist() == [2, 1]
    with pytest.raises(ValueError, match="No candidate could be scored: noise2noise: "):
        DenoiserSelector(candidates[:1], random_state=0).fit(pair[1])


def test_a_result_outlives_a_failure_in_a_round_that_is_cut(pair):
    """A candidate that fails in the second round, before the time is up, keeps its first result."""
    trials = [Trial(name, AdaptiveWiener(), {}) for name in "ab"]
    first, second = (hide_pixels(pair[1], random_state=seed) for seed in (0, 1))
    for trial in trials:
        trial.run(*first, None)
    trials[0].estimator = AdaptiveWiener(window=4)
    trials[0].run(*second, None)
    _race._stop(trials, 1)
    assert trials[0].error
    assert [len(trial.errors) for trial in trials] == [1, 1]


def test_an_error_is_told_with_its_kind(pair):
    class Absent(AdaptiveWiener):
        def fit(self, X, y=None):
            raise KeyError("noise")

    trial = Trial("a", Absent(), {})
    trial.run(*hide_pixels(pair[1], random_state=0), None)
    assert trial.error == "KeyError: 'noise'"


def test_a_choice_without_a_network_is_scored_by_hidden_pixels(pair):
    selector = DenoiserSelector([AdaptiveWiener()], random_state=0).fit(pair[1])
    assert selector.score(pair[1]) == selector.best_estimator_.score(pair[1])


def test_stacks(pair):
    stack = np.stack([pair[1], pair[1].T])
    selector = DenoiserSelector([AdaptiveWiener(3), AdaptiveWiener(15)], random_state=0)
    assert selector.fit_transform(stack).shape == stack.shape


@pytest.mark.parametrize("wrong", [3, AdaptiveWiener, ("a", AdaptiveWiener(), {}, 1), (1, 2)])
def test_what_is_no_candidate_gets_one_sentence(pair, wrong):
    with pytest.raises(ValueError, match="Expected candidates to be estimators"):
        DenoiserSelector([wrong]).fit(pair[1])
    with pytest.raises(ValueError, match="at least one candidate"):
        DenoiserSelector([]).fit(pair[1])
