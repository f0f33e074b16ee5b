"""nl_bayes: what it computes, by an obvious implementation, and how well it denoises."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter
from scipy.signal.windows import kaiser
from skimage.data import camera

from sk_noise2sr.filters import _groups, _nl_bayes, bm3d, nl_bayes
from sk_noise2sr.metrics import psnr


def filter_once(noisy, guide, stage, signal):
    """Non-local Bayes, block by block, and means of references; the noise has a deviation of 1."""
    size = stage.block
    corners = [side - size + 1 for side in noisy.shape]
    window = np.outer(kaiser(size, 2.0), kaiser(size, 2.0))
    totals, weights = np.zeros((2, 2, *noisy.shape))

    def block(image, where):
        cut = image[where[0] : where[0] + size, where[1] : where[1] + size]
        return dctn(cut, norm="ortho").ravel()

    def compared(where):
        lowest = slice(stage.compared)
        return block(guide, where).reshape(size, size)[lowest, lowest]

    for reference in np.ndindex(*corners):
        if reference[0] % stage.step or reference[1] % stage.step:
            continue
        near = [
            (np.sum((compared(where) - compared(reference)) ** 2), where)
            for where in np.ndindex(*corners)
            if max(abs(where[0] - reference[0]), abs(where[1] - reference[1])) <= stage.radius
        ]
        close = [where for far, where in sorted(near) if far <= stage.farthest * size**2]
        close = close[: min(stage.n_matches, 2 ** int(np.log2(len(close))))]
        group = np.stack([block(noisy, where) for where in close])
        guides = np.stack([block(guide, where) for where in close])
        mean, guide_mean = group.mean(axis=0), guides.mean(axis=0)
        kept = guide_mean**2 / (guide_mean**2 + 1 / len(close))
        kept[0] = 1
        surprise = len(close) * np.average((mean - guide_mean) ** 2, weights=kept)
        estimate = guide_mean + max(0, 1 - 1 / surprise) * kept * (mean - guide_mean)
        noisy_part, part = group - mean, guides - guide_mean
        picture = idctn(guide_mean.reshape(size, size), norm="ortho")
        slopes = np.stack([dctn(slope, norm="ortho").ravel() for slope in np.gradient(picture)])
        to_shifts = slopes.T @ np.linalg.inv(slopes @ slopes.T + np.eye(2))
        more = (noisy_part - part) @ to_shifts
        surprise = np.mean(more * ((noisy_part - part) @ slopes.T)) if len(close) > 1 else 0
        shifts = part @ to_shifts + (max(0, 1 - 1 / surprise) if surprise else 0) * more
        rest = part - part @ to_shifts @ slopes
        copies = 1 / (1 + (np.mean(rest**2) / 0.1) ** 2)
        noisy_part = noisy_part - copies * noisy_part @ to_shifts @ slopes
        part = part - copies * part @ to_shifts @ slopes
        shares, scales, directions = np.linalg.svd(part, full_matrices=False)
        own = 0.9 * copies
        estimates, squares = [], 0
        for own_part, shift, share in zip(noisy_part, shifts, shares, strict=True):
            variances = signal * scales**2 * ((1 - own) / len(close) + own * share**2)
            covariance = directions.T * variances @ directions
            wiener = covariance @ np.linalg.inv(covariance + np.eye(size**2))
            estimates.append(estimate + copies * shift @ slopes + wiener @ own_part)
            squares += np.sum(wiener**2)
        weight = window / ((squares + size**2) / len(close))
        several = [(0, *each) for each in zip(close, estimates, strict=True)]
        for kind, where, estimate in [*several, (1, reference, kept * mean)]:
            part = (kind, *(slice(start, start + size) for start in where))
            totals[part] += weight * idctn(estimate.reshape(size, size), norm="ortho")
            weights[part] += weight
    return totals / weights


@pytest.mark.parametrize(
    ("radius", "compared", "signal"), [(3, None, 0.6), (64, None, 0.6), (64, 5, 0.4)]
)
def test_it_is_that_of_an_obvious_implementation(rng, radius, compared, signal):
    guide = 4 * np.sin(np.arange(14)) + 0.3 * rng.normal(size=(20, 14))
    noisy = guide + rng.normal(size=guide.shape)
    stage = replace(_nl_bayes.STAGES["normal"], radius=radius, compared=compared)
    shrink = partial(_nl_bayes.shrink, signal=signal)
    filtered = _groups.filter_groups(
        noisy.astype(np.float32), guide.astype(np.float32), stage, shrink, 2
    )
    np.testing.assert_allclose(filtered, filter_once(noisy, guide, stage, signal), atol=1e-3)


def test_copies_are_found_far_away():
    """Three motifs have no like but one another, 85 pixels away or more."""
    rng = np.random.default_rng(0)
    clean = np.zeros((110, 110))
    motif = 3 * gaussian_filter(rng.normal(size=(25, 25)), 1.5) / 0.19
    clean[:25, :25] = clean[:25, 85:] = clean[85:, :25] = motif
    noisy = clean + rng.normal(size=clean.shape)
    guide = clean + gaussian_filter(rng.normal(0, 3, clean.shape), 1)
    errors = []
    for radius in (40, _nl_bayes.STAGES["crystal"].radius):
        stage = replace(_nl_bayes.STAGES["crystal"], radius=radius)
        images = noisy.astype(np.float32), guide.astype(np.float32)
        near = _nl_bayes._filter(*images, stage, uneven=None, valid=None, signal=0.6)
        errors.append(np.mean((near - clean)[:25, :25] ** 2))
    assert errors[1] < 0.9 * errors[0]


def test_a_motif_that_repeats_comes_out_though_the_guide_has_it_wrong(rng):
    """The guide is too faint by half; the noisy blocks are right on average."""
    lattice = 3 * np.add.outer(np.sin(np.arange(96) / 1.5), np.sin(np.arange(96) / 1.5))
    noisy = lattice + rng.normal(0, 1, lattice.shape)
    denoised = nl_bayes(noisy, 1, lattice / 2, profile="crystal")
    assert np.sum(denoised * lattice) / np.sum(lattice**2) > 0.9
    assert psnr(lattice, denoised) > psnr(lattice, bm3d(noisy, 1, profile="crystal"))


@pytest.mark.parametrize("period", [5.0, 5.43])
@pytest.mark.parametrize("error", [0.05, 0.5])
def test_a_lattice_comes_out_better_than_its_guide_wherever_its_columns_lie(period, error):
    """Between the pixels too, and whether the guide errs less than one noisy block or more."""
    rng = np.random.default_rng(0)
    axis = 2 * np.pi * np.arange(80) / period
    lattice = 3 * np.add.outer(np.sin(axis), np.sin(axis))
    guide = lattice + gaussian_filter(rng.normal(0, error / 0.28, lattice.shape), 1)
    denoised = nl_bayes(lattice + rng.normal(size=lattice.shape), 1, guide, profile="crystal")
    assert (denoised - lattice).std() < 0.9 * (guide - lattice).std()


@pytest.mark.parametrize(("own", "low", "high"), [(0.9, 0.9, 1.1), (0.0, 0.4, 0.65)])
def test_a_vacancy_among_copies_stays_and_none_is_made_up(monkeypatch, own, low, high):
    """At 8 standard errors; a covariance shared by all 32 blocks alone shows half of it."""
    monkeypatch.setattr(_nl_bayes, "_OWN", own)
    if not own:
        monkeypatch.setattr(_nl_bayes, "give_back", lambda noisy, denoised, usual: denoised)
    rng, period, n = np.random.default_rng(0), 5, 16
    distance = np.arange(period) - period // 2
    column = np.exp(-np.add.outer(distance**2, distance**2) / 2.3)
    column *= 8 / np.sqrt(np.sum(column**2))
    lattice = np.tile(column, (n, n))
    clean = lattice.copy()
    clean[7 * period : 8 * period, 7 * period : 8 * period] = 0
    noisy = clean + rng.normal(size=(10, *clean.shape))
    denoised = np.array([nl_bayes(image, 1, clean, profile="crystal") for image in noisy])
    cells = (lattice - denoised).reshape(-1, n, period, n, period)
    missing = np.einsum("dipjq,pq->dij", cells, column) / np.sum(column**2)
    assert low < missing[:, 7, 7].mean() < high
    missing[:, 7, 7] = 0
    assert np.abs(missing).max() < 0.5


@pytest.mark.parametrize("profile", ["normal", "crystal"])
def test_borders_and_steps_are_no_noisier_than_the_noise_allows(profile):
    """Over 40 draws: no place stands out of the noise that was not there."""
    rng = np.random.default_rng(0)
    clean = np.where(np.arange(48) < 24, 0.0, 6.0) + np.zeros((48, 1))
    guide = gaussian_filter(clean, 0.7)
    draws = [
        nl_bayes(clean + rng.normal(size=clean.shape), 1, guide, profile=profile) - clean
        for _ in range(40)
    ]
    error = np.sqrt(np.mean(np.square(draws), axis=0))
    assert error.mean() < 0.3
    assert error.max() < 0.75


def test_the_errors_of_a_filtered_guide_are_less_of_a_signal():
    """They follow the noise, which a larger share of signal brings back."""
    rows, columns = np.ogrid[:96, :96]
    lattice = 4 * np.cos(rows / 2) * np.cos(columns / 2.5)
    errors = np.zeros(2)
    for seed in range(3):
        noisy = lattice + np.random.default_rng(seed).normal(size=lattice.shape)
        guide = bm3d(noisy, 1, profile="crystal")
        results = [nl_bayes(noisy, 1, guide, profile="crystal", signal=s) for s in (0.6, 0.4)]
        errors += [np.mean((result - lattice) ** 2) for result in results]
    assert errors[1] < 0.95 * errors[0]


def test_denoises_a_photograph_better_than_its_guide():
    clean = camera()[100:228, 100:228].astype(float)
    noisy = clean + np.random.default_rng(0).normal(0, 25, clean.shape)
    guide = gaussian_filter(noisy, 1.2)
    assert psnr(clean, nl_bayes(noisy, 25, guide)) > psnr(clean, guide) + 1


def test_of_noise_alone_little_is_left(rng):
    assert nl_bayes(rng.normal(3, 2, (64, 64)), 2, np.full((64, 64), 3.0)).std() < 0.15 * 2


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (8, 8), (45, 64)])
@pytest.mark.parametrize("profile", ["normal", "high_noise", "crystal"])
@pytest.mark.filterwarnings("error")
def test_any_size(rng, shape, profile):
    noisy = rng.normal(size=shape)
    denoised = nl_bayes(noisy, 1, noisy / 2, profile=profile)
    assert denoised.shape == shape
    assert np.isfinite(denoised).all()


def test_gain_and_offset_commute(rng):
    noisy, guide = rng.normal(size=(2, 24, 24))
    expected = nl_bayes(noisy, 1, guide)
    other = nl_bayes(250 * noisy - 3e3, 250, 250 * guide - 3e3)
    np.testing.assert_allclose((other + 3e3) / 250, expected, atol=1e-3)


def test_without_noise_the_image_comes_back(rng):
    noisy = rng.normal(size=(16, 16)).astype(np.float32)
    np.testing.assert_array_equal(nl_bayes(noisy, 0, np.zeros((16, 16))), noisy)
    assert nl_bayes(noisy, 1, noisy).dtype == np.float32


def test_bad_input_is_told_in_a_sentence(rng):
    image = rng.normal(size=(16, 16))
    with pytest.raises(ValueError, match=r"Expected a guide of the shape of the image, \(16, 16\)"):
        nl_bayes(image, 1, image[:8])
    with pytest.raises(ValueError, match="finite numbers, got NaN"):
        nl_bayes(image, 1, np.full((16, 16), np.nan))
    with pytest.raises(ValueError, match="'sigma' parameter of nl_bayes"):
        nl_bayes(image, -1, image)
