"""A denoiser that works on changed images and returns original units."""

from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods

from ..base import BaseDenoiser


class TransformedDenoiser(BaseDenoiser):
    """Change images, denoise them, and change them back.

    In a Pipeline the result has the units of the last step. Here it has those of the input, so
    that it can be compared with a reference, or with other methods, and so has ``score``. What
    :class:`~sklearn.compose.TransformedTargetRegressor` is for targets, this is for images.

    :func:`make_denoising_pipeline` makes one where a step has a way back.

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

    def __init__(self, transformer: Any, denoiser: Any):
        self.transformer = transformer
        self.denoiser = denoiser

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


def make_denoising_pipeline(*steps: Any) -> Any:
    """Make a Pipeline that undoes, after its denoiser, the steps that have a way back.

    ``make_pipeline`` of scikit-learn leaves the result in the units of the last step.

    Parameters
    ----------
    *steps : estimator
        Steps such as those of this module; the last one is the denoiser.

    Returns
    -------
    Pipeline or estimator
        A denoiser in the units of its input. Its steps with a way back, each with all that follow
        it, are a :class:`TransformedDenoiser`.

    Raises
    ------
    ValueError
        If there is no step.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener, datasets
    >>> from sk_noise2sr.compose import AnscombeTransformer, HotPixelFilter
    >>> from sk_noise2sr.compose import make_denoising_pipeline
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> denoiser = make_denoising_pipeline(
    ...     HotPixelFilter(), AnscombeTransformer(offset=0), AdaptiveWiener(noise=1.0)
    ... )
    >>> list(denoiser.named_steps)
    ['hotpixelfilter', 'transformeddenoiser']
    >>> print(round(denoiser.fit(noisy).score(noisy, clean)))
    19
    """
    if not steps:
        raise ValueError("Expected steps and a denoiser, got nothing.")
    *before, denoiser = steps
    for step in reversed(before):
        if hasattr(step, "inverse_transform"):
            denoiser = TransformedDenoiser(step, denoiser)
        else:
            after = denoiser.named_steps.values() if isinstance(denoiser, Pipeline) else [denoiser]
            denoiser = make_pipeline(step, *after)
    return denoiser
