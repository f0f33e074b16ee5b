"""The windows of a large image, one at a time, with their spectra."""

from itertools import islice, product

import numpy as np
from scipy.fft import dctn, idctn

from .._power import BEYOND
from .._resampling import binned_shape, frequencies

_WINDOW = 1024  # side of a window


class Windows:
    """The windows of an image, prepared one after the other.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    prepare : callable or None
        See :func:`choose_factors`.
    """

    def __init__(self, image, prepare):
        self.image, self.prepare = image, prepare
        self.filled = 1.0
        self.noise = self.faint = None
        self.streaks = 0.0
        self.starts = list(product(*(_starts(side) for side in image.shape)))

    def __len__(self):
        """Return their number."""
        return len(self.starts)

    def middle(self):
        """Return the one in the middle."""
        return next(islice(self, len(self) // 2, None))[0]

    def __iter__(self):
        """Yield each window with its cosine transform."""
        for top, left in self.starts:
            window = self.image[top : top + _WINDOW, left : left + _WINDOW]
            if self.prepare is not None:
                window = self.prepare(window)
            spectrum = dctn(window - window.mean(), norm="ortho", workers=1)
            if self.filled < 1:
                rows, columns = binned_shape(window.shape, 1 / self.filled)
                spectrum = spectrum[:rows, :columns]
                window = idctn(spectrum, norm="ortho", workers=1)
            if self.noise is not None:  # features are looked for where the noise is white
                spectrum /= self.noise
                fill_faint(spectrum, self.faint)
                window = idctn(spectrum, norm="ortho", workers=1)
            yield window, spectrum


def _starts(side):
    """Return the starts of windows that cover a side."""
    n_windows = -(-side // _WINDOW)
    return np.linspace(0, max(side - _WINDOW, 0), n_windows).astype(int)


def fill_faint(values, faint):
    """Put values of other frequencies where noise is faint, so that nothing is found there."""
    if not faint.any():
        return
    others = values[(frequencies(values.shape) > BEYOND) & ~faint]
    if others.size:
        values[faint] = np.resize(others, np.count_nonzero(faint))
