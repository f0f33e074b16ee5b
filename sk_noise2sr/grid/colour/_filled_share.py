"""How much of its spectrum an image fills: the high frequencies of a smoothed image are empty."""

import numpy as np

from .._resampling import frequencies

# A ring is empty if its power is less than _EMPTY times that at half the frequency, or than what
# rounding in single precision leaves.
_RING, _EMPTY, _ROUNDING, _ALMOST_ALL = 0.01, 1e-3, 1e-11, 0.9


def filled_share(power):
    """Return the share of all frequencies, the lowest ones, that hold noise or detail.

    The power of an image that was smoothed or enlarged falls by orders of magnitude within an
    octave, without spots, and does not rise again. Neither scenes nor lattices in noise do that.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Squares of the cosine transform of an image.

    Returns
    -------
    float
        The share, in (0, 1]; 1 where it is more than 0.9.

    Examples
    --------
    >>> from scipy.fft import dctn
    >>> from scipy.ndimage import gaussian_filter
    >>> noise = np.random.default_rng(0).normal(size=(128, 128))
    >>> [round(filled_share(dctn(gaussian_filter(noise, s)) ** 2), 1) for s in (0, 2)]
    [1.0, 0.5]
    """
    n_rings = round(0.5 / _RING)
    ring = (frequencies(power.shape) / _RING).astype(np.uint8)
    last, half = (power[ring == number] for number in (n_rings - 1, (n_rings - 1) // 2))
    least = _ROUNDING * power.mean()
    if not (last.size and half.size) or np.median(last) > max(_EMPTY * np.median(half), least):
        return 1.0  # as nearly always
    rings = [power[ring == number] for number in range(n_rings)]
    if min(map(len, rings)) == 0:
        return 1.0
    medians = np.array([np.median(each) for each in rings])
    highest = np.array([each.max() / (2 * np.log(each.size) + 8) for each in rings])
    at_half = medians[np.arange(n_rings) // 2]
    end = _end_of(medians > np.maximum(_EMPTY * at_half, least))
    end = max(end, _end_of(highest > _EMPTY * at_half[min(end, n_rings - 1)]))
    filled = 2 * _RING * end
    return filled if 0 < filled < _ALMOST_ALL else 1.0


def _end_of(there):
    """Return the number of elements up to the last that is True."""
    return int(np.flatnonzero(there).max(initial=-1)) + 1
