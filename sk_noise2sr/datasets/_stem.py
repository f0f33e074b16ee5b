"""Simulated dark-field STEM images of real crystals: clean and noisy."""

from numbers import Real

import numpy as np
from scipy import fft, ndimage, signal
from sklearn.utils._param_validation import Interval, Options, StrOptions

from .._types import Seed
from .._validation import validated
from ._crystals import CRYSTALS, projected_lattice, unit_cell
from ._hrem import _check_shape, _count, _draw_thickness, _rotate
from ._record import FORGOTTEN, decay

# An atom scatters CROSS_SECTION * Z**EXPONENT square nanometres of the beam into the detector.
# Lobato's scattering factors give 3.8 (O) to 5.3 (Te) times 1e-8 at 300 kV, 50 to 80 mrad.
EXPONENT = 1.7
CROSS_SECTION = 5e-8
PROBE = 0.04  # standard deviation of probe, source and thermal motion together, in nm
GRID = 0.005  # at most, in nm: the step of the table that the image is looked up in

WANDER = 12  # rows: the length over which the slow part of the scan error changes


@validated(
    {
        "crystal": [StrOptions(set(CRYSTALS))],
        "pixel_size": [Interval(Real, 0.002, 0.05, closed="both")],
        "dose": [Interval(Real, 0, 1e12, closed="right"), Options(Real, {np.inf})],
        "scan_jitter": [Interval(Real, 0, 0.1, closed="both")],
        "detector_blur": [Interval(Real, 0, 10, closed="both")],
    }
)
def make_stem(
    crystal: str = "te",
    shape: tuple[int, int] = (256, 256),
    *,
    pixel_size: float = 0.015,
    dose: float = 2000.0,
    scan_jitter: float = 0.0,
    detector_blur: float = 0.0,
    random_state: Seed = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make a dark-field STEM image of a crystal along a zone axis, clean and noisy.

    Each atom of the unit cell adds a Gaussian probe times ``Z ** 1.7`` and the thickness: the
    incoherent approximation of annular dark-field imaging [1]_, with a contrast between
    elements near that measured in [2]_. Rotation, position and the smooth variation of the
    thickness are random. The noisy image counts electrons.

    Parameters
    ----------
    crystal : {"te", "mfi", "mor"}, default="te"
        Tellurium along [001], 3 nm thick on average; or a zeolite, 10 nm thick: silicalite of
        framework MFI (ZSM-5) along [010], mordenite (MOR) along [001].
    shape : tuple of two int, default=(256, 256)
        Height and width in pixels, each at least 1. The beam scans row by row.
    pixel_size : float, default=0.015
        Side of a pixel in nanometres, in [0.002, 0.05].
    dose : float, default=2000.0
        Electrons of the beam per square angstrom, in (0, 1e12]; ``numpy.inf`` gives an image
        without noise. The default means 45 electrons a pixel of the default size, of which
        the detector sees about one on the brightest columns.
    scan_jitter : float, default=0.0
        Standard deviation of the horizontal displacement of a row in nanometres, in [0, 0.1].
        Half its variance wanders over a dozen rows; the other half is new in every row.
        The clean image has the same displacements.
    detector_blur : float, default=0.0
        Time in which the signal of the detector decays to 1 / e, in dwell times of a pixel, in
        [0, 10]. It acts after the counting: the noise is correlated along a row. Both images
        are blurred and shifted the same way.
    random_state : int, Generator or None, default=None
        Seed of the scene and of the noise. One seed gives one scene, whatever the dose, the
        jitter and the blur.

    Returns
    -------
    clean : ndarray of float32 of shape `shape`
        Expected fraction of the beam that reaches the detector.
    noisy : ndarray of float32 of shape `shape`
        Electrons counted, over those in the beam; `clean` is its mean.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    Modelled: the published structures of three crystals, one Gaussian of 0.04 nm for probe,
    source size and thermal motion, absolute intensities of a detector from 50 to 80 mrad at
    300 kV, smoothly varying thickness, shot noise, errors of the scan along rows, afterglow of
    the detector. Means and maxima are within 25 % of those of multislice simulations of 2 nm of
    MFI and 3 nm of tellurium (``benchmarks/simulate``).

    Not modelled: channelling and the spreading of the beam in thick crystals, tails of the
    probe (pores are black), tilt, defects, edges, the cations and water of a zeolite, damage,
    drift, errors of the scan across rows, flicker of the source, read-out noise.

    The noise is independent from pixel to pixel if `detector_blur` is 0. Otherwise it breaks
    the first assumption of denoisers that learn from noisy images, so that one sees what that
    does.

    References
    ----------
    .. [1] S. J. Pennycook, D. E. Jesson, "High-resolution Z-contrast imaging of crystals",
       Ultramicroscopy 37, 14-38, 1991.
    .. [2] O. L. Krivanek et al., "Atom-by-atom structural and chemical analysis by annular
       dark-field electron microscopy", Nature 464, 571-574, 2010.

    Examples
    --------
    >>> clean, noisy = make_stem("mfi", (64, 96), random_state=0)
    >>> clean.shape, noisy.shape, str(noisy.dtype)
    ((64, 96), (64, 96), 'float32')
    """
    height, width = _check_shape(shape)
    rng = np.random.default_rng(random_state)
    scene = _draw_scene(CRYSTALS[crystal], rng)
    displacements = scan_jitter * _draw_displacements(height, rng)
    # The scan begins left of the field: its first pixels remember what was there.
    n_before = int(np.ceil(FORGOTTEN * detector_blur))
    rows = pixel_size * (np.arange(height) - (height - 1) / 2)
    columns = pixel_size * (np.arange(-n_before, width) - (width - 1) / 2)
    clean = scene(*np.broadcast_arrays(rows[:, None], columns + displacements[:, None]))
    clean = clean.astype(np.float32)
    noisy = _count(clean, dose * (10 * pixel_size) ** 2, rng)
    return tuple(decay(image, detector_blur)[:, n_before:] for image in (clean, noisy))


def _draw_scene(crystal, rng):
    """Draw the support of the crystal: intensity as a function of rows and columns in nm."""
    angle = rng.uniform(-np.pi, np.pi)
    origin = rng.uniform(size=(2, 1))
    thickness = _draw_thickness(rng)
    lattice = projected_lattice(crystal)
    table = _project(crystal, lattice)

    def intensity(rows, columns):
        points = np.stack([rows.ravel(), columns.ravel()], axis=1)
        fractions = np.linalg.solve(lattice.T, _rotate(points, angle).T) + origin
        steps = fractions * np.array(table.shape)[:, np.newaxis]
        values = ndimage.map_coordinates(table, steps, mode="grid-wrap")
        # The spline swings below zero where there is nothing.
        return (np.maximum(values, 0) * thickness(points)).reshape(rows.shape)

    return intensity


def _project(crystal, lattice):
    """Return the fraction of the beam scattered at the nodes of one projected unit cell."""
    positions, numbers = unit_cell(crystal)
    lengths = np.linalg.norm(lattice, axis=1)
    shape = tuple(fft.next_fast_len(int(np.ceil(length / GRID))) for length in lengths)
    indices = [fft.fftfreq(side, 1 / side) for side in shape]
    waves = np.stack(np.meshgrid(*indices, indexing="ij"), axis=-1) @ np.linalg.inv(lattice).T
    fractions = np.delete(positions, crystal.beam, axis=1)
    factors = [
        np.exp(-2j * np.pi * np.outer(index, x))
        for index, x in zip(indices, fractions.T, strict=True)
    ]
    n_cells = crystal.thickness / crystal.lengths[crystal.beam]
    weights = CROSS_SECTION * numbers**EXPONENT * n_cells / abs(np.linalg.det(lattice))
    spectrum = (factors[0] * weights) @ factors[1].T
    probe = np.exp(-2 * (np.pi * PROBE) ** 2 * np.sum(waves**2, axis=-1))
    return fft.ifft2(spectrum * probe, norm="forward").real


def _draw_displacements(n_rows, rng):
    """Draw displacements of standard deviation 1: half wandering, half new in every row."""
    new, steps = rng.standard_normal((2, n_rows + 8 * WANDER))
    kernel = signal.windows.gaussian(8 * WANDER + 1, WANDER / np.sqrt(2))
    wandering = np.convolve(steps, kernel / np.linalg.norm(kernel), mode="valid")
    return (new[:n_rows] + wandering) / np.sqrt(2)
