"""Atomic columns: found in the result, measured in the raw image."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter
from skimage.feature import peak_local_max

from ..grid import detail_width, relief
from ..noise import NoiseEstimate, PoissonGaussian
from ._pair import check_pair, noise_between

_NAMES = ("row", "column", "height")
_RECORD = np.dtype(
    [(f"{kind}{name}", float) for kind in ("", "raw_", "error_", "pull_") for name in _NAMES]
)
_LEAST = 0.2  # of the median height of peaks: lower ones are no columns
_LOW, _UNTOLD = 0.1, 2.0  # of a typical column, and standard errors: below both a peak may be noise
_FALL = 1 - math.exp(-0.4)  # relative fall of a column at its width, after smoothing by half of it
_REACH = 2.2  # widths: radius of the pixels of a fit, from which the neighbours are subtracted
_ROUNDS = 6  # of fits; in each, the other columns of the round before are subtracted
_WIDEST = 0.4  # largest logarithm of the width of columns over that of the detail, in one try
_TRIES = 4
_TRUSTED = 0.1  # relative error of the width of columns in a result
_FARTHEST = 0.5  # widths by which a column may move in one round


def measure_columns(
    noisy: ArrayLike,
    denoised: ArrayLike,
    noise: PoissonGaussian | NoiseEstimate | tuple[float, float] | None = None,
) -> np.ndarray:
    """Find bright columns in a result, and measure them in the noisy image.

    The result says where columns are. Position and height come from the noisy pixels, by weighted
    least squares with a free background. So does the common width, unless columns are few: then it
    is that of the result.

    Parameters
    ----------
    noisy : array-like of shape (height, width)
        The noisy image; pixels that are NaN, or masked, are left out.
    denoised : array-like of shape (height, width)
        What any method made of it, in the same unit.
    noise : PoissonGaussian, NoiseEstimate or pair (a, b), default=None
        The noise; None reads it off the noisy image.

    Returns
    -------
    ndarray of shape (n_columns,)
        A structured array, which ``pandas.DataFrame`` takes. ``row``, ``column``, ``height``: in
        pixels, pixels, and intensity above the background, in the result. ``raw_``: the same in
        the noisy image. ``error_``: standard errors of the raw values, the Cramer-Rao bound.
        ``pull_``: result minus raw over the error; beyond 4 the result is wrong there.

    Raises
    ------
    ValueError
        If the images do not fit together, hold no finite pixel or no noise.

    Notes
    -----
    If neighbours share noise, errors are larger than for independent pixels. By how much follows
    from the spectrum of the noise, read off the noisy image.

    A fit with a free position finds a height that is too large by error**2 / height; this is
    subtracted. A column is a round Gaussian, of one width for all. Pairs closer than two widths
    count as one, and columns nearer to the border than two widths are left out. A column that the
    result does not show is not measured: see :func:`evidence_map`.

    Peaks lower than a fifth of their median are no columns. Nor are peaks lower than a tenth of a
    typical column and than two standard errors, as noise leaves them where columns are few.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.noise import PoissonGaussian
    >>> from sk_noise2sr.trust import measure_columns
    >>> y, x = np.mgrid[:32, :32]
    >>> clean = 1 + np.exp(-((y - 15.3) ** 2 + (x - 16.0) ** 2) / 18)
    >>> noise = PoissonGaussian(0.01, 0.0)
    >>> table = measure_columns(noise.sample(clean, 0), clean, noise)
    >>> print(len(table), round(table["row"][0], 1), round(table["error_row"][0], 2))
    1 15.3 0.11
    """
    noisy, denoised, valid = check_pair(noisy, denoised)
    width = detail_width(denoised, valid)
    noise = noise_between(noisy, denoised, valid, noise, width)
    found = _find(denoised, valid, width, noise)
    table = np.zeros(len(found), dtype=_RECORD)
    unit = math.sqrt(noise.variance[valid].mean())  # equations are solved in deviations of noise
    noisy, denoised, found[:, 2] = noisy / unit, denoised / unit, found[:, 2] / unit
    weights = np.where(valid, unit**2 / noise.variance, 0)
    width, seen = _width_in_result(denoised, weights, found, width)
    shown, _ = _fit(denoised, weights, found, width, seen)
    width = _fit_width(noisy, weights, shown, width, seen, _TRUSTED)  # results may be blurred
    raw, errors = _fit(noisy, weights, shown, width, seen)
    errors = errors * _more_than_white(noise, width)
    raw[:, 2] -= raw[:, 2] * errors[:, 2] ** 2 / (raw[:, 2] ** 2 + errors[:, 2] ** 2)
    for number, name in enumerate(_NAMES):
        table[name], table[f"raw_{name}"] = shown[:, number], raw[:, number]
        table[f"error_{name}"] = errors[:, number]
        table[f"pull_{name}"] = (shown - raw)[:, number] / errors[:, number]
    for kind in ("", "raw_", "error_"):
        table[f"{kind}height"] *= unit
    return table


def _more_than_white(noise, width):
    """Return factors of the errors of row, column and height, for noise that neighbours share."""
    return [noise.under(each) for each in _profiles(width)]


def _profiles(width):
    """Return what weighs pixels for the row, the column and the height of a column."""
    reach = math.ceil(_REACH * width)
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = down**2 + right**2 <= reach**2
    profile = inside * np.exp(-(down**2 + right**2) / (2 * width**2))
    height = inside * (profile - profile[inside].mean())  # the background is free
    return down * profile, right * profile, height


def _find(denoised, valid, width, noise):
    """Return rows, columns and heights, about, of the peaks of a result, (n, 3)."""
    filled = np.where(valid, denoised, np.median(denoised[valid]))
    smooth = gaussian_filter(filled, width / 2)
    distance = max(1, round(2 * width))
    peaks = peak_local_max(smooth, min_distance=distance, exclude_border=distance)
    peaks = peaks[valid[tuple(peaks.T)]]
    # High neighbours raise the surroundings of a low column, but hardly change its relief.
    heights = relief(peaks.T, smooth, width) / _FALL
    peaks, heights = peaks[heights > 0], heights[heights > 0]
    if not len(heights):
        return np.zeros((0, 3))
    columns = heights > _LEAST * np.median(heights)
    # Where columns are few, most peaks are what noise has left; columns are most of the height.
    errors = np.sqrt(noise.variance[tuple(peaks.T)]) * _error_of_height(noise, width)
    columns &= (heights > _LOW * _typical(heights)) | (heights > _UNTOLD * errors)
    return np.column_stack([peaks, heights])[columns]


def _typical(heights):
    """Return the height up to which columns have half of all height."""
    heights = np.sort(heights)
    return heights[np.searchsorted(np.cumsum(heights), heights.sum() / 2)]


def _error_of_height(noise, width):
    """Return the standard error of a height, in deviations of the noise of a pixel."""
    profile = _profiles(width)[2]
    return noise.under(profile) / np.linalg.norm(profile)


def _width_in_result(denoised, weights, columns, width):
    """Return the width of columns in a result, and the pixels that all further fits look at.

    Where it lies at the end of what was tried, detail was finer than columns: it is tried again.
    """
    for _ in range(_TRIES):
        seen = _disc(columns, math.ceil(_REACH * width), denoised.shape)
        before, width = width, _fit_width(denoised, weights, columns, width, seen)
        if abs(math.log(width / before)) < 0.99 * _WIDEST:
            break
    return width, seen


def _fit_width(image, weights, columns, width, seen, trusted=None):
    """Return the width of columns that fits an image best, by a parabola in its logarithm.

    `trusted` is the relative error of the first width, so that few columns in strong noise hardly
    change it.
    """
    logs = np.linspace(-1, 1, 7) * (_WIDEST if trusted is None else trusted)
    losses = np.zeros(len(logs)) if trusted is None else (logs / trusted) ** 2
    for number, log in enumerate(logs):
        fitted, _ = _fit(image, weights, columns, width * math.exp(log), seen)
        losses[number] += _loss(image, weights, fitted, width * math.exp(log), seen)
    lowest = int(np.clip(np.argmin(losses), 1, len(logs) - 2))
    near = slice(lowest - 1, lowest + 2)
    bend, slope, _ = np.polyfit(logs[near], losses[near], 2)
    best = -slope / (2 * bend) if bend > 0 else 0.0
    return width * math.exp(np.clip(best, logs[0], logs[-1]))


def _loss(image, weights, columns, width, seen):
    """Return the weighted sum of squares of an image minus columns and their backgrounds."""
    basis, left, weight = _local(image, weights, columns, width, seen)
    step = _solve(basis, left, weight)[0]
    return float(np.sum(weight * (left - np.einsum("npi,ni->np", basis, step)) ** 2))


def _fit(image, weights, columns, width, seen):
    """Return columns (n, 3) fitted to pixels of an image, and their standard errors."""
    for _ in range(_ROUNDS):
        step, normal = _solve(*_local(image, weights, columns, width, seen))
        move = np.clip(step[:, :2], -_FARTHEST * width, _FARTHEST * width)
        columns = columns + np.column_stack([move, step[:, 2]])
    variances = np.diagonal(np.linalg.pinv(normal), axis1=1, axis2=2)
    return columns, np.sqrt(np.maximum(variances[:, :3], 0))


def _solve(basis, left, weight):
    """Return the weighted least-squares step of each column, and its normal matrix."""
    weighted = basis * weight[..., np.newaxis]
    normal = np.einsum("npi,npj->nij", weighted, basis)
    projected = np.einsum("npi,np->ni", weighted, left)
    return np.einsum("nij,nj->ni", np.linalg.pinv(normal), projected), normal


def _local(image, weights, columns, width, seen):
    """Return slopes, the image minus all columns, and weights, at the pixels around each column.

    The slopes are those of the model by row, column, height and background, (n, pixels, 4).
    """
    rows, cols, inside = seen
    down, right = rows - columns[:, :1], cols - columns[:, 1:2]
    profile = np.exp(-(down**2 + right**2) / (2 * width**2))
    slopes = columns[:, 2:] * profile / width**2
    basis = np.stack([slopes * down, slopes * right, profile, np.ones_like(profile)], axis=2)
    rows, cols = (
        np.clip(x, 0, side - 1) for x, side in zip((rows, cols), image.shape, strict=True)
    )
    weight = weights[rows, cols] * inside
    left = image[rows, cols] - _render(columns, width, image.shape)[rows, cols]
    return basis, np.where(weight > 0, left, 0), weight


def _disc(columns, reach, shape):
    """Return rows and columns of the pixels about each column, (n, pixels), and which exist."""
    offsets = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    offsets = offsets[:, np.sum(offsets**2, axis=0) <= reach**2]
    middle = np.rint(columns[:, :2]).astype(int)
    rows, cols = (middle[:, axis, np.newaxis] + offsets[axis] for axis in (0, 1))
    return rows, cols, (rows >= 0) & (rows < shape[0]) & (cols >= 0) & (cols < shape[1])


def _render(columns, width, shape):
    """Return the sum of all columns as an image."""
    rows, cols, inside = _disc(columns, math.ceil(4 * width), shape)
    squares = (rows - columns[:, :1]) ** 2 + (cols - columns[:, 1:2]) ** 2
    profile = columns[:, 2:] * np.exp(-squares / (2 * width**2))
    image = np.zeros(shape)
    np.add.at(image, (rows[inside], cols[inside]), profile[inside])
    return image
