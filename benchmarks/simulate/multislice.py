"""Simulate clean images by multislice, the ones in benchmarks/images: Pt on CeO2, Te, MFI.

    pip install .[sim]
    python -m benchmarks.simulate.multislice --out benchmarks/images

abTEM (GPL) and ase (LGPL) are imported nowhere else; what they compute is not under their
licence. Lengths are in angstroms here, as they are there, angles in mrad. Images are divided by
their maximum, as run.py wants them, but what 1 stands for is in the description of the file.
"""

import argparse
import sys
import time
from pathlib import Path

import abtem
import numpy as np
import tifffile
from abtem.core.energy import energy2wavelength
from ase import Atoms
from ase.build import cut
from ase.cluster import FaceCenteredCubic
from ase.spacegroup import crystal
from scipy import ndimage, signal

from sk_noise2sr.datasets import _crystals

ENERGY = 300e3
SIDE = 512  # pixels
# Thermal motion: standard deviations along each axis.
THERMAL = {"Ce": 0.07, "O": 0.09, "Pt": 0.07, "Si": 0.07, "Te": 0.1}

# High resolution: the support fills the width; below it lies a margin that is cut off.
WIDTH_IN_CELLS = 9
BOTTOM = 6.0
BEAM_VACUUM = 2.0
INTERFACE = 2.3  # between the last layer of the support and the first of the particle
SPHERICAL_ABERRATION = -1.3e5
VIBRATION = 0.35  # standard deviation of the blur by vibration and camera

# Dark field.
PROBE_ANGLE, DETECTOR = 25, (50, 80)
SOURCE_SIZE = 0.35
STEM_PIXEL = 0.1
STEM_ROTATION = np.deg2rad(11)


def main(argv=None):
    """Simulate what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--only", choices=sorted(IMAGES), nargs="*", default=sorted(IMAGES))
    arguments = parser.parse_args(argv)
    abtem.config.set({"diagnostics.progress_bar": False})
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.only:
        start = time.process_time()
        image, pixel, unit = IMAGES[name]()
        scale = image.max()
        text = f"{name}, multislice; 1 is {scale:.5g} of {unit}"
        write(arguments.out / f"{name}.tif", image / scale, pixel, text)
        print(f"{text}; {time.process_time() - start:.0f} CPU s", file=sys.stderr)
    return 0


def write(path, image, pixel, text):
    """Write a small file: steps of 1 / 2048, compressed, the pixel size in the tags."""
    pixels_per_cm = 1e8 / pixel
    tifffile.imwrite(
        path,
        (np.round(2048 * image) / 2048).astype(np.float32),
        description=text,
        metadata=None,
        photometric="minisblack",
        compression="zlib",
        predictor=False,
        resolution=(pixels_per_cm, pixels_per_cm),
        resolutionunit="CENTIMETER",
    )


def particle_on_support(*, layers, shift, tilt, n_missing, n_beam, seed):
    """Return a platinum particle on {111} of ceria, both along [1-10]: x, surface normal, beam.

    Parameters
    ----------
    layers : list of two int
        Layers of the particle along <100> and <111>, from its middle.
    shift, tilt : float
        Place of the particle in parts of the width, and its rotation about the beam in degrees.
    n_missing : int
        Columns that are taken out of its upper facet.
    n_beam : int
        Thickness of the support in cells of 3.8 angstroms.
    seed : int
        Which columns are missing.
    """
    support = ceria(n_beam)
    width, _, depth = support.cell.lengths()
    particle = platinum(layers, n_missing, np.random.default_rng(seed))
    particle.rotate(tilt, "z")
    top = support.positions[:, 1].max() + INTERFACE
    lowest = particle.positions[:, 1].min()
    particle.translate([shift * width, top - lowest, depth / 2])

    atoms = support + particle
    first, last = np.quantile(atoms.positions[:, 2], (0, 1))
    atoms.translate([0, 0, BEAM_VACUUM - first])
    atoms.set_cell([width, 1.25 * width, last - first + 2 * BEAM_VACUUM])
    return atoms


def ceria(n_beam):
    """Return a slab that fills the width of the field, and three cells of its height."""
    sites = [(0, 0, 0), (0.25, 0.25, 0.25)]
    atoms = crystal(["Ce", "O"], sites, spacegroup=225, cellpar=5.411)
    cell = cut(atoms, a=(0.5, 0.5, -1), b=(1, 1, 1), c=(0.5, -0.5, 0))
    cell.set_cell(np.diag(cell.cell.lengths()), scale_atoms=True)
    return cell.repeat((WIDTH_IN_CELLS, 3, n_beam))


def platinum(layers, n_missing, rng):
    """Return a particle without its lowest third, and without some columns of its upper facet."""
    axes = np.array([(1, 1, -2), (1, 1, 1), (1, -1, 0)])
    axes = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    points = FaceCenteredCubic("Pt", [(1, 0, 0), (1, 1, 1)], layers, 3.924).positions @ axes.T
    x, height, _ = np.round(points, 2).T
    facet = height == height.max()
    gone = rng.choice(np.unique(x[facet]), n_missing, replace=False)
    kept = (height > height.min() + np.ptp(height) / 3) & ~(facet & np.isin(x, gone))
    points = points[kept] - points[kept].mean(axis=0)
    return Atoms("Pt" * len(points), positions=points)


def high_resolution(atoms, *, defocus, n_phonons, seed):
    """Return an image of SIDE x SIDE pixels, 1 in vacuum, and the pixel size."""
    width, height, _ = atoms.cell.lengths()
    pixel = width / SIDE
    gpts = (SIDE, round(height / pixel))
    phonons = abtem.FrozenPhonons(atoms, n_phonons, sigmas=THERMAL, seed=seed)
    potential = abtem.Potential(phonons, gpts=gpts, slice_thickness=1, projection="infinite")
    lens = abtem.CTF(
        energy=ENERGY,
        Cs=SPHERICAL_ABERRATION,
        defocus=defocus,
        semiangle_cutoff=45,
        focal_spread=30,
        angular_spread=0.4,
    )
    wave = abtem.PlaneWave(energy=ENERGY).multislice(potential)
    image = wave.apply_ctf(lens).intensity().reduce_ensemble().compute()
    image = image.gaussian_filter(VIBRATION).array
    first = round(BOTTOM / pixel)
    return image.T[first : first + SIDE][::-1], pixel


def platinum_1():
    """Simulate a particle of 2.7 nm, in line with its support."""
    atoms = particle_on_support(layers=[6, 5], shift=0.52, tilt=0, n_missing=1, n_beam=7, seed=1)
    return *high_resolution(atoms, defocus=-60, n_phonons=4, seed=1), "the intensity in vacuum"


def platinum_2():
    """Simulate a particle of 3.1 nm, rotated, on a thinner support, further from focus."""
    atoms = particle_on_support(layers=[7, 6], shift=0.45, tilt=9, n_missing=2, n_beam=5, seed=2)
    return *high_resolution(atoms, defocus=-85, n_phonons=4, seed=2), "the intensity in vacuum"


def tellurium():
    """Simulate Te along [001], 3 nm thick."""
    atoms = abtem.orthogonalize_cell(unit_cell("te"))
    edges = atoms.cell.lengths()[:2]
    step = energy2wavelength(ENERGY) / (4e-3 * PROBE_ANGLE)  # Nyquist
    scan = abtem.GridScan((0, 0), tuple(edges), sampling=step)
    cell = dark_field(atoms.repeat((3, 2, 5)), scan, n_phonons=3)
    return repeat(cell, edges), STEM_PIXEL, "the beam"


def silicalite():
    """Simulate MFI along [010], 2 nm thick; p2gg makes a cell of the quarter that is scanned."""
    atoms = unit_cell("mfi")
    atoms.set_cell(atoms.cell.lengths()[[0, 2, 1]])
    atoms.positions = atoms.positions[:, [0, 2, 1]]
    edges = atoms.cell.lengths()[:2]
    n, m = 52, 35
    scan = abtem.GridScan((0, 0), tuple(edges / 2), gpts=(n + 1, m + 1), endpoint=True)
    quarter = dark_field(atoms, scan, n_phonons=1)
    i, j = np.ogrid[: n + 1, : m + 1]
    cell = np.empty((2 * n, 2 * m))
    for x, y in [(i, j), (-i, -j), (n + i, m - j), (n - i, m + j)]:
        cell[x % (2 * n), y % (2 * m)] = quarter
    return repeat(cell, edges), STEM_PIXEL, "the beam"


def unit_cell(name):
    """Return a crystal of sk_noise2sr.datasets.make_stem as ase knows it."""
    structure = _crystals.CRYSTALS[name]
    positions, numbers = _crystals.unit_cell(structure)
    edges = 10 * _crystals.lattice_vectors(structure)
    return Atoms(numbers=numbers, scaled_positions=positions, cell=edges, pbc=True)


def dark_field(atoms, scan, *, n_phonons):
    """Return the part of the beam that reaches the detector at every position of the probe."""
    phonons = abtem.FrozenPhonons(atoms, n_phonons, sigmas=THERMAL, seed=0)
    potential = abtem.Potential(phonons, sampling=0.08, slice_thickness=2)
    probe = abtem.Probe(energy=ENERGY, semiangle_cutoff=PROBE_ANGLE)
    probe.grid.match(potential)
    detector = abtem.AnnularDetector(*DETECTOR)
    return probe.scan(potential, scan=scan, detectors=detector).compute().array


def repeat(cell, edges):
    """Fill the field with a cell that was scanned over its edges, (x, y), under a rotation."""
    shape = np.ceil(2 * np.array(edges) / STEM_PIXEL).astype(int)
    for axis, side in enumerate(shape):  # fine enough for the spline below
        cell = signal.resample(cell, side, axis=axis)
    cell = ndimage.gaussian_filter(cell, SOURCE_SIZE * shape / edges, mode="wrap")
    y, x = STEM_PIXEL * np.mgrid[:SIDE, :SIDE][:, ::-1]
    cosine, sine = np.cos(STEM_ROTATION), np.sin(STEM_ROTATION)
    points = np.stack([cosine * x - sine * y, sine * x + cosine * y])
    steps = points * (shape / edges)[:, np.newaxis, np.newaxis]
    return ndimage.map_coordinates(cell, steps, mode="grid-wrap")


IMAGES = {
    "mfi_sim": silicalite,
    "ptceo2_sim_1": platinum_1,
    "ptceo2_sim_2": platinum_2,
    "te_sim": tellurium,
}

if __name__ == "__main__":
    sys.exit(main())
