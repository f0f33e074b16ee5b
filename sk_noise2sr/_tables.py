"""Whether an image was treated as a table, whose rows are samples: seen from its pixels."""

import warnings

import numpy as np

_FEWEST = 32  # rows and columns: a smaller image is not judged
_LOOKED_AT = 2**21  # pixels, at most, but for the fewest columns
_ALIKE = 0.05  # correlation along rows, from which on they hold a picture
_CERTAIN = 8.0  # standard errors
_EXACT = 1e-4
_BREAK, _CLEAR = 1.4, 5.0  # how much more two rows differ than those around; standard errors


class TableWarning(UserWarning):
    """An image looks as if a tool for tables had cut it, which happens in Python alone."""


def warn_of_tables(stack):
    """Warn if an image has shuffled or glued rows, or columns that were standardised one by one.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Checked images.
    """
    if len(stack) > 1 or min(stack[0].shape) < _FEWEST:
        return
    image = _middle_columns(stack[0]).astype(float)
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
    elif (row := seam(image)) is not None:
        _warn(
            f"The image breaks off between its rows {row} and {row + 1}, which do not belong "
            "together. If a search of scikit-learn glued them (cv=3 means KFold, for tables), use "
            "cv=WholeImage() of sk_noise2sr.model_selection, or TileKFold() to score rows that are "
            "not fitted."
        )


def _middle_columns(image):
    """Return so many columns in the middle of a large image that they tell of its rows."""
    height, width = image.shape
    seen = min(width, max(_FEWEST, _LOOKED_AT // height))
    first = (width - seen) // 2
    return image[:, first : first + seen]


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


def seam(image):
    """Return the row after which an image goes on with something else, or None.

    No picture changes from one row to the next as if it were cut: a lens and a scan smooth it.
    Where two rows differ clearly more than those around them do, and nothing alike is seen
    anywhere else or from column to column, rows were glued. Strong noise conceals a seam; it then
    harms little.

    Examples
    --------
    >>> y, x = np.mgrid[:96, :96]
    >>> image = np.sin(x / 4) * np.sin(y / 4) + np.random.default_rng(0).normal(0, 0.3, (96, 96))
    >>> seam(image), seam(np.delete(image, slice(40, 54), axis=0))
    (None, 39)
    """
    breaks = _breaks(image)
    return int(breaks[0]) if len(breaks) == 1 and not len(_breaks(image.T)) else None


def _breaks(image):
    """Return the rows after which there is a break."""
    steps = np.diff(image, axis=0)
    squares = (steps - steps.mean(axis=1, keepdims=True)) ** 2
    step, error = squares.mean(axis=1), squares.var(axis=1) / squares.shape[1]
    around = [step[:-4], step[1:-3], step[3:-1], step[4:]]
    most = np.max(around, axis=0)
    spread = np.max([error[:-4], error[1:-3], error[3:-1], error[4:]], axis=0)
    middle = step[2:-2]
    clear = middle - most > _CLEAR * np.sqrt(error[2:-2] + spread)
    varied = image.std(axis=1) > 0
    return 2 + np.flatnonzero(clear & (middle > _BREAK * most) & varied[2:-3] & varied[3:-2])


def _error(values):
    return values.std() / np.sqrt(len(values))


def _warn(message):
    warnings.warn(message, TableWarning, stacklevel=5)
