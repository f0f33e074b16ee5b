"""Whether an image was treated as a table, whose rows are samples: seen from its pixels."""

import warnings

import numpy as np

_FEWEST = 32  # rows and columns: a smaller image is not judged
_ALIKE = 0.05  # correlation along rows, from which on they hold a picture
_CERTAIN = 8.0  # standard errors
_EXACT = 1e-4


def warn_of_tables(stack):
    """Warn if a single image has shuffled rows, or columns that were standardised one by one.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Checked images.
    """
    image = stack[0].astype(float, copy=False)
    if len(stack) > 1 or min(image.shape) < _FEWEST:
        return
    if standardised(image):
        _warn(
            "Each column of the image has mean 0 and standard deviation 1, as StandardScaler "
            "leaves it: brightness and contrast of the columns are lost. Use "
            "sk_noise2sr.compose.IntensityScaler, or none."
        )
    elif shuffled(image):
        _warn(
            "The rows of the image look shuffled: they are alike along a row, and neighbouring "
            "rows are not. train_test_split and HalvingGridSearchCV take rows for samples; use "
            'cv=WholeImage() of sk_noise2sr.model_selection, and resource="epochs".'
        )


def standardised(image):
    """Return whether all columns have mean 0 and standard deviation 1.

    Examples
    --------
    >>> image = np.random.default_rng(0).poisson(9, (50, 50)).astype(float)
    >>> standardised(image), standardised((image - image.mean(0)) / image.std(0))
    (False, True)
    """
    means, spreads = image.mean(axis=0), image.std(axis=0)
    return bool(np.abs(means).max() < _EXACT and np.abs(spreads - 1).max() < _EXACT)


def shuffled(image):
    """Return whether rows hold a picture, and neighbouring rows have nothing to do with it.

    What all rows share, and the offset of each row, are left out: stripes are no shuffling.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y, x = np.mgrid[:64, :64]
    >>> image = np.sin(x / 4) * np.sin(y / 4) + rng.normal(0, 0.5, (64, 64))
    >>> shuffled(image), shuffled(rng.permutation(image))
    (False, True)
    """
    deviations = image - image.mean(axis=1, keepdims=True)
    deviations = deviations - deviations.mean(axis=0)
    variance = np.mean(deviations**2)
    if variance == 0:
        return False
    # At lag 2: the noise of scanned images is often correlated between neighbours.
    along = np.mean(deviations[:, :-2] * deviations[:, 2:], axis=1) / variance
    if along.mean() < max(_ALIKE, _CERTAIN * _error(along)):
        return False
    across = [np.mean(deviations[:-k] * deviations[k:], axis=1) / variance for k in (1, 2, 3)]
    return all(abs(each.mean()) < min(along.mean() / 4, 4 * _error(each)) for each in across)


def _error(values):
    return values.std() / np.sqrt(len(values))


def _warn(message):
    warnings.warn(message, UserWarning, stacklevel=5)
