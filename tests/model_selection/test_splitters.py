"""Splitters: what is fitted and what is scored, and the warning that names them."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, ShuffleSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.model_selection import FrameKFold, TileKFold, WholeImage

IMAGE, STACK = np.zeros((10, 7)), np.zeros((6, 10, 7))


@pytest.mark.parametrize("X", [IMAGE, STACK], ids=["image", "stack"])
def test_the_whole_image_is_fitted_and_scored(X):
    ((train, test),) = WholeImage().split(X)
    assert WholeImage().get_n_splits() == WholeImage().get_n_splits(X) == 1
    np.testing.assert_array_equal(X[train], X)
    np.testing.assert_array_equal(train, test)


def test_each_image_of_a_stack_can_be_a_split():
    cv = WholeImage(each=True)
    splits = list(cv.split(STACK))
    assert len(splits) == cv.get_n_splits(STACK) == 6
    for number, (train, test) in enumerate(splits):
        assert train.tolist() == test.tolist() == [number]
    assert len(list(cv.split(IMAGE))) == cv.get_n_splits(IMAGE) == 1  # never rows
    with pytest.raises(ValueError, match="give the stack X"):
        cv.get_n_splits()


def test_frames_are_scored_once_and_never_fitted_where_scored():
    scored = []
    for train, test in FrameKFold(3).split(STACK):
        assert not set(train) & set(test)
        scored += test.tolist()
    assert scored == list(range(6))


@pytest.mark.parametrize("n_splits", [2, 3, 4])
def test_bands_have_neither_gap_nor_overlap(n_splits):
    scored = []
    for train, test in TileKFold(n_splits).split(IMAGE):
        assert not set(train) & set(test)
        assert (np.diff(train) == 1).all()
        assert (np.diff(test) == 1).all()
        scored += test.tolist()
    assert scored == list(range(10))
    assert TileKFold(n_splits).get_n_splits(IMAGE) == n_splits


@pytest.mark.parametrize(
    ("cv", "X", "message"),
    [
        (FrameKFold(), IMAGE, r"by its frames, got an array of shape \(10, 7\).*WholeImage"),
        (TileKFold(), STACK, "For a stack use FrameKFold"),
        (TileKFold(1), IMAGE, "integer above 1, got 1"),
        (TileKFold(11), IMAGE, "11 bands out of an image of 10 rows"),
    ],
)
def test_what_cannot_be_split_gets_one_sentence(cv, X, message):
    with pytest.raises(ValueError, match=message):
        list(cv.split(X))


@pytest.mark.parametrize("cv", [WholeImage(each=True), FrameKFold(4), TileKFold(3)])
def test_a_splitter_shows_its_parameters_and_copies(cv):
    assert repr(clone(cv, safe=False)) == repr(cv)


@pytest.mark.parametrize(
    "denoiser",
    [AdaptiveWiener(window=3), make_pipeline(FunctionTransformer(), AdaptiveWiener(window=3))],
    ids=["denoiser", "pipeline"],
)
@pytest.mark.parametrize("cv", [3, ShuffleSplit(1, random_state=0)])
def test_a_splitter_for_tables_gets_a_warning_that_names_ours(denoiser, cv, rng):
    clean = make_hrem((128, 128), random_state=0)[0]
    noisy = clean + rng.normal(0, 0.05, clean.shape)
    with pytest.warns(UserWarning, match=r"use cv=WholeImage\(\)"):
        cross_validate(denoiser, noisy, clean, cv=cv)


@pytest.mark.parametrize("cv", [WholeImage(), TileKFold(3), TileKFold(2), 2])
def test_no_warning_where_rows_lie_side_by_side(cv, noisy, clean):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = {"window": [3, 5]}
        GridSearchCV(AdaptiveWiener(), grid, cv=cv).fit(noisy, clean)


def test_no_warning_for_frames(noisy):
    stack = np.stack([noisy, noisy[::-1], noisy[:, ::-1]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cross_validate(AdaptiveWiener(window=3), stack, stack, cv=3)
        AdaptiveWiener(window=3).fit(noisy)


@pytest.mark.parametrize("cv", [WholeImage(), TileKFold()])
def test_halving_by_rows_is_refused(cv, rng):
    image = rng.normal(size=(32, 32))
    search = HalvingGridSearchCV(AdaptiveWiener(), {"window": [3, 5]}, cv=cv, random_state=0)
    with pytest.raises(ValueError, match='resource="epochs"'):
        search.fit(image)


def test_halving_by_frames_picks_whole_frames(rng):
    stack = rng.normal(size=(8, 32, 32))
    search = HalvingGridSearchCV(
        AdaptiveWiener(), {"window": [3, 5, 7]}, cv=WholeImage(), random_state=0
    ).fit(stack)
    assert search.n_resources_ == [2, 6]
