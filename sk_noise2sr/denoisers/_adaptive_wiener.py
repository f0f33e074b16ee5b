"""Adaptive Wiener filter: smooth as much as the local variance allows."""

from numbers import Integral, Real

import numpy as np
from scipy.ndimage import uniform_filter
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import varied
from .._smallest_side import check_sides
from ..base import BaseDenoiser
from ..grid import Levels

_LARGEST_WINDOW = 1000  # times the longer side: beyond, buffers alone fill the memory
_MODES = {"reflect": "reflect", "zero": "constant"}


class AdaptiveWiener(BaseDenoiser):
    """Linear filter that follows the mean and the variance about each pixel.

    Where the variance in a window is that of the noise, the result is the mean of the window;
    the more it exceeds that, the more of the pixel itself is kept [1]_. A baseline: fast, and
    edges stay noisy.

    Parameters
    ----------
    window : int >= 3, default=15
        Side of the window in pixels, odd.
    noise : "estimate" or float >= 0, default="estimate"
        Variance of the noise, in units of intensity squared; ``"estimate"`` takes
        the mean of the local variances in ``fit``, which counts structure as noise.
    border : {"reflect", "zero"}, default="reflect"
        What lies beyond the image: its mirror image, or zeros, as published [2]_. With zeros
        the frame is darkened, and the result depends on an offset of the image.

    Attributes
    ----------
    noise_ : float or None
        Variance of the noise; None after a fit on a constant image, if it was to be estimated.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Notes
    -----
    Lone pixels far outside the noise are replaced by the median of their neighbourhood first.

    References
    ----------
    .. [1] J. S. Lim, "Two-Dimensional Signal and Image Processing", Prentice Hall, 1990,
       equations 9.44 to 9.46.
    .. [2] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
       IEEE Transactions on Computational Imaging 10, 1462-1475, 2024, table I.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.metrics import psnr
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> print(round(psnr(clean, noisy)), round(AdaptiveWiener().fit(noisy).score(noisy, clean)))
    2 19
    """

    _local = True
    _parameter_constraints = {
        "window": [Interval(Integral, 3, None, closed="left")],
        "noise": [StrOptions({"estimate"}), Interval(Real, 0, None, closed="left")],
        "border": [StrOptions(set(_MODES))],
    }
    _presets = {"default": {}, "paper": {"border": "zero"}}

    def __init__(self, window: int = 15, noise: float | str = "estimate", border: str = "reflect"):
        self.window = window
        self.noise = noise
        self.border = border

    def _fit(self, stack, y):
        check_sides(stack, 2)
        if self.window % 2 == 0:
            raise ValueError(
                f"Expected window to be odd, so that it has a pixel at its centre, got "
                f"{self.window}."
            )
        frames = stack[varied(stack)]
        self.alike_ = self.noise != "estimate" or Levels.fit(frames) is None
        self.noise_ = self._estimate(frames) if self.noise == "estimate" else float(self.noise)

    def _estimate(self, stack):
        """Return the mean local variance of frames of which none is constant."""
        if not len(stack):
            return None
        frames = (frame.astype(np.float64) for frame in stack)
        return float(np.mean([self._moments(frame)[1].mean() for frame in frames]))

    def _denoise(self, image):
        check_sides(image, 2)
        if not varied(image):
            return image.astype(np.float64)
        if self.noise_ is None:
            raise ValueError(
                "This AdaptiveWiener was fitted on a constant image, from which nothing can be "
                "learned; fit it on an image like the one to denoise."
            )
        image = image.astype(np.float64)
        noise = self.noise_ if self.alike_ else self._estimate(image[np.newaxis])
        mean, variance = self._moments(image)
        signal = np.maximum(variance - noise, 0)
        kept = np.divide(signal, variance, out=np.zeros_like(image), where=variance > 0)
        return mean + kept * (image - mean)

    def _moments(self, image):
        """Return the mean and the variance in the window about each pixel."""
        if self.window > _LARGEST_WINDOW * max(image.shape):
            raise ValueError(
                f"window={self.window} is far beyond an image of {image.shape[0]} x "
                f"{image.shape[1]}; give the side of a small part of it."
            )
        # Variances are differences of squares: they are small beside a large offset.
        level = image.mean() if self.border == "reflect" else 0.0
        mean, square = (
            uniform_filter(values, self.window, mode=_MODES[self.border])
            for values in (image - level, (image - level) ** 2)
        )
        return mean + level, np.maximum(square - mean**2, 0)
