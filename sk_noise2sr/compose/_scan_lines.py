"""Offsets of scan lines, as a step of a Pipeline."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval

from ..grid import find_row_offsets
from ._step import ImageStep


class ScanLineCorrector(ImageStep):
    """Subtract from every row of a scanned image what lifts it above the rows about it.

    A beam that flickers, or a detector whose base line drifts, shifts whole rows. To a denoiser
    that is structure: it is the same along the row. Every row is compared with a cubic through
    the rows about it; what differs on average is its offset. Offsets are shrunk by what the
    noise explains, so that an image without any comes back nearly unchanged.

    Rows that are shifted sideways, as by errors of the scan, are not moved.

    Parameters
    ----------
    window : int, default=7
        Number of rows, odd, at least 5, over which the image follows a cubic. Slower changes are
        taken for signal. Lattice planes along the rows, of a period of not much more than the
        window, are taken for offsets: make it smaller then.

    Attributes
    ----------
    offsets_ : ndarray of shape (n, height)
        Offsets of the rows of the images seen by ``fit``. ``transform`` finds those of every image
        anew.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.compose import ScanLineCorrector
    >>> from sk_noise2sr.datasets import make_stem
    >>> clean, noisy = make_stem(random_state=0)
    >>> lifted = noisy + 0.01 * np.random.default_rng(0).normal(size=(256, 1))
    >>> corrected = ScanLineCorrector().fit_transform(lifted)
    >>> left = (corrected - noisy).mean(axis=1).std() / (lifted - noisy).mean(axis=1).std()
    >>> bool(left < 0.6)
    True
    """

    _parameter_constraints = {"window": [Interval(Integral, 5, None, closed="left")]}

    def __init__(self, window: int = 7):
        self.window = window

    def _fit(self, stack):
        if self.window % 2 == 0:
            raise ValueError(f"Expected window to be odd, got {self.window}.")
        self.offsets_ = np.stack([self._find(image) for image in stack])

    def _find(self, image):
        return find_row_offsets(image.astype(np.float64), self.window).offsets

    def _transform(self, image):
        return image.astype(np.float64) - self._find(image)[:, np.newaxis]
