"""Bad pixels of a detector, as a step of a Pipeline."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ..grid import fill_pixels, find_bad_pixels
from ._step import ImageStep

_FEWEST_FRAMES = 3


class HotPixelFilter(ImageStep):
    """Fill hot and dead pixels, and the spikes of X-rays.

    A pixel is bad if it stands far outside what surrounds it, alone or with a few others that end
    abruptly on all sides, so that structure is left alone. Of a stack, pixels that are bad in all
    frames are found in the median of the frames, where they stand out more; spikes are found frame
    by frame.

    Denoisers fill what one image shows by themselves; this step finds what shows only in many
    frames too, and says where.

    Parameters
    ----------
    threshold : float, default=12.0
        How far outside, in standard deviations of noise and structure, above 0.
    max_size : int, default=9
        Largest number of pixels of a cluster, at least 1; a few clusters may touch.
    fill : {"neighbours", "nan"}, default="neighbours"
        What bad pixels become: the weighted mean of good neighbours, or NaN, which
        denoisers of this package never take for targets, and fill.

    Attributes
    ----------
    mask_ : ndarray of bool of shape (height, width)
        Pixels that are bad in every image seen by ``fit``. ``transform`` fills them in images of
        this size, beside those that it finds.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Examples
    --------
    >>> from sk_noise2sr.compose import HotPixelFilter
    >>> from sk_noise2sr.datasets import make_hrem
    >>> clean, noisy = make_hrem((128, 128), random_state=0)
    >>> noisy[[10, 70], [20, 90]] = 50
    >>> step = HotPixelFilter().fit(noisy)
    >>> int(step.mask_.sum()), bool(step.transform(noisy).max() < 5)
    (2, True)
    """

    _fit_mask = _transform_mask = "none"  # it finds them itself
    _parameter_constraints = {
        "threshold": [Interval(Real, 0, None, closed="neither")],
        "max_size": [Interval(Integral, 1, None, closed="left")],
        "fill": [StrOptions({"neighbours", "nan"})],
    }

    def __init__(self, threshold: float = 12.0, *, max_size: int = 9, fill: str = "neighbours"):
        self.threshold = threshold
        self.max_size = max_size
        self.fill = fill

    def _fit(self, stack):
        if len(stack) >= _FEWEST_FRAMES:
            self.mask_ = self._find(np.median(stack, axis=0))
        else:
            self.mask_ = np.logical_and.reduce([self._find(image) for image in stack])

    def _find(self, image):
        return find_bad_pixels(image, self.threshold, self.max_size)

    def _transform(self, image):
        bad = self._find(image)
        if bad.shape == self.mask_.shape:
            bad |= self.mask_
        if self.fill == "nan":
            return np.where(bad, np.nan, image.astype(np.float64))
        return fill_pixels(image, bad)
