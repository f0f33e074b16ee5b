"""Stand-in for simulated high-resolution electron-microscopy images: clean and noisy."""

import math
from numbers import Integral, Real

import numpy as np
from scipy import fft
from sklearn.utils._param_validation import Interval, Options

from .._limits import MOST_PIXELS
from .._types import Seed
from .._validation import validated

# The microscope: 300 kV, corrected to a small negative spherical aberration. Lengths in nm.
WAVELENGTH = 0.00197
SPHERICAL_ABERRATION = -9e3
FOCAL_SPREAD = 4.0
APERTURE = 7.0  # cycles per nm: no detail beyond
APERTURE_EDGE = 1.0  # cycles per nm: a soft edge rings less

# Projections along [110]: the cell is a x a / sqrt(2), rows first; positions are fractions of it.
CELL = np.array([1.0, np.sqrt(0.5)])
PLATINUM, CERIA = 0.392, 0.541  # lattice constants
FACE_CENTRED = np.array([[0, 0], [0.5, 0.5]])
OXYGEN = np.array([[0.25, 0], [0.25, 0.5], [0.75, 0], [0.75, 0.5]])
FACET_111 = np.arctan(np.sqrt(2))  # angle between the normals of {100} and {111}
INTERFACE = 0.15  # least distance of the particle from the last plane of cerium

# A column: standard deviation, and phase integrated over its area at full thickness, in rad nm^2.
COLUMN_RADIUS = 0.04
PLATINUM_PHASE, CERIUM_PHASE, OXYGEN_PHASE = 0.006, 0.0085, 0.002


@validated(
    {
        "pixel_size": [Interval(Real, 0.002, 0.05, closed="both")],
        "dose": [Interval(Real, 0, 1e12, closed="right"), Options(Real, {np.inf})],
        "defocus": [Interval(Real, -100, 100, closed="both")],
    }
)
def make_hrem(
    shape: tuple[int, int] = (256, 256),
    *,
    pixel_size: float = 0.01,
    dose: float = 800.0,
    defocus: float = 8.0,
    random_state: Seed = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make an image of a metal nanoparticle on an oxide in vacuum, clean and noisy.

    Atomic columns of a faceted platinum particle and of its ceria support, both seen along
    [110], add phase to a plane wave in proportion to their thickness. The weak-phase-object
    approximation turns phase into contrast: one multiplication by ``2 sin(chi)`` and an
    envelope in Fourier space [1]_. Rotations, positions and thicknesses are random. The noisy
    image counts electrons.

    Parameters
    ----------
    shape : tuple of two int, default=(256, 256)
        Height and width in pixels, each at least 1.
    pixel_size : float, default=0.01
        Side of a pixel in nanometres, in [0.002, 0.05].
    dose : float, default=800.0
        Electrons per square angstrom, in (0, 1e12]; ``numpy.inf`` gives an image without
        noise. The default means 8 electrons a pixel of the default size.
    defocus : float, default=8.0
        Distance from focus in nanometres, in [-100, 100]. Columns are white at the default,
        and dark at its negative.
    random_state : int, Generator or None, default=None
        Seed of the scene and of the noise. One seed gives one scene, whatever the dose and
        the defocus.

    Returns
    -------
    clean : ndarray of float32 of shape `shape`
        Expected intensity; near 1 in vacuum.
    noisy : ndarray of float32 of shape `shape`
        Electrons counted, over the number expected in vacuum; `clean` is its mean.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    Modelled: two projected lattices of different spacing and rotation, {111} and {100}
    facets, smoothly varying thickness, defocus and spherical aberration at 300 kV, focal
    spread, an aperture that ends all detail at 7 cycles per nanometre (0.07 cycles a pixel of
    the default size), shot noise.

    Not modelled: multiple scattering, amplitude contrast, relaxation of surfaces and of the
    interface, tilt, thermal diffuse scattering, the transfer function and the read-out noise
    of a camera. This is a stand-in to try denoisers on, not a multislice simulation.

    References
    ----------
    .. [1] E. J. Kirkland, "Advanced Computing in Electron Microscopy", 3rd ed., Springer,
       2020, chapter 3.

    Examples
    --------
    >>> clean, noisy = make_hrem((64, 96), random_state=0)
    >>> clean.shape, noisy.shape, str(noisy.dtype)
    ((64, 96), (64, 96), 'float32')
    """
    shape = _check_shape(shape)
    rng = np.random.default_rng(random_state)
    # What lies just outside contributes, and what the Fourier transform wraps is cut off.
    margin = 1 + abs(defocus) * WAVELENGTH * APERTURE
    n_margin = int(np.ceil(margin / pixel_size))
    padded = tuple(fft.next_fast_len(side + 2 * n_margin, real=True) for side in shape)
    points, phases = _draw_columns(np.array(shape) * pixel_size, margin, rng)
    centre = n_margin + (np.array(shape) - 1) / 2
    phase = _deposit(points / pixel_size + centre, phases / pixel_size**2, padded)
    contrast = _transfer_contrast(phase, pixel_size, defocus)
    window = tuple(slice(n_margin, n_margin + side) for side in shape)
    clean = (1 + contrast[window]).astype(np.float32)
    square_angstroms = (10 * pixel_size) ** 2
    return clean, _count(clean, dose * square_angstroms, rng)


def _check_shape(shape, n_frames=1):
    sides = tuple(np.ravel(shape))
    if len(sides) != 2 or not all(isinstance(side, Integral) and side > 0 for side in sides):
        raise ValueError(
            f"Expected shape=(height, width), two integers of at least 1, got shape={shape!r}."
        )
    if n_frames * math.prod(map(int, sides)) > MOST_PIXELS:
        raise ValueError(f"Expected at most {MOST_PIXELS:,} pixels in all, got shape={shape!r}.")
    return sides


def _draw_columns(field, margin, rng):
    """Draw a scene: positions (n, 2) from the middle of the field, in nm, and phases (n,)."""
    tilt, rotation = rng.uniform([-0.3, -np.pi], [0.3, np.pi])
    surface = np.array([rng.uniform(0.1, 0.25) * field[0], 0.0])
    radius = rng.uniform(0.24, 0.3) * min(8.0, np.sqrt(field.prod()))
    height, shift = rng.uniform([0.5, -0.15], [0.75, 0.15])
    centre = surface + _rotate(np.array([-height * radius, shift * field[1]]), tilt)
    thickness = _draw_thickness(rng)

    reach = np.hypot(*field) / 2 + margin
    support = _ceria(surface, tilt, reach)
    particle = _platinum(centre, rotation, radius)
    above = _rotate(particle[0] - surface, -tilt)[:, 0] < -INTERFACE
    points = np.concatenate([support[0], particle[0][above]])
    phases = np.concatenate([support[1], particle[1][above]])
    return points, phases * thickness(points)


def _draw_thickness(rng):
    """Draw a smooth function of the position, 1 on average, between 0.6 and 1.4."""
    waves = rng.uniform(-0.3, 0.3, (2, 4))
    starts = rng.uniform(0, 2 * np.pi, 4)
    return lambda points: 1 + 0.4 * np.cos(2 * np.pi * points @ waves + starts).mean(axis=1)


def _ceria(surface, tilt, reach):
    """Return the columns of a support that ends in a {111} plane, thin at its edge."""
    cerium = _lattice(CERIA, FACE_CENTRED, reach, FACET_111)
    oxygen = _lattice(CERIA, OXYGEN, reach, FACET_111)
    points = np.concatenate([cerium, oxygen])
    phases = np.repeat([CERIUM_PHASE, OXYGEN_PHASE], [len(cerium), len(oxygen)])
    depth = points[:, 0]
    inside = depth > -COLUMN_RADIUS
    points, phases, depth = points[inside], phases[inside], depth[inside]
    return surface + _rotate(points, tilt), phases * (1 - np.exp(-depth - 0.7))


def _platinum(centre, rotation, radius):
    """Return the columns of a particle with {111} and {100} facets, thin at its edge."""
    points = _lattice(PLATINUM, FACE_CENTRED, 1.3 * radius)
    angles = np.array([0, FACET_111, -FACET_111])
    heights = np.abs(points @ [np.cos(angles), np.sin(angles)])
    inside = np.all(heights <= radius * np.array([1.15, 1, 1]), axis=1)
    points = points[inside]
    chord = np.sqrt(1 - np.sum(points**2, axis=1) / (1.3 * radius) ** 2)
    return centre + _rotate(points, rotation), PLATINUM_PHASE * chord


def _lattice(constant, basis, reach, rotation=0.0):
    """Return all columns within `reach` of the origin, and some more."""
    n_cells = int(np.ceil(reach / (constant * CELL.min()))) + 1
    cells = np.mgrid[-n_cells : n_cells + 1, -n_cells : n_cells + 1].reshape(2, -1).T
    points = (cells[:, np.newaxis] + basis).reshape(-1, 2) * constant * CELL
    return _rotate(points, rotation)


def _rotate(points, angle):
    cosine, sine = np.cos(angle), np.sin(angle)
    return points @ np.array([[cosine, sine], [-sine, cosine]])


def _deposit(points, weights, shape):
    """Add points to a grid, each shared by its four neighbours."""
    inside = np.all((points >= 0) & (points < np.array(shape) - 1), axis=1)
    points, weights = points[inside], weights[inside]
    corners = points.astype(int)
    grid = np.zeros(shape)
    for step in np.ndindex(2, 2):
        shares = np.abs(1 - np.array(step) - (points - corners)).prod(axis=1)
        np.add.at(grid, tuple((corners + step).T), weights * shares)
    return grid


def _transfer_contrast(phase, pixel_size, defocus):
    """Return the contrast around 1 that a weak phase leaves in the image."""
    rows = fft.fftfreq(phase.shape[0], pixel_size)[:, np.newaxis]
    columns = fft.rfftfreq(phase.shape[1], pixel_size)
    transfer = _transfer_function(rows**2 + columns**2, defocus)
    return fft.irfft2(fft.rfft2(phase) * transfer, s=phase.shape)


def _transfer_function(squared, defocus):
    """Return the contrast per phase at squared spatial frequencies, in cycles per nm."""
    curvature = defocus + SPHERICAL_ABERRATION * WAVELENGTH**2 * squared / 2
    chi = np.pi * WAVELENGTH * squared * curvature
    coherence = np.exp(-((np.pi * WAVELENGTH * FOCAL_SPREAD * squared) ** 2) / 2)
    column = np.exp(-2 * (np.pi * COLUMN_RADIUS) ** 2 * squared)
    edge = np.clip((APERTURE - np.sqrt(squared)) / APERTURE_EDGE, 0, 1)
    aperture = np.sin(np.pi / 2 * edge) ** 2
    return 2 * np.sin(chi) * coherence * column * aperture


def _count(clean, electrons, rng):
    """Count electrons, and divide by the number expected in vacuum."""
    if np.isinf(electrons):
        return clean.copy()
    # The counts depend on rounding of their mean; float32 absorbs that of the transform.
    counts = rng.poisson(clean.astype(np.float64) * electrons)
    return (counts / electrons).astype(np.float32)
