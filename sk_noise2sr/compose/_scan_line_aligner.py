"""Sideways shifts of scan lines, as a step of a Pipeline."""

import numpy as np

from ..grid import find_row_shifts, shift_rows
from ._step import ImageStep


class ScanLineAligner(ImageStep):
    """Move every row of a scanned image back to where the rows about it say that it belongs.

    A scan that trembles displaces whole rows by parts of a pixel to pixels. Atoms get ragged
    edges, which a denoiser keeps or smears. The shifts are estimated together with a denoised
    image. They are as small as the noise makes them doubtful: an image without any comes back
    nearly unchanged. Noise stays as white as it was.

    What changes slowly over many rows, such as drift, is not told from the object.

    Attributes
    ----------
    shifts_ : ndarray of shape (n, height)
        By how many pixels to the right the rows of the images seen by ``fit`` are shifted; they are
        moved to the left by as much. ``transform`` finds those of every image anew.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    See Also
    --------
    ScanLineCorrector : For rows that are too bright or too dark.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.compose import ScanLineAligner
    >>> from sk_noise2sr.datasets import make_stem
    >>> clean, noisy = make_stem("mfi", dose=2e4, scan_jitter=0.015, random_state=0)
    >>> aligner = ScanLineAligner().fit(noisy)
    >>> print(aligner.shifts_.shape, aligner.transform(noisy).shape)
    (1, 256) (256, 256)
    """

    _parameter_constraints = {}

    def _fit(self, stack):
        self.shifts_ = np.stack([self._find(image) for image in stack])

    def _find(self, image):
        return find_row_shifts(image.astype(np.float64)).shifts

    def _transform(self, image):
        return shift_rows(image.astype(np.float64), -self._find(image))
