"""Intensities on a common scale, as a step of a Pipeline."""

import numpy as np

from .._checks import float_type
from ._step import InvertibleStep


class IntensityScaler(InvertibleStep):
    """Bring intensities to about 0 to 1, and back.

    For a denoiser of another package that expects such a range; those of this one take any. The
    same map for every image: brightness can be compared before and after. Nothing is clipped.

    Parameters
    ----------
    quantiles : tuple of two float, default=(0.001, 0.999)
        Shares of pixels of the images seen by ``fit`` below the intensities that become 0 and 1,
        in [0, 1], in rising order. Hot pixels are beyond.

    Attributes
    ----------
    low_, high_ : float
        The intensities that become 0 and 1. Of constant images, `high_` is `low_` + 1.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.compose import IntensityScaler
    >>> IntensityScaler(quantiles=(0, 1)).fit_transform([[100, 150], [200, 300]])
    array([[0.  , 0.25],
           [0.5 , 1.  ]])
    """

    _transform_mask = "none"  # what is bad stays beyond 0 and 1
    _parameter_constraints = {"quantiles": [tuple, list]}

    def __init__(self, quantiles: tuple[float, float] = (0.001, 0.999)):
        self.quantiles = quantiles

    def _fit(self, stack):
        quantiles = np.array(self.quantiles, dtype=float)
        if quantiles.shape != (2,) or not 0 <= quantiles[0] < quantiles[1] <= 1:
            raise ValueError(
                f"Expected quantiles to be two rising numbers in [0, 1], got {self.quantiles!r}."
            )
        self.low_, self.high_ = map(
            float, np.quantile(stack.astype(float_type(stack.dtype)), quantiles)
        )
        if self.low_ == self.high_:
            self.high_ = self.low_ + 1.0

    def _transform(self, image):
        return (image.astype(np.float64) - self.low_) / (self.high_ - self.low_)

    def _inverse(self, image):
        return image * np.float64(self.high_ - self.low_) + self.low_
