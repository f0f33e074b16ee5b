"""What a detector makes of an expected image: counts, and what it does to them."""

from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage, signal
from sklearn.utils._param_validation import Interval, Options

from .._types import Seed
from .._validation import validated

FORGOTTEN = 12  # time constants after which nothing is left of what the detector saw


@validated(
    {
        "expected": ["array-like"],
        "electrons": [Interval(Real, 0, None, closed="neither"), Options(Real, {np.inf})],
        "afterglow": [Interval(Real, 0, 10, closed="both")],
        "spread": [Interval(Real, 0, 10, closed="both")],
        "bits": [Interval(Integral, 1, 16, closed="both"), None],
    },
)
def record(
    expected: ArrayLike,
    electrons: float,
    *,
    afterglow: float = 0.0,
    spread: float = 0.0,
    bits: int | None = None,
    random_state: Seed = None,
) -> np.ndarray:
    """Record an expected image as a detector does: once more for each seed.

    Electrons are counted; then the detector forgets slowly, spreads what it counts, and rounds it.
    So its noise is correlated along rows, or in all directions, or has steps.

    Parameters
    ----------
    expected : array-like of shape (height, width)
        What is to be recorded, not negative: a clean image of this module, made with
        ``dose=numpy.inf``.
    electrons : float
        Electrons that an intensity of 1 stands for in a pixel, above 0; ``numpy.inf`` for no noise.
        A dose per square angstrom times ``(10 * pixel_size) ** 2``.
    afterglow : float, default=0.0
        Time in which the signal decays to 1 / e, in dwell times of a pixel, in [0, 10].
        Neighbours in a row are correlated by ``exp(-1 / afterglow)``.
    spread : float, default=0.0
        Standard deviation of the Gaussian over which a camera spreads an electron, in pixels, in
        [0, 10]: its transfer function is ``exp(-2 (pi spread f) ** 2)``.
    bits : int or None, default=None
        The file has ``2 ** bits`` grey levels from the smallest to the largest value, in [1, 16].
        None does not round.
    random_state : int, Generator or None, default=None
        Seed of the noise.

    Returns
    -------
    ndarray of float32 of shape (height, width)
        The noisy image, in the units of `expected`.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or `expected` is no image of finite values from 0.

    Examples
    --------
    Two exposures of one scene by a camera:

    >>> from sk_noise2sr.datasets import make_hrem, record
    >>> clean, _ = make_hrem((64, 96), dose=np.inf, random_state=0)
    >>> first, second = (record(clean, 8, spread=0.5, random_state=seed) for seed in (0, 1))
    >>> first.shape, bool((first == second).all())
    ((64, 96), False)
    """
    expected = np.asarray(expected, dtype=np.float64)
    finite = np.isfinite(expected).all()
    if expected.ndim != 2 or not expected.size or not finite or expected.min() < 0:
        raise ValueError(
            "Expected one image of finite intensities of at least 0, got an array of shape "
            f"{expected.shape} with values from {np.min(expected, initial=np.inf):g} to "
            f"{np.max(expected, initial=-np.inf):g}; take a clean image of make_hrem."
        )
    # The scan begins left of the field: its first pixels remember what was there.
    before = int(np.ceil(FORGOTTEN * afterglow))
    image = np.pad(expected, ((0, 0), (before, 0)), mode="symmetric")
    if np.isfinite(electrons):
        image = np.random.default_rng(random_state).poisson(image * electrons) / electrons
    image = decay(image, afterglow)[:, before:]
    if spread:
        image = ndimage.gaussian_filter(image, spread, mode="reflect")
    return (image if bits is None else _rounded(image, bits)).astype(np.float32)


def decay(image: np.ndarray, constant: float) -> np.ndarray:
    """Let every pixel decay into those after it in its row; the sum stays.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    constant : float
        Time in which the signal decays to 1 / e, in pixels.

    Returns
    -------
    ndarray of shape (height, width)
        The decayed image.
    """
    if constant == 0:
        return image
    kept = np.exp(-1 / constant)
    return signal.lfilter([1 - kept], [1, -kept], image, axis=1).astype(image.dtype)


def _rounded(image, bits):
    low, high = image.min(), image.max()
    step = (high - low) / (2**bits - 1)
    return low + step * np.round((image - low) / step) if step > 0 else image
