"""Simulated movies: atomic columns that stay, hop, drift or turn, clean and noisy."""

from numbers import Real

import numpy as np
from scipy import fft, signal
from sklearn.utils._param_validation import Interval, Options, StrOptions

from .._limits import FRAMES
from .._types import Seed
from .._validation import validated
from ._hrem import (
    APERTURE,
    CELL,
    FACE_CENTRED,
    PLATINUM,
    PLATINUM_PHASE,
    WAVELENGTH,
    _ceria,
    _check_shape,
    _count,
    _deposit,
    _lattice,
    _platinum,
    _rotate,
    _transfer_contrast,
)

DEFOCUS = 8.0  # nm: columns are white
MARGIN = 1 + DEFOCUS * WAVELENGTH * APERTURE  # nm around the field that contribute to it
HOP = np.array([PLATINUM / 4, 0.0])  # halfway to the hollow between four columns
DRIFT = 0.5  # pixels a frame
TURN = np.deg2rad(0.5)  # a frame
FORGOTTEN = 1e-3  # share of a frame that no longer matters


@validated(
    {
        "kind": [StrOptions({"still", "drift", "rotation"})],
        "n_frames": [FRAMES],
        "counts": [Interval(Real, 0, 1e12, closed="right"), Options(Real, {np.inf})],
        "pixel_size": [Interval(Real, 0.002, 0.05, closed="both")],
        "lag": [Interval(Real, 0, 0.9, closed="both")],
    }
)
def make_movie(
    kind: str = "still",
    shape: tuple[int, int] = (128, 128),
    n_frames: int = 15,
    *,
    counts: float = 5.0,
    pixel_size: float = 0.015,
    lag: float = 0.0,
    random_state: Seed = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make a movie of atomic columns of platinum, clean and noisy.

    The optics are those of :func:`make_hrem`. What happens is known, so that one sees whether a
    denoiser keeps it.

    Parameters
    ----------
    kind : {"still", "drift", "rotation"}, default="still"
        ``"still"``: a lattice over the whole field. In the frame ``n_frames // 2``, and in no
        other, the column nearest to the middle of the field has hopped to another place.
        ``"drift"``: the lattice moves by half a pixel a frame.
        ``"rotation"``: a particle on its support turns by half a degree a frame. From frame
        ``n_frames // 2`` on, the column farthest from the support is gone.
    shape : tuple of two int, default=(128, 128)
        Height and width of a frame in pixels, each at least 1.
    n_frames : int, default=15
        Number of frames, at least 1.
    counts : float, default=5.0
        Electrons a pixel and frame in vacuum, in (0, 1e12]; ``numpy.inf`` gives a movie without
        noise. The variance of the noise is the intensity over `counts`.
    pixel_size : float, default=0.015
        Side of a pixel in nanometres, in [0.002, 0.05].
    lag : float, default=0.0
        Share of a frame that the camera still shows in the next one, in [0, 0.9]. It acts after
        the counting: the noise is then correlated from frame to frame. Both movies have it.
    random_state : int, Generator or None, default=None
        Seed of the scene and of the noise. One seed gives one scene, whatever the counts and the
        lag.

    Returns
    -------
    clean : ndarray of float32 of shape (n_frames, height, width)
        Expected intensity; near 1 in vacuum.
    noisy : ndarray of float32 of shape (n_frames, height, width)
        Electrons counted, over the number expected in vacuum; `clean` is its mean.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> clean, noisy = make_movie("drift", (64, 96), 5, random_state=0)
    >>> clean.shape, noisy.shape, str(noisy.dtype)
    ((5, 64, 96), (5, 64, 96), 'float32')
    """
    shape = _check_shape(shape, n_frames)
    rng = np.random.default_rng(random_state)
    field = np.array(shape) * pixel_size
    columns = _SCENES[kind](field, n_frames, pixel_size, rng)
    # A camera that remembers had seen the first frame for a while.
    n_before = int(np.ceil(np.log(FORGOTTEN) / np.log(lag))) if lag else 0
    numbers = [0] * n_before + list(range(n_frames))
    frames = [_project(*columns(number), shape, pixel_size) for number in range(n_frames)]
    clean = np.stack([frames[number] for number in numbers])
    noisy = _count(clean, counts, rng)
    return tuple(_remember(movie, lag)[n_before:] for movie in (clean, noisy))


def _still(field, n_frames, pixel_size, rng):
    points = _whole_lattice(field, rng)
    hopping = np.argmin(np.hypot(*points.T))
    hop = _rotate(HOP, rng.uniform(-np.pi, np.pi))

    def columns(number):
        moved = points.copy()
        moved[hopping] += hop * (number == n_frames // 2)
        return moved, PLATINUM_PHASE

    return columns


def _drift(field, n_frames, pixel_size, rng):
    way = _rotate(np.array([DRIFT * pixel_size, 0.0]), rng.uniform(-np.pi, np.pi))
    points = _whole_lattice(field + 2 * n_frames * np.abs(way), rng)
    return lambda number: (points + number * way, PLATINUM_PHASE)


def _rotation(field, n_frames, pixel_size, rng):
    surface = np.array([rng.uniform(0.15, 0.25) * field[0], 0.0])
    radius = 0.3 * min(8.0, np.sqrt(field.prod()))
    centre = surface - (0.7 * radius, 0.0)
    start = rng.uniform(-np.pi, np.pi)
    support = _ceria(surface, 0.0, np.hypot(*field) / 2 + MARGIN)
    points, phases = _platinum(np.zeros(2), 0.0, radius)

    def turned_at(number):
        return centre + _rotate(points, start + TURN * number)

    lost = np.argmin(turned_at(n_frames // 2)[:, 0])

    def columns(number):
        turned = turned_at(number)
        there = turned[:, 0] < surface[0]  # below, there is the support
        there[lost] &= number < n_frames // 2
        return (
            np.concatenate([support[0], turned[there]]),
            np.concatenate([support[1], phases[there]]),
        )

    return columns


_SCENES = {"still": _still, "drift": _drift, "rotation": _rotation}


def _whole_lattice(field, rng):
    """Return columns all over a field, under a random angle and origin."""
    reach = np.hypot(*field) / 2 + MARGIN
    points = _lattice(PLATINUM, FACE_CENTRED, reach, rng.uniform(-np.pi, np.pi))
    return points + rng.uniform(-0.5, 0.5, 2) * PLATINUM * CELL


def _project(points, phases, shape, pixel_size):
    """Return the image of columns at points, in nm from the middle of the field."""
    n_margin = int(np.ceil(MARGIN / pixel_size))
    padded = tuple(fft.next_fast_len(side + 2 * n_margin, real=True) for side in shape)
    centre = n_margin + (np.array(shape) - 1) / 2
    phases = np.broadcast_to(phases, len(points))
    phase = _deposit(points / pixel_size + centre, phases / pixel_size**2, padded)
    window = tuple(slice(n_margin, n_margin + side) for side in shape)
    return (1 + _transfer_contrast(phase, pixel_size, DEFOCUS)[window]).astype(np.float32)


def _remember(movie, lag):
    """Let a share of every frame stay in the next one."""
    if lag == 0:
        return movie
    return signal.lfilter([1 - lag], [1, -lag], movie, axis=0).astype(movie.dtype)
