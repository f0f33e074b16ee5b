"""Whether an image and what it is compared with have the same units."""

import warnings

import numpy as np

_NEAR, _FAR = 0.2, 2.0  # standard deviations of both
_ALIKE, _GAIN = 0.5, 4.0  # correlation from which on the gain can be read, and the largest


def warn_of_units(reference, image, stacklevel=3):
    """Warn if an image cannot be in the units of its reference.

    Parameters
    ----------
    reference, image : ndarray of one shape
        Finite numbers of floating type.
    stacklevel : int, default=3
        Whom to name.
    """
    if not other_units(reference.ravel(), image.ravel()):
        return
    warnings.warn(
        f"The image (mean {image.mean():.4g}, standard deviation {image.std():.4g}) is not in the "
        f"units of its reference ({reference.mean():.4g}, {reference.std():.4g}), so that the "
        "figure means nothing. Undo a step that changes units, such as AnscombeTransformer, after "
        "the denoiser: TransformedDenoiser(AnscombeTransformer(), denoiser), or "
        "make_denoising_pipeline(*steps), of sk_noise2sr.compose.",
        UserWarning,
        stacklevel=stacklevel + 1,
    )


def other_units(reference, image):
    """Return whether means are far apart, or apart and what is alike has another gain.

    Examples
    --------
    >>> counts = np.random.default_rng(0).poisson(100, 5000).astype(float)
    >>> other_units(counts, 2 * np.sqrt(counts)), other_units(counts, counts + 5)
    (True, False)
    """
    apart = abs(reference.mean() - image.mean())
    spreads = reference.std(), image.std()
    if min(spreads) == 0 or apart < _NEAR * sum(spreads):  # of one mean: smooth, but in its units
        return False
    if apart > _FAR * sum(spreads):
        return True
    correlation = np.mean((reference - reference.mean()) * (image - image.mean()))
    correlation /= spreads[0] * spreads[1]
    gain = correlation * spreads[1] / spreads[0]
    return bool(correlation > _ALIKE and not 1 / _GAIN < gain < _GAIN)
