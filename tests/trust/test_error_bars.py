"""Error bars: they cover, they cost what they say, and they refuse what they cannot do."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2Noise, Noise2SR, denoisers
from sk_noise2sr.compose import (
    AnscombeTransformer,
    HotPixelFilter,
    OnePassDenoiser,
    TransformedDenoiser,
    make_denoising_pipeline,
)
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.trust import ErrorBars
from sk_noise2sr.trust._error_bars import _quick

CLEAN, NOISY = make_hrem((96, 96), random_state=0)


def test_the_result_is_that_of_the_denoiser():
    plain = AdaptiveWiener().fit(NOISY).transform(NOISY)
    bars = ErrorBars(AdaptiveWiener(), random_state=0, verbose=0).fit(NOISY)
    denoised, std = bars.transform(NOISY, return_std=True)
    np.testing.assert_array_equal(bars.transform(NOISY), plain)
    np.testing.assert_array_equal(denoised, plain)
    assert std.shape == NOISY.shape
    assert (std > 0).all()


def test_ninety_percent_intervals_cover_about_ninety_percent():
    bars = ErrorBars(VSTBM3D(), random_state=0, verbose=0).fit(NOISY)
    denoised, std = bars.transform(NOISY, return_std=True)
    assert 0.8 < np.mean(np.abs(denoised - CLEAN) < 1.645 * std) < 0.99


def test_errors_scale_with_the_image_and_repeat():
    bars = ErrorBars(VSTBM3D(), 2, random_state=3, verbose=0)
    first = clone(bars).fit(NOISY).transform(NOISY, return_std=True)[1]
    again = clone(bars).set_params(n_jobs=2).fit(NOISY).transform(NOISY, return_std=True)[1]
    scaled = clone(bars).fit(5 * NOISY + 3).transform(5 * NOISY + 3, return_std=True)[1]
    np.testing.assert_allclose(again, first, rtol=1e-9)
    np.testing.assert_allclose(scaled, 5 * first, rtol=0.02)


def test_refits_of_a_network_differ_in_noise_and_seed():
    network = Noise2SR(epochs=1, M=2, refine=False, random_state=0, verbose=0)
    bars = ErrorBars(network, 2, random_state=0, verbose=0).fit(np.stack([NOISY, NOISY]))
    denoised, std = bars.transform(np.stack([NOISY, NOISY]), return_std=True)
    assert denoised.shape == std.shape == (2, 96, 96)
    assert (std > 0).all()


def test_a_constant_image_has_no_error():
    flat = np.full((32, 32), 3.0)
    denoised, std = ErrorBars(VSTBM3D(), verbose=0).fit(flat).transform(flat, return_std=True)
    assert (denoised == 3).all()
    assert (std == 0).all()


def test_a_method_that_needs_a_target_is_refused():
    with pytest.raises(ValueError, match="Noise2Noise learns from a target y"):
        ErrorBars(Noise2Noise(), verbose=0).fit(NOISY, NOISY)


@pytest.mark.parametrize("name", [*denoisers.__all__, "TransformedDenoiser", "OnePassDenoiser"])
def test_no_other_class_tells_a_standard_error(name):
    """Asked first of all, so that nobody takes a spread for it, or waits for a fit."""
    made = {
        "TransformedDenoiser": lambda: TransformedDenoiser(AnscombeTransformer(), VSTBM3D()),
        "OnePassDenoiser": lambda: OnePassDenoiser(VSTBM3D()),
    }
    denoiser = made.get(name, getattr(denoisers, name, None))()
    with pytest.raises(ValueError, match=rf"wrap it, ErrorBars\({name}\(\)\) of sk_noise2sr.trust"):
        denoiser.transform(NOISY, return_std=True)


def test_error_bars_of_a_pipeline_are_in_the_units_of_the_image():
    pipeline = make_denoising_pipeline(AnscombeTransformer(), AdaptiveWiener())
    bars = ErrorBars(pipeline, 2, random_state=0, verbose=0).fit(NOISY)
    denoised, std = bars.transform(NOISY, return_std=True)
    np.testing.assert_array_equal(denoised, clone(pipeline).fit(NOISY).transform(NOISY))
    assert 0.5 < np.sqrt(np.mean((denoised - CLEAN) ** 2) / np.mean(std**2)) < 2


def test_refits_are_quick_where_nothing_else_was_asked_for():
    wrapped = TransformedDenoiser(AnscombeTransformer(), Noise2SR(M=8))
    quick = _quick(wrapped).denoiser
    assert (quick.epochs, quick.M) == (Noise2SR.from_preset("fast").epochs, 8)
    assert wrapped.denoiser.epochs == Noise2SR().epochs
    paper = Noise2SR.from_preset("paper")
    assert _quick(paper).get_params()["epochs"] == paper.epochs


@pytest.mark.parametrize(
    "denoiser", [VSTBM3D(), Noise2SR(epochs=2, M=2, random_state=0, verbose=0)]
)
def test_refits_keep_the_grids_and_the_shares_of_the_fit(denoiser):
    def choices(fitted):
        chosen = fitted.filter_
        return chosen.grid.factors, chosen.grid.taper, chosen.drowned, chosen.mixture

    fitted = denoiser.fit(NOISY)
    noisy = NOISY[::2, ::2]  # binned less by a denoiser that is free to
    free, again = clone(denoiser).fit(noisy), _quick(fitted).fit(noisy)
    assert choices(again) == choices(fitted) != choices(free)
    assert again.fit(noisy).filter_.grid.factors == free.filter_.grid.factors
    assert again.filter_.anscombe == free.filter_.anscombe
    if isinstance(denoiser, Noise2SR):
        assert again.binning == denoiser.binning


@pytest.mark.parametrize("marked", ["NaN", "mask"])
def test_the_result_is_that_of_the_denoiser_beside_a_mask_too(marked):
    mask = np.zeros(NOISY.shape, bool)
    mask[:12] = True
    noisy, options = NOISY, {"mask": mask}
    if marked == "NaN":
        noisy, options = np.where(mask, np.nan, NOISY), {}
    bars = ErrorBars(VSTBM3D(), 2, random_state=0, verbose=0).fit(noisy, **options)
    denoised, std = bars.transform(noisy, return_std=True, **options)
    plain = VSTBM3D().fit(noisy, **options).transform(noisy, **options)
    np.testing.assert_array_equal(denoised, plain)
    whole = ErrorBars(VSTBM3D(), 2, random_state=0, verbose=0).fit(NOISY)
    far = whole.transform(NOISY, return_std=True)[1]
    assert 0.5 < (std / far)[~mask].min() <= (std / far)[~mask].max() < 2  # at the rim too


def test_a_pipeline_of_scikit_learn_has_error_bars():
    pipeline = make_pipeline(HotPixelFilter(), AdaptiveWiener())
    bars = ErrorBars(pipeline, 2, random_state=0, verbose=0).fit(NOISY)
    assert bars.transform(NOISY, return_std=True)[1].min() > 0


def test_the_score_is_that_of_the_denoiser():
    bars = ErrorBars(AdaptiveWiener(), verbose=0).fit(NOISY)
    assert bars.score(NOISY) == AdaptiveWiener().fit(NOISY).score(NOISY)


@pytest.mark.parametrize("gain", [1e-30, 1e20])
def test_errors_scale_with_intensities_that_float32_hardly_holds(gain):
    std = [
        ErrorBars(AdaptiveWiener(), 2, random_state=0, verbose=0).fit(x).transform(x, True)[1] / g
        for x, g in ((NOISY, 1), ((gain * NOISY).astype(np.float32), gain))
    ]
    np.testing.assert_allclose(std[1], std[0], rtol=1e-3)


def test_what_comes_back_as_it_was_has_no_standard_error():
    mask = np.zeros(NOISY.shape, bool)
    mask[:12] = True
    bars = ErrorBars(AdaptiveWiener(), random_state=0, verbose=0).fit(NOISY, mask=mask)
    denoised, std = bars.transform(NOISY, return_std=True, mask=mask)
    assert np.isnan(std[mask]).all()
    assert (std[~mask] > 0).all()
    np.testing.assert_array_equal(denoised[mask], NOISY[mask])


def test_refits_keep_the_texture_that_the_fit_kept(rng):
    """It is told from smooth noise as electrons are counted, and new noise is not of counts."""
    film = gaussian_filter(rng.normal(size=(128, 128)), 1.2)
    clean = 256 * np.maximum(1 + 0.25 * film / film.std(), 0.1)
    noisy = rng.poisson(clean).astype(float)
    noisy[:8, :8] = np.nan
    denoiser = ErrorBars(VSTBM3D(), random_state=0, verbose=0).fit(noisy)
    denoised, std = denoiser.transform(noisy, return_std=True)
    told = np.isfinite(std)
    error = (denoised - clean)[told]
    assert np.sqrt(np.mean(error**2)) == pytest.approx(std[told].mean(), rel=0.3)


def test_a_refit_whose_network_learns_too_little_is_one_draw_of_the_result(rng):
    """The shares of the fit say how much of its network counts."""
    film = gaussian_filter(rng.normal(size=(128, 128)), 1.2)
    noisy = rng.poisson(64 * np.maximum(1 + 0.25 * film / film.std(), 0.1))
    fitted = Noise2SR(epochs=24, M=4, random_state=0, verbose=0).fit(noisy)
    again = _quick(fitted).set_params(epochs=1)
    assert np.isfinite(again.fit(noisy).transform(noisy)).all()
    with pytest.raises(RuntimeError, match="local mean"):
        clone(again).fit(noisy)


@pytest.mark.parametrize("denoiser", [VSTBM3D(), make_pipeline(HotPixelFilter(), VSTBM3D())])
def test_what_is_left_out_is_said_once(denoiser):
    spoilt = NOISY.copy()
    spoilt[40:50, 30:60], spoilt[5, 5] = 300, 50
    bars = ErrorBars(denoiser, 2, random_state=0, verbose=0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bars.fit(spoilt).transform(spoilt, return_std=True)
    said = [str(each.message) for each in told if "come back unchanged" in str(each.message)]
    assert len(said) == 1
    assert "300 of 9216 pixels" in said[0]
