"""A denoiser that works on changed images and returns original units."""

from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods

from ..base import BaseDenoiser


class TransformedDenoiser(BaseDenoiser):
    """Change images, denoise them, and change them back.

    In a Pipeline the result has the units of the last step. Here it has those of the input, so
    that it can be compared with a reference, or with other methods. What
    :class:`~sklearn.compose.TransformedTargetRegressor` is for targets, this is for images.

    Parameters
    ----------
    transformer : estimator
        A transformer with ``inverse_transform``, or a Pipeline of such.
    denoiser : estimator
        What denoises the changed images.

    Attributes
    ----------
    transformer_ : estimator
        The fitted transformer.
    denoiser_ : estimator
        The fitted denoiser.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``, if they are to the parts.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.compose import AnscombeTransformer, TransformedDenoiser
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> denoiser = TransformedDenoiser(AnscombeTransformer(offset=0), AdaptiveWiener(noise=1.0))
    >>> print(round(denoiser.fit(noisy).score(noisy, clean)))
    19
    """

    _parameter_constraints = {
        "transformer": [HasMethods(["fit", "transform"])],
        "denoiser": [HasMethods(["fit", "transform"])],
    }

    def __init__(self, transformer, denoiser):
        self.transformer = transformer
        self.denoiser = denoiser

    def score(self, X, y=None):
        """Return a figure in decibels, greater is better.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.
        y : array-like of the shape of X, default=None
            A reference.

        Returns
        -------
        float
            With a reference the PSNR in original units. Without, the score of the denoiser on the
            changed images, if it has one.
        """
        images = self._check_transform(X)
        if y is None:
            return self.denoiser_.score(self.transformer_.transform(images))
        return super().score(images, y)

    def _fit(self, stack, y):
        if not hasattr(self.transformer, "inverse_transform"):
            raise ValueError(
                f"Expected a transformer with inverse_transform, got {self.transformer!r}. Put "
                "steps without a way back before the TransformedDenoiser, in a Pipeline."
            )
        images = stack[0] if len(stack) == 1 else stack
        self.transformer_ = clone(self.transformer).fit(images)
        if y is not None and get_tags(self.denoiser).target_tags.required:
            y = self.transformer_.transform(y)
        self.denoiser_ = clone(self.denoiser).fit(self.transformer_.transform(images), y)

    def _denoise(self, image):
        changed = self.denoiser_.transform(self.transformer_.transform(image))
        return self.transformer_.inverse_transform(changed)

    def __sklearn_tags__(self):
        """Tell scikit-learn whether the denoiser needs a target."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = get_tags(self.denoiser).target_tags.required
        return tags
