"""make_stem: the crystals, statistics of the noise, the scan, and what the scene depends on."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from sk_noise2sr.datasets import make_stem
from sk_noise2sr.datasets._crystals import (
    CRYSTALS,
    OPERATIONS,
    lattice_vectors,
    projected_lattice,
    unit_cell,
)
from sk_noise2sr.datasets._stem import _project
from sk_noise2sr.io import read_image

IMAGES = Path(__file__).parents[2] / "benchmarks" / "images"
ZEOLITES = ["mfi", "mor"]
ELECTRONS = 2000 * 0.15**2  # of the beam a pixel, by default


def bonds(name, first, second, shortest, longest):
    """Return which atoms of two elements are bonded, through the walls of the cell too: (m, n)."""
    positions, numbers = unit_cell(CRYSTALS[name])
    images = np.mgrid[-1:2, -1:2, -1:2].reshape(3, -1).T
    others = (positions[numbers == second] + images[:, np.newaxis]).reshape(-1, 3)
    steps = positions[numbers == first][:, np.newaxis] - others
    distances = np.linalg.norm(steps @ lattice_vectors(CRYSTALS[name]), axis=-1)
    near = (distances > 0) & (distances < longest)
    assert distances[near].min() > shortest
    return near


@pytest.mark.parametrize("name", ZEOLITES)
def test_silicon_has_4_oxygen_neighbours_and_oxygen_2_silicon(name):
    assert set(bonds(name, 14, 8, 0.1585, 0.1655).sum(axis=1)) == {4}
    assert set(bonds(name, 8, 14, 0.1585, 0.1655).sum(axis=1)) == {2}
    assert set(bonds(name, 14, 8, 0.1585, 0.25).sum(axis=1)) == {4}


def test_tellurium_has_2_neighbours_at_0_284_nm():
    assert set(bonds("te", 52, 52, 0.283, 0.285).sum(axis=1)) == {2}


@pytest.mark.parametrize(
    ("name", "content"), [("te", {52: 3}), ("mfi", {8: 192, 14: 96}), ("mor", {8: 96, 14: 48})]
)
def test_the_unit_cell_holds_what_it_should(name, content):
    numbers, counts = np.unique(unit_cell(CRYSTALS[name])[1], return_counts=True)
    assert dict(zip(numbers, counts, strict=True)) == content


@pytest.mark.parametrize("group", OPERATIONS)
def test_operations_form_a_group(group):
    """The product of any two is one of them, up to translations of the lattice."""

    def key(rotation, translation):
        return (*np.ravel(rotation).astype(int), *np.round(12 * np.array(translation)) % 12)

    operations = OPERATIONS[group]
    keys = {key(*operation) for operation in operations}
    assert len(keys) == len(operations) == {"P3_1 2 1": 6, "Pnma": 8, "Cmcm": 16}[group]
    products = {
        key(r @ np.array(q), r @ np.array(t) + s) for r, s in operations for q, t in operations
    }
    assert products == keys


@pytest.mark.parametrize("name", CRYSTALS)
def test_all_atoms_scatter_into_the_image(name):
    """The mean is the number of atoms a square nanometre times their cross-sections."""
    crystal = CRYSTALS[name]
    lattice = projected_lattice(crystal)
    _, numbers = unit_cell(crystal)
    n_cells = crystal.thickness / crystal.lengths[crystal.beam]
    expected = n_cells * np.sum(5e-8 * numbers**1.7) / abs(np.linalg.det(lattice))
    assert _project(crystal, lattice).mean() == pytest.approx(expected)


@pytest.mark.parametrize("name", CRYSTALS)
def test_the_projected_cell_shows_every_column_as_a_gaussian(name):
    """The sum of Gaussians, computed at the nodes of the table themselves."""
    crystal = CRYSTALS[name]
    lattice = projected_lattice(crystal)
    table = _project(crystal, lattice)
    positions, numbers = unit_cell(crystal)
    images = np.mgrid[-1:2, -1:2].reshape(2, -1).T
    atoms = np.delete(positions, crystal.beam, axis=1)[:, np.newaxis] + images
    nodes = np.random.default_rng(0).integers(0, table.shape, (200, 2))
    steps = (nodes / table.shape)[:, np.newaxis, np.newaxis] - atoms
    squared = np.sum((steps @ lattice) ** 2, axis=-1)
    gaussians = np.exp(-squared / (2 * 0.04**2)) / (2 * np.pi * 0.04**2)
    n_cells = crystal.thickness / crystal.lengths[crystal.beam]
    expected = n_cells * np.einsum("nai,a->n", gaussians, 5e-8 * numbers**1.7)
    np.testing.assert_allclose(table[tuple(nodes.T)], expected, atol=1e-9)


@pytest.mark.parametrize(("name", "thickness"), [("te", 5 * 0.5929), ("mfi", 1.992999)])
def test_intensities_are_those_of_multislice(name, thickness):
    """Means and maxima of images that abTEM made; what they are divided by stands in the file."""
    crystal = CRYSTALS[name]
    table = _project(crystal, projected_lattice(crystal)) * thickness / crystal.thickness
    with tifffile.TiffFile(IMAGES / f"{name}_sim.tif") as file:
        scale = float(re.search("1 is (.*) of the beam", file.pages[0].description)[1])
        image = scale * file.asarray()
    assert table.mean() == pytest.approx(image.mean(), rel=0.25)
    assert table.max() == pytest.approx(image.max(), rel=0.25)


@pytest.mark.parametrize("name", ["ptceo2_sim_1", "ptceo2_sim_2", "te_sim", "mfi_sim"])
def test_multislice_images_are_small_and_calibrated(name):
    image, calibration = read_image(IMAGES / f"{name}.tif")
    assert (image.shape, image.dtype, image.max()) == ((512, 512), np.float32, 1)
    assert image.min() >= 0
    assert calibration.unit == "nm"
    assert calibration.pixel_size == pytest.approx((0.01, 0.01), rel=0.2)
    assert (IMAGES / f"{name}.tif").stat().st_size < 500_000


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7), (64, 96)])
def test_any_shape_comes_back_as_float32(shape):
    for image in make_stem("mfi", shape, scan_jitter=0.02, detector_blur=1.5, random_state=0):
        assert image.shape == shape
        assert image.dtype == np.float32
        assert image.min() >= 0


@pytest.mark.parametrize("name", CRYSTALS)
def test_noise_is_that_of_counts(name):
    """45 electrons of the beam a pixel; the variance is clean / 45."""
    clean, noisy = make_stem(name, random_state=0)
    counts = noisy * ELECTRONS
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-5)
    assert np.sum(counts) == pytest.approx(np.sum(clean * ELECTRONS), rel=0.03)
    error = np.mean((noisy - clean) ** 2)
    assert error == pytest.approx(np.mean(clean) / ELECTRONS, rel=0.05)


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize("seed", range(3))
def test_default_image_is_as_noisy_as_real_ones(name, seed):
    clean, noisy = make_stem(name, random_state=seed)
    assert 5 < 10 * np.log10(np.ptp(clean) ** 2 / np.mean((noisy - clean) ** 2)) < 11


def test_an_endless_dose_has_no_noise():
    clean, noisy = make_stem(shape=(64, 64), dose=np.inf, detector_blur=1, random_state=0)
    np.testing.assert_array_equal(clean, noisy)
    assert clean is not noisy


def test_one_seed_gives_one_scene_whatever_the_dose():
    low, noisy = make_stem("mor", (64, 64), dose=10, random_state=5)
    high, _ = make_stem("mor", (64, 64), dose=1e6, random_state=np.random.default_rng(5))
    np.testing.assert_array_equal(low, high)
    np.testing.assert_array_equal(noisy, make_stem("mor", (64, 64), dose=10, random_state=5)[1])


def test_other_seeds_give_other_scenes():
    one, other = (make_stem("mor", (64, 64), dose=np.inf, random_state=seed)[0] for seed in (0, 1))
    assert np.abs(one - other).max() > 0.1 * one.max()


def test_a_finer_pixel_shows_the_same_field():
    """3 x 3 pixels of a third of the size: the middle one lies where the coarse pixel does."""
    coarse, _ = make_stem("mfi", (60, 50), pixel_size=0.03, dose=np.inf, random_state=2)
    fine, _ = make_stem("mfi", (180, 150), pixel_size=0.01, dose=np.inf, random_state=2)
    np.testing.assert_allclose(fine[1::3, 1::3], coarse, atol=1e-4 * coarse.max())


def displacements(seed, jitter=0.003, n_rows=1500):
    """Measure how far each row is displaced, in nm, by regression on the slope of the image."""
    settings = {"pixel_size": 0.02, "dose": np.inf, "random_state": seed}
    straight, _ = make_stem("te", (n_rows, 128), **settings)
    moved, _ = make_stem("te", (n_rows, 128), scan_jitter=jitter, **settings)
    slope = np.gradient(straight, 0.02, axis=1)
    return np.sum((moved - straight) * slope, axis=1) / np.sum(slope**2, axis=1)


def test_rows_are_displaced_half_slowly_and_half_at_random():
    shifts = displacements(0)
    assert np.std(shifts) == pytest.approx(0.003, rel=0.15)
    neighbours = np.corrcoef(shifts[1:], shifts[:-1])[0, 1]
    distant = np.corrcoef(shifts[100:], shifts[:-100])[0, 1]
    assert neighbours == pytest.approx(0.5, abs=0.15)
    assert distant == pytest.approx(0, abs=0.25)


def test_the_clean_image_has_the_displacements_too():
    """The noise stays that of counts."""
    clean, noisy = make_stem(scan_jitter=0.03, random_state=0)
    error = np.mean((noisy - clean) ** 2)
    assert error == pytest.approx(np.mean(clean) / ELECTRONS, rel=0.05)


def test_blur_correlates_the_noise_along_rows_only():
    """A decay within tau pixels: correlation exp(-1 / tau) with the next, tanh(1 / 2 tau) power."""
    tau = 1.5
    clean, noisy = make_stem("te", (512, 512), detector_blur=tau, random_state=0)
    noise = noisy - clean
    variance = np.mean(noise**2)
    assert np.mean(noise[:, 1:] * noise[:, :-1]) / variance == pytest.approx(
        np.exp(-1 / tau), abs=0.02
    )
    assert np.mean(noise[1:] * noise[:-1]) / variance == pytest.approx(0, abs=0.02)
    white = np.mean(clean) / ELECTRONS
    assert variance / white == pytest.approx(np.tanh(1 / (2 * tau)), rel=0.03)
    assert abs(np.mean(noise)) < 4 * np.sqrt(white / noise.size)


def test_blur_reaches_in_from_the_left_of_the_field():
    """The first columns are as bright as the same place in a wider field."""
    settings = {"dose": np.inf, "detector_blur": 3, "random_state": 0}
    narrow, _ = make_stem("mor", (32, 64), **settings)
    wide, _ = make_stem("mor", (32, 128), **settings)
    np.testing.assert_allclose(narrow, wide[:, 32:96], atol=1e-4 * wide.max())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"crystal": "gold"}, "'crystal' parameter of make_stem must be a str among"),
        ({"shape": (0, 8)}, r"two integers of at least 1, got shape=\(0, 8\)"),
        ({"pixel_size": 0.1}, r"'pixel_size' parameter of make_stem must be .* \[0.002, 0.05\]"),
        ({"dose": 0}, "'dose' parameter of make_stem must be a float in the range"),
        ({"scan_jitter": -1}, r"'scan_jitter' parameter of make_stem must be .* \[0.0, 0.1\]"),
        ({"detector_blur": 11}, r"'detector_blur' parameter of make_stem must .* \[0.0, 10.0\]"),
    ],
)
def test_says_what_is_wrong(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_stem(**parameters)
