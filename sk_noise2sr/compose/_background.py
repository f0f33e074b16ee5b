"""Uneven illumination, as a step of a Pipeline."""

from numbers import Real

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.utils._param_validation import Interval, StrOptions

from ._step import InvertibleStep


class BackgroundNormalizer(InvertibleStep):
    """Level slow changes across an image, and restore them.

    Uneven illumination, charging, a slope of the thickness. The background is a wide Gaussian mean
    of the images seen by ``fit``. What is wide in the object is taken for background too, so use
    it in a :class:`TransformedDenoiser`, which puts it back.

    Parameters
    ----------
    width : float, default=0.1
        Standard deviation of the Gaussian, as a share of the shorter side, above 0.
    mode : {"subtract", "divide"}, default="subtract"
        ``"subtract"`` leaves the noise as it is. ``"divide"`` is right for the signal under
        uneven illumination, and makes the noise uneven. The mean intensity is kept.

    Attributes
    ----------
    background_ : ndarray of shape (height, width)
        The background, relative to its mean: of mean 0 to subtract, of mean 1 to divide by.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.compose import BackgroundNormalizer
    >>> slope = np.linspace(0, 100, 64) + np.random.default_rng(0).normal(size=(64, 64))
    >>> step = BackgroundNormalizer().fit(slope)
    >>> level = step.transform(slope)
    >>> bool(np.ptp(level) < 0.2 * np.ptp(slope)), np.allclose(step.inverse_transform(level), slope)
    (True, True)
    """

    _parameter_constraints = {
        "width": [Interval(Real, 0, None, closed="neither")],
        "mode": [StrOptions({"subtract", "divide"})],
    }

    def __init__(self, width: float = 0.1, *, mode: str = "subtract"):
        self.width = width
        self.mode = mode

    def _fit(self, stack):
        image = stack.mean(axis=0, dtype=np.float64)
        background = gaussian_filter(image, self.width * min(image.shape))
        if self.mode == "subtract":
            self.background_ = background - background.mean()
            return
        if background.min() <= 0:
            raise ValueError(
                f"Cannot divide by a background that goes down to {background.min():g}; subtract "
                'the dark level first, or use mode="subtract".'
            )
        self.background_ = background / background.mean()

    def _transform(self, image):
        self._check_size(image)
        if self.mode == "divide":
            return image / self.background_
        return image - self.background_

    def _inverse(self, image):
        self._check_size(image)
        if self.mode == "divide":
            return image * self.background_
        return image + self.background_

    def _check_size(self, image):
        if image.shape != self.background_.shape:
            expected, got = (
                " x ".join(map(str, shape)) for shape in (self.background_.shape, image.shape)
            )
            raise ValueError(
                f"The background belongs to images of {expected} pixels, got {got}; fit again."
            )
