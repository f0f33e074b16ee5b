"""How alike two frames are, how far apart, and whether they share noise."""

import numpy as np
from scipy import fft
from scipy.ndimage import maximum_filter

from ..grid import high_pass

_LARGEST_STEP = 1 / 6  # of a side, from one frame to the next
_AS_GOOD = 0.85  # of the largest correlation: a peak between pixels may be so much higher
_SURE = 4.0  # standard errors
_FRAMES_LOOKED_AT = 32
_LAGS = 8  # frames: how far back a camera is taken to remember
_ENOUGH_LAGS = 4  # for the second half of them to show what stays in all frames
_LEAST_SHARED = 0.05  # correlation of noise that does no harm
_SIDE = 3  # pixels, which a high pass makes share noise


def correlation(before, after):
    """Return how alike two frames are, once the second is moved back, and its displacement.

    A displacement counts if it makes the frames more alike than chance can. Of several that do as
    well, as in a lattice, the shortest is taken; registration by the highest peak alone
    (:mod:`skimage.registration`) jumps between cells.

    Parameters
    ----------
    before, after : ndarray of shape (height, width)
        The frames.

    Returns
    -------
    alike : float
        Their correlation.
    step : tuple of two float
        Pixels down and to the right, whole ones.

    Examples
    --------
    >>> scene = np.random.default_rng(0).normal(size=(32, 32))
    >>> alike, step = correlation(scene, np.roll(scene, (2, -3), axis=(0, 1)))
    >>> print(round(alike, 3), step)
    1.0 (2.0, -3.0)
    """
    spectra = [_spectrum(frame) for frame in (before, after)]
    if any(each is None for each in spectra):
        return 0.0, (0.0, 0.0)
    alike = fft.irfft2(np.conj(spectra[0]) * spectra[1], s=before.shape)
    steps = [np.rint(fft.fftfreq(side, 1 / side)) for side in before.shape]
    down, right = np.meshgrid(*steps, indexing="ij")
    near = (np.abs(down) <= _LARGEST_STEP * before.shape[0]) & (
        np.abs(right) <= _LARGEST_STEP * before.shape[1]
    )
    error = standard_error(before.shape)
    peaks = alike == maximum_filter(alike, 3, mode="wrap")
    good = near & peaks & (alike >= _AS_GOOD * np.max(alike[near]))
    if not good.any():
        return float(alike[0, 0]), (0.0, 0.0)
    shortest = np.argmin(np.where(good, np.hypot(down, right), np.inf))
    if alike.flat[shortest] < alike[0, 0] + _SURE * error:
        return float(alike[0, 0]), (0.0, 0.0)
    return float(alike.flat[shortest]), (float(down.flat[shortest]), float(right.flat[shortest]))


def standard_error(shape):
    """Return that of the correlation of two frames of independent noise."""
    return 1 / np.sqrt(np.prod(shape))


def _spectrum(frame):
    """Return the Fourier transform of a frame of mean 0 and norm 1; None of a constant one."""
    frame = np.subtract(frame, frame.mean(), dtype=float)
    norm = np.linalg.norm(frame)
    return fft.rfft2(frame / norm) if norm > 0 else None


def frames_that_share_noise(stack):
    """Return up to which distance in time frames share noise, as by a camera that remembers.

    In the highest frequencies there is hardly anything but noise. What of it is alike in frames
    far apart is no noise, and does not count.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        A movie.

    Returns
    -------
    gap : int
        The distance; 0 for a camera without memory.
    shared : float
        Correlation of the noise of frames that follow one another.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(9, 64, 64))
    >>> frames_that_share_noise(noise[1:] + noise[:-1])[0]
    1
    """
    stack = stack[:_FRAMES_LOOKED_AT]
    n_lags = min(_LAGS, len(stack) - 1)
    if n_lags < 2:
        return 0, 0.0
    noise = [_standardized(high_pass(frame.astype(np.float32))) for frame in stack]
    shared = np.array(
        [
            np.mean([np.mean(a * b) for a, b in zip(noise, noise[lag:], strict=False)])
            for lag in range(1, n_lags + 1)
        ]
    )
    error = _SURE * standard_error(stack.shape) * _SIDE
    least = max(_LEAST_SHARED, error)
    if n_lags >= _ENOUGH_LAGS or shared[0] - shared[1] < least:  # else, nothing tells what stays
        shared -= np.median(shared[n_lags // 2 :])
    kept = np.flatnonzero(shared > least)
    return (int(kept[-1]) + 1 if len(kept) else 0), float(shared[0])


def _standardized(image):
    image = image - image.mean()
    return image / max(np.sqrt(np.mean(image**2)), np.finfo(np.float32).tiny)
