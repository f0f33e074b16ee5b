"""Offsets of scan lines, as a step of a Pipeline."""

import numpy as np

from ..grid import find_row_offsets
from ._step import ImageStep


class ScanLineCorrector(ImageStep):
    """Subtract from every row of a scanned image what lifts it above the rows about it.

    A beam that flickers, or a detector whose base line drifts, shifts whole rows; the two fields of
    a video, every other row. To a denoiser that is structure: it is the same along the row. At a
    frequency across the rows where the image has no structure, rows are left to differ as much as
    noise makes them; an image without offsets comes back as it is. Lattice planes along the rows
    and the edges of layers stay.

    Denoisers level rows and columns themselves, unless ``mask="none"``; this step is for what else
    looks at an image, and for a look at the offsets. Rows that are shifted sideways, as by errors
    of the scan, are not moved.

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

    def _fit(self, stack):
        self.offsets_ = np.stack([(image - self._transform(image)).mean(axis=1) for image in stack])

    def _transform(self, image):
        image = image.astype(np.float64)
        return find_row_offsets(image).subtract(image)
