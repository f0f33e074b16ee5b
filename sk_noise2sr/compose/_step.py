"""What the steps of a Pipeline share."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._links import doc_page
from .._validation import validated_fit
from ..base import Masked


class ImageStep(TransformerMixin, BaseEstimator):
    """Base class: one image or a stack in, the same shape out.

    A step writes ``_fit(stack)`` and ``_transform(image)``. Both see a continuation of the picture
    where pixels are NaN, or are found to be no picture; such pixels pass a step by.
    """

    _parameter_constraints: dict[str, list] = {}
    _doc_link_module = "sk_noise2sr"
    _doc_link_template = property(doc_page)
    _local = True
    _fit_mask = _transform_mask = "auto"  # "none" finds nothing: only NaN is no picture

    @validated_fit
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn from one image or a stack.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            A noisy image or a stack. Pixels that are NaN are left out, as are regions of one
            value, dead lines and bad pixels.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted step.
        """
        self._fit(Masked.check(self, X, self._fit_mask, reset=True).filled)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Change one image or a stack.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Images.

        Returns
        -------
        ndarray of the shape of X
            Changed images, of the floating type of `X`; integers become the floating type that
            holds them.
        """
        return self._map(self._transform, X)

    def _map(self, change, X):
        check_is_fitted(self)
        masked = Masked.check(self, X, self._transform_mask, reset=False)
        return masked.map(change, pixels=True)

    def __sklearn_tags__(self):
        """Tell scikit-learn what goes in and comes out."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class InvertibleStep(ImageStep):
    """Base class of steps with a way back, ``_inverse(image)``."""

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Undo ``transform``.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Changed images, for instance denoised ones.

        Returns
        -------
        ndarray of the shape of X
            Images in the original units, of the floating type of `X`.
        """
        return self._map(self._inverse, X)
