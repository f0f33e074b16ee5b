"""The generalised Anscombe transform as a step of a Pipeline."""

from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from .._links import doc_page
from .._validation import validated_fit
from ..base import Masked
from ..noise import Anscombe, estimate_noise


class AnscombeTransformer(TransformerMixin, BaseEstimator):
    """Bring Poisson-Gaussian noise to a standard deviation of about 1, and back.

    Before a denoiser that takes noise to be equally strong everywhere. In a Pipeline the result has
    no unit; :func:`make_denoising_pipeline` and :class:`TransformedDenoiser` undo it.

    Parameters
    ----------
    noise : "estimate" or tuple of two float, default="estimate"
        ``"estimate"`` reads the noise off the images in ``fit``. Or the pair (a, b): the noise
        has the variance ``a * (clean - offset) + b**2``, a and b at least 0, not both 0.
    offset : float or None, default=None
        Intensity without counts. None estimates it, and means 0 where `noise` is given.

    Attributes
    ----------
    noise_ : NoiseEstimate or Anscombe
        The noise, with attributes ``a``, ``b`` and ``offset``: the estimate with its error bars,
        or what was given.
    anscombe_ : Anscombe
        The transform in use.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Examples
    --------
    >>> from sk_noise2sr.compose import AnscombeTransformer
    >>> from sk_noise2sr.datasets import make_hrem
    >>> clean, noisy = make_hrem((256, 256), random_state=0)
    >>> anscombe = AnscombeTransformer(offset=0).fit(noisy)
    >>> noise = anscombe.transform(noisy) - anscombe.transform(clean)
    >>> print(round(float(noise.std()), 1))
    1.0
    """

    _doc_link_module = "sk_noise2sr"
    _doc_link_template = property(doc_page)

    _parameter_constraints = {
        "noise": [StrOptions({"estimate"}), tuple, list],
        "offset": [Real, None],
    }

    def __init__(self, noise: str | tuple[float, float] = "estimate", offset: float | None = None):
        self.noise = noise
        self.offset = offset

    @validated_fit
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Estimate the noise, or take what is given.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            A noisy image, or a stack of images with the same noise.
        y : None
            Ignored.

        Returns
        -------
        self : AnscombeTransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            If a parameter or the images are not as described, or if noise cannot be estimated.
        """
        images = Masked.check(self, X, reset=True).filled
        if isinstance(self.noise, str):
            self.noise_ = estimate_noise(images, self.offset)
            self.anscombe_ = self.noise_.anscombe()
            return self
        self.noise_ = self.anscombe_ = Anscombe.from_pair(self.noise, self.offset or 0.0)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Stabilise one image or a stack.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.

        Returns
        -------
        ndarray of the shape of X
            Stabilised images without unit, of the floating type of `X`; integers become the
            floating type that holds them.
        """
        check_is_fitted(self)
        return self._map(self.anscombe_.transform, X)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Return denoised stabilised images to intensities, without bias.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Denoised images on the scale of ``transform``. Noisy ones come back too high by about
            a / 4, since the inverse is that of means.

        Returns
        -------
        ndarray of the shape of X
            Intensities, of the floating type of `X`.
        """
        check_is_fitted(self)
        return self._map(self.anscombe_.inverse_transform, X)

    def _map(self, change, X):
        """Change all pixels but NaN."""
        return Masked.check(self, X, "none", reset=False).map(change, pixels=True)

    def __sklearn_tags__(self):
        """Tell scikit-learn what goes in and comes out."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
