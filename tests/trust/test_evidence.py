"""Evidence maps: calibrated on noise alone, at borders and holes too, and they see what is lost."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from sk_noise2sr.datasets import make_stem
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import evidence_map, thin_counts

NOISE = PoissonGaussian(0.2, 0.02)
ROWS, COLUMNS = np.mgrid[:96, :96]


def column(row, column, width=3.0):
    return np.exp(-((ROWS - row) ** 2 + (COLUMNS - column) ** 2) / (2 * width**2))


CLEAN = 1 + sum(column(r, c) for r in range(8, 96, 16) for c in range(8, 96, 16))


def draws(n, clean=CLEAN, noise=NOISE, form="gaussian"):
    rng = np.random.default_rng(0)
    return [noise.sample(clean, rng, form=form) for _ in range(n)]


@pytest.mark.parametrize("form", ["gaussian", "poisson"])
def test_noise_alone_has_deviation_one_and_five_percent_of_false_alarms(form):
    maps = [evidence_map(noisy, CLEAN, NOISE, width=3) for noisy in draws(400, form=form)]
    assert np.std([m.z for m in maps]) == pytest.approx(1, abs=0.02)
    assert 0.02 <= np.mean([len(m.places) > 0 for m in maps]) <= 0.08


@pytest.mark.parametrize(
    ("radius", "n", "tolerance", "most_alarms"),
    [(0, 200, 0.04, 0.09), (10, 40, 0.1, 0.15)],  # to fill a hole takes long
    ids=["whole", "holed"],
)
def test_borders_steps_and_holes_raise_no_alarm(radius, n, tolerance, most_alarms):
    clean = np.where(COLUMNS < 48, 0.2, 2.0)
    hole = np.hypot(ROWS - 40, COLUMNS - 48) < radius
    maps = [evidence_map(np.where(hole, np.nan, y), clean, NOISE, width=3) for y in draws(n, clean)]
    z = np.array([m.z for m in maps])
    assert (np.isnan(z) == hole).all()
    parts = [np.s_[:, 0], np.s_[:, :, -1], np.s_[:, :, 47:49]]
    for part in [*parts, np.s_[:, binary_dilation(hole)]] if radius else parts:
        assert np.nanstd(z[part]) == pytest.approx(1, abs=tolerance)
    assert np.mean([len(m.places) > 0 for m in maps]) <= most_alarms


@pytest.mark.parametrize("turned", [False, True])
def test_rows_that_are_too_bright_raise_no_alarm_and_hide_no_column(turned):
    rng = np.random.default_rng(0)
    offsets = 0.4 * np.sqrt(NOISE.variance(1.0)) * rng.normal(size=(200, 96, 1))
    offsets = offsets.swapaxes(1, 2) if turned else offsets
    noisy = [y + o for y, o in zip(draws(200), offsets, strict=True)]
    maps = [evidence_map(y, CLEAN, NOISE, width=3) for y in noisy]
    assert np.std([m.z for m in maps]) == pytest.approx(1, abs=0.1)
    assert np.mean([len(m.places) > 0 for m in maps]) <= 0.16
    lost = CLEAN - 7.5 * np.sqrt(NOISE.variance(1.5) / np.sum(column(40, 56) ** 2)) * column(40, 56)
    found = [evidence_map(y, lost, NOISE, width=3).places for y in noisy[:60]]
    assert np.mean([len(each) > 0 for each in found]) > 0.93


@pytest.mark.parametrize("sign", [1, -1])
def test_a_column_lost_or_invented_at_six_standard_errors_is_found(sign):
    lost = column(40, 56)
    height = 6 / np.sqrt(np.sum(lost**2 / NOISE.variance(CLEAN)))
    for _ in range(5):  # six standard errors at the mean of both hypotheses, as d' is defined
        between = NOISE.variance(CLEAN - sign * height * lost / 2)
        height = 6 / np.sqrt(np.sum(lost**2 / between))
    result = CLEAN - sign * height * lost
    maps = [evidence_map(noisy, result, NOISE, width=3) for noisy in draws(200)]
    found = [m for m in maps if len(m.places)]
    assert len(found) >= 190
    near = [np.hypot(m.places["row"][0] - 40, m.places["column"][0] - 56) < 6 for m in found]
    assert np.mean(near) > 0.98
    assert np.mean([np.sign(m.places["z"][0]) == sign for m in found]) > 0.98


def test_gain_changes_nothing_and_the_width_is_read_off():
    noisy = draws(1)[0]
    plain = evidence_map(noisy, CLEAN, NOISE)
    scaled = evidence_map(10 * noisy, 10 * CLEAN, PoissonGaussian(2.0, 0.2))
    np.testing.assert_allclose(plain.z, scaled.z, atol=1e-9)
    assert plain.width == pytest.approx(3, rel=0.25)


def test_the_noise_is_read_off():
    maps = [evidence_map(noisy, CLEAN, width=3) for noisy in draws(20)]
    assert np.std([m.z for m in maps]) == pytest.approx(1, abs=0.05)


def test_thinned_counts_are_independent_whatever_the_denoiser_does():
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(200):
        noisy, test = thin_counts(0.2 * rng.poisson(CLEAN / 0.2), 0.2, 0.3, rng)
        overfitted = CLEAN + 0.02 * (noisy - CLEAN)  # a plain test would take this for no error
        alarms.append(len(evidence_map(test, overfitted, PoissonGaussian(0.2 / 0.3, 0), 3).places))
    assert np.mean(np.array(alarms) > 0) <= 0.09


def test_summary_says_what_was_found():
    noisy = draws(1)[0]
    assert evidence_map(noisy, CLEAN, NOISE, 3).summary().startswith("No place")
    text = evidence_map(noisy, CLEAN + column(40, 56), NOISE, 3).summary()
    assert "0 where it shows too little, 1 where it shows too much" in text


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"one shape, got \(4, 4\) and \(4, 5\)"):
        evidence_map(np.ones((4, 4)), np.ones((4, 5)))
    with pytest.raises(ValueError, match="finite pixels"):
        evidence_map(np.full((4, 4), np.nan), np.ones((4, 4)))
    with pytest.raises(ValueError, match="noise of strength 0"):
        evidence_map(np.ones((4, 4)), np.ones((4, 4)), PoissonGaussian(0, 0))
    with pytest.raises(ValueError, match="whole counts"):
        thin_counts([[0.5, 1.0]])


def test_in_the_dark_a_result_a_little_off_zero_is_no_evidence():
    """Where no count is expected, normal noise of next to no variance would make it many errors."""
    clean, noisy = make_stem("te", (128, 128), random_state=0)
    count = float(np.min(noisy[noisy > 0]))
    evidence = evidence_map(noisy, clean - 0.02 * count, PoissonGaussian(count, 0.0))
    assert np.quantile(np.abs(evidence.z[clean < 0.01 * clean.max()]), 0.99) < 3.5


@pytest.mark.parametrize("padded", [5, 10, 20, 30])
def test_padding_is_no_evidence_and_takes_none_away(padded):
    """What was filled in passed for flat noise: alarms in all images, or none could be compared."""
    maps = []
    for noisy in draws(20):
        noisy[:padded] = np.nan
        maps.append(evidence_map(noisy, CLEAN))
    assert np.nanstd([m.z for m in maps]) == pytest.approx(1, abs=0.05)
    assert np.mean([len(m.places) > 0 for m in maps]) <= 0.15


def test_masked_arrays_are_images_with_nan():
    noisy = draws(1)[0]
    mask = (ROWS < 30) & (COLUMNS < 30)
    masked = np.ma.array(np.where(mask, 500, noisy), mask=mask)
    np.testing.assert_array_equal(
        evidence_map(masked, CLEAN, NOISE).z,
        evidence_map(np.where(mask, np.nan, noisy), CLEAN, NOISE).z,
    )


def test_noise_may_be_a_pair():
    noisy = draws(1)[0]
    np.testing.assert_array_equal(
        evidence_map(noisy, CLEAN, (NOISE.a, NOISE.b)).z, evidence_map(noisy, CLEAN, NOISE).z
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": 0.1}, "a pair"),
        ({"width": 97.0}, "at most the shorter side"),
        ({"denoised": CLEAN + 1j}, "complex"),
    ],
)
def test_options_that_make_no_sense_get_one_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        evidence_map(**({"noisy": draws(1)[0], "denoised": CLEAN, "noise": NOISE} | options))


def test_more_counts_than_numbers_are_refused():
    with pytest.raises(ValueError, match=r"at most 9.*counts a pixel"):
        thin_counts(np.full((4, 4), 1e19))
