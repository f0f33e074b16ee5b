"""Scale bars, labels and padding do no harm, and come back to the bit."""

from collections import OrderedDict

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from sklearn import config_context
from sklearn.pipeline import make_pipeline

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.base import _continue
from sk_noise2sr.compose import (
    AnscombeTransformer,
    BackgroundNormalizer,
    HotPixelFilter,
    IntensityScaler,
    ScanLineCorrector,
)
from sk_noise2sr.grid import Mask, fill_pixels, find_constant_regions, find_dead_lines

SIDE = 128
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def shapes():
    """Return masks of what lies over pictures."""
    bar = np.zeros((SIDE, SIDE), dtype=bool)
    bar[108:114, 20:70] = True
    label = bar.copy()
    label[98:105, 22:24] = label[98:105, 30:32] = label[101:103, 24:30] = True  # an H
    rotated = abs((ROWS - 64) * 0.98 + (COLUMNS - 64) * 0.17) > 52
    aperture = np.hypot(ROWS - 64, COLUMNS - 64) > 58
    disc = np.hypot(ROWS - 30, COLUMNS - 90) < 9
    letterbox = (ROWS < 14) | (ROWS >= 114)
    return {
        "bar": bar,
        "label": label,
        "rotated": rotated,
        "aperture": aperture,
        "disc": disc,
        "letterbox": letterbox,
    }


SHAPES = shapes()


@pytest.mark.parametrize("value", [0.0, 300.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_regions_are_found_to_the_pixel(pair, shape, value):
    spoilt = np.where(SHAPES[shape], value, pair[1])
    wrong = find_constant_regions(spoilt) != SHAPES[shape]
    assert wrong.sum() <= 4


@pytest.mark.parametrize("denoiser", [VSTBM3D(), AdaptiveWiener()], ids=["vstbm3d", "wiener"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_rest_is_denoised_as_without_them(pair, shape, denoiser):
    clean, noisy = pair
    over = SHAPES[shape]
    spoilt = np.where(over, 300.0, noisy)
    with pytest.warns(UserWarning, match=f"{over.sum()} of {over.size} pixels lie in regions"):
        denoised = denoiser.fit(spoilt).transform(spoilt)
    np.testing.assert_array_equal(denoised[over], 300.0)
    control = denoiser.fit(noisy).transform(noisy)
    far = distance_transform_edt(~over) > 4
    error, usual = (np.mean((image - clean)[far] ** 2) for image in (denoised, control))
    assert error < 1.4 * usual  # fewer pixels tell less of where detail ends


@pytest.mark.parametrize(("crystal", "electrons"), [("te", 20), ("mor", 100)])
def test_a_mask_over_sparse_counts_makes_no_pixel_bad(crystal, electrons):
    """A filling is finer than one count, and cuts off patches of zeros: neither is a fault."""
    size = {"shape": (SIDE, SIDE), "pixel_size": 0.01}
    clean, _ = datasets.make_stem(crystal, **size, dose=np.inf, random_state=20)
    noisy = datasets.record(clean, electrons, random_state=20).astype(float)
    for shape in ("aperture", "rotated"):
        found = Mask.find(np.where(SHAPES[shape], np.nan, noisy))
        np.testing.assert_array_equal(found.invalid, SHAPES[shape])


def test_a_filling_is_remembered(pair, monkeypatch):
    over = SHAPES["disc"]
    image = Mask(over, over & False).fill(pair[1])
    monkeypatch.setattr(_continue, "_fillings", OrderedDict())
    first = _continue.continue_picture(image, over)
    monkeypatch.setattr(_continue, "_in_rounds", None)  # nothing is worked out again
    np.testing.assert_array_equal(_continue.continue_picture(image, over), first)
    with pytest.raises(TypeError):
        _continue.continue_picture(image + 1, over)
    monkeypatch.setattr(_continue, "_REMEMBERED", 0)
    _continue._remember(b"another", first[over])
    assert not _continue._fillings


@pytest.mark.parametrize("shape", ["bar", "disc"])
def test_a_lattice_of_few_counts_goes_on_to_the_rim(shape):
    clean, noisy = (
        image.astype(float) for image in datasets.make_stem("te", (SIDE, SIDE), random_state=0)
    )
    over = SHAPES[shape]
    control = VSTBM3D().fit(noisy).transform(noisy)
    spoilt = np.where(over, 300.0, noisy)
    with pytest.warns(UserWarning, match="regions that are no picture"):
        denoised = VSTBM3D().fit(spoilt).transform(spoilt)
    away = distance_transform_edt(~over)
    for where, limit in (((away > 0) & (away <= 4), 2.5), (away > 4, 1.4)):
        error, usual = (np.mean((image - clean)[where] ** 2) for image in (denoised, control))
        assert error < limit * usual


def test_a_network_and_its_spread(pair, fast):
    spoilt = np.where(SHAPES["bar"], 300.0, pair[1])
    with pytest.warns(UserWarning, match="300 of 16384 pixels lie in regions"):
        denoiser = fast(Noise2SR, epochs=1).fit(spoilt)
    denoised, spread = denoiser.transform(spoilt, return_spread=True)
    np.testing.assert_array_equal(denoised[SHAPES["bar"]], 300.0)
    np.testing.assert_array_equal(spread[SHAPES["bar"]], 0.0)
    assert np.abs(denoised[~SHAPES["bar"]]).max() < 10


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.7, 3.0, 100.0])
def test_counts_are_no_regions(rate):
    for seed in range(20):
        counts = np.random.default_rng(seed).poisson(rate, (SIDE, SIDE))
        assert not find_constant_regions(counts).any()


def test_clean_frames_stay_as_they_are(pair):
    assert not find_constant_regions(pair[1]).any()
    assert not find_constant_regions(np.ones((32, 32))).any()


def dead_and_hot(noisy):
    """Return an image with dead columns, part of a row and hot pixels, and where they are."""
    rng = np.random.default_rng(3)
    hot = rng.random(noisy.shape) < 0.005
    dead = np.zeros(noisy.shape, dtype=bool)
    dead[:, 60:63] = dead[30, :50] = True
    spoilt = np.where(hot, noisy + 40 * rng.choice([-1, 1], noisy.shape), noisy)
    return np.where(dead, 0.0, spoilt), dead | hot


@pytest.mark.parametrize("denoiser", [VSTBM3D(), AdaptiveWiener()], ids=["vstbm3d", "wiener"])
def test_dead_lines_and_hot_pixels_are_found_and_filled(pair, denoiser):
    clean, noisy = pair
    spoilt, bad = dead_and_hot(noisy)
    with pytest.warns(UserWarning, match='pixels are bad, and are filled.*mask="none"'):
        denoised = denoiser.fit(spoilt).transform(spoilt)
    assert (denoiser.invalid_ & bad).sum() >= 0.95 * bad.sum()
    assert (denoiser.invalid_ & ~bad).sum() <= 2
    control = denoiser.fit(noisy).transform(noisy)
    for where, limit in ((bad, 2.0), (distance_transform_edt(~bad) > 2, 1.2)):
        error, usual = (np.mean((image - clean)[where] ** 2) for image in (denoised, control))
        assert error < limit * usual
    assert denoised.mean() == pytest.approx(control.mean(), rel=0.002)


def test_nothing_is_looked_for_if_so_asked(pair, recwarn):
    spoilt = np.where(SHAPES["bar"], 300.0, pair[1])
    denoiser = AdaptiveWiener().fit(spoilt, mask="none")
    assert not denoiser.invalid_.any()
    assert not recwarn
    assert (denoiser.transform(spoilt, mask="none")[SHAPES["bar"]] != 300).any()


def test_masks_reach_the_last_step_of_a_pipeline(pair):
    over = SHAPES["disc"]
    with config_context(enable_metadata_routing=True):
        last = AdaptiveWiener().set_fit_request(mask=True).set_transform_request(mask=True)
        pipeline = make_pipeline(ScanLineCorrector(), last)
        with pytest.warns(UserWarning, match=f"{over.sum()} of {over.size} pixels lie in regions"):
            denoised = pipeline.fit_transform(pair[1], mask=over)
    straight = pipeline[0].transform(pair[1])
    np.testing.assert_array_equal(denoised[over], straight[over])
    np.testing.assert_array_equal(pipeline[-1].invalid_, over)


@pytest.mark.parametrize(
    "step",
    [
        AnscombeTransformer(),
        BackgroundNormalizer(),
        HotPixelFilter(),
        IntensityScaler(),
        ScanLineCorrector(),
    ],
    ids=lambda step: type(step).__name__,
)
def test_steps_leave_out_what_is_no_picture(pair, step):
    bar = SHAPES["bar"]
    alone = step.fit(pair[1]).transform(pair[1])
    changed = step.fit(np.where(bar, np.nan, pair[1])).transform(np.where(bar, np.nan, pair[1]))
    np.testing.assert_array_equal(np.isnan(changed), bar)
    assert np.abs(changed - alone)[~bar].mean() < 0.1 * alone.std()


def test_thin_bars_inside_are_no_dead_lines():
    image = np.random.default_rng(0).normal(size=(64, 64))
    image[50:52, 10:50] = 9.0
    image[:30, 40] = 0.0
    mask = Mask.find(image)
    assert (int(mask.regions.sum()), int(mask.pixels.sum())) == (80, 30)


@pytest.mark.parametrize(("rate", "width"), [(0.1, 3), (0.2, 3), (0.25, 1), (1.0, 1), (5.0, 3)])
def test_dead_lines_of_sparse_counts_are_improbable(rate, width):
    """Zeros are usual there; a whole line of them, and some side by side, are not."""
    found = []
    for seed in range(10):
        counts = np.random.default_rng(seed).poisson(rate, (SIDE, SIDE))
        counts[:, 60 : 60 + width] = 0
        dead = find_dead_lines(counts)
        found.append(dead[:, 60 : 60 + width].mean())
        dead[:, 60 : 60 + width] = False
        assert not dead.any()
    assert np.mean(found) > 0.85


@pytest.mark.parametrize("rate", [0.003, 0.03, 0.3, 1.5, 10.0])
def test_counts_beside_vacuum_are_no_regions_and_no_lines(rate):
    for seed in range(5):
        counts = np.random.default_rng(seed).poisson(rate, (SIDE, SIDE))
        counts[:, 70:] = np.random.default_rng(seed + 100).poisson(10.0, (SIDE, SIDE - 70))
        assert not find_constant_regions(counts).any()
        assert not find_dead_lines(counts).any()


@pytest.mark.parametrize("crystal", ["mfi", "mor"])
def test_what_fades_to_zero_is_no_region_and_no_line(crystal):
    """A detector with afterglow leaves whole runs of zeros until the next count."""
    for seed in range(6):
        blur = {"detector_blur": (0.7, 2.0)[seed % 2], "random_state": seed}
        noisy = datasets.make_stem(crystal, (192, 192), **blur)[1]
        assert not find_constant_regions(noisy).any()
        assert not find_dead_lines(noisy).any()


@pytest.mark.parametrize(
    "cut", [COLUMNS < 12, COLUMNS + ROWS / 3 < 40, np.hypot(ROWS, COLUMNS - 128) > 118]
)
def test_what_covers_one_border_alone_is_a_region(pair, cut):
    np.testing.assert_array_equal(find_constant_regions(np.where(cut, 0.0, pair[1] + 1)), cut)


@pytest.mark.parametrize(("inverted", "told"), [(True, True), (False, False)])
def test_an_inverted_mask_is_told(pair, inverted, told, recwarn):
    VSTBM3D().fit(pair[1], mask=SHAPES["bar"] != inverted)
    assert "under a mask, or of one value" in str(recwarn[0].message)
    assert ("Only 300 are left: invert a mask" in str(recwarn[0].message)) is told


def test_an_image_of_constant_tiles_alone_has_no_region(rng):
    tiles = np.kron(rng.normal(size=(8, 8)), np.ones((8, 8)))
    assert not find_constant_regions(tiles).any()
    assert np.isfinite(Mask.find(tiles).fill(tiles)).all()
    np.testing.assert_array_equal(fill_pixels(tiles, np.ones((64, 64), bool)), tiles)
