"""Squared errors of a few refits, smoothed: standard errors of neighbourhoods."""

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

_SMOOTHED = 7  # pixels: a few refits tell the error of a neighbourhood, not of a pixel
_NEAR = 0.01  # share of valid pixels, beyond which they are far away
_SAMPLE = (..., slice(2, None, 4), slice(2, None, 4))  # enough pixels for one number
_POWERS = (0.0, 2.0)
_CAUTION = 0.85  # refits are more like one another than the result is like the truth
_TINY = np.finfo(np.float32).eps


class SmoothedErrors:
    """Squared errors of refits, which come one by one.

    They are smoothed, as a few refits tell little of one pixel. What is left of their contrast is
    partly chance, and partly less than there was before the smoothing. The power of the smoothed
    squares of some refits that best tells the squares of another mends both.

    Parameters
    ----------
    valid : ndarray of bool of shape (n, height, width)
        Which pixels of the images count.
    """

    def __init__(self, valid: np.ndarray):
        self._valid = valid
        self._total = np.zeros(valid.shape)
        self._samples: list = []

    def add(self, squares: np.ndarray) -> None:
        """Take the squared errors of one more refit, of the shape of `valid`."""
        smooth = self._smoothed(squares)
        self._total += smooth
        self._samples.append((smooth[_SAMPLE], squares[_SAMPLE]))

    def standard_errors(self) -> list[np.ndarray]:
        """Return a standard error for each pixel, an array for each image."""
        samples = np.moveaxis(np.array(self._samples), 2, 0)
        each = zip(self._total / len(self._samples), samples, self._valid[_SAMPLE], strict=True)
        return [
            _raised(near, _CAUTION * telling_power(*sample.swapaxes(0, 1)[..., known]))
            for near, sample, known in each
        ]

    def _smoothed(self, squares):
        """Return means over valid pixels nearby; invalid pixels come back with all their noise."""
        width, valid = (0, _SMOOTHED, _SMOOTHED), self._valid
        if valid.all():
            return gaussian_filter(squares, width)
        near = gaussian_filter(valid.astype(np.float64), width)
        means = gaussian_filter(valid * squares, width) / np.maximum(near, _NEAR)
        return np.where(near > _NEAR, means, squares[valid].mean())


def telling_power(smooth: np.ndarray, squares: np.ndarray) -> float:
    """Return the power of the smoothed squares of all refits but one that best tells that one.

    A regression with a logarithmic link, whose deviance is that of Tweedie of power 3/2: variances
    of squares between those of counts and of squares of a Gaussian.

    Parameters
    ----------
    smooth, squares : ndarray of shape (n_refits, n_pixels)
        Squared errors: smoothed, and as they are.

    Returns
    -------
    float
        Between 0 and 2: below 1 where differences are chance, above where smoothing levelled them.
    """
    others = smooth.sum(axis=0) - smooth
    scale = others.mean() if others.size else 0.0
    if scale == 0:
        return 0.0
    logs = np.log(np.maximum(others / scale, _TINY))
    logs -= logs.mean()

    def slope(power):
        root = np.exp(power / 2 * logs)
        told = squares / scale / root
        return np.sum((told - told.sum() / root.sum() * root) * logs)

    least, most = _POWERS
    if slope(least) <= 0:
        return least
    return most if slope(most) >= 0 else brentq(slope, least, most)


def _raised(squares, power):
    """Return the roots of a power of the squares, and keep their mean square."""
    mean = squares.mean()
    if mean == 0:
        return squares
    raised = np.maximum(squares / mean, _TINY) ** power
    return np.sqrt(raised * (mean / raised.mean()))
