"""Read the colour of noise off an image, or off its power.

The spectrum is divided into cells. Their typical powers at high frequencies, where there is nothing
but noise, are fitted by the waves of :class:`Colour`. Noise that is certainly not white is fitted
once more, to lower frequencies too.
"""

import numpy as np
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from ..._middle import middle_of
from .._power import BEYOND, MEDIAN_EFFICIENCY, frequencies_along, typical_power
from .._resampling import binned_shape, frequencies
from ..mask._bad_pixels import fill_outliers
from ._colour import STREAKS, Colour
from ._filled_share import filled_share
from ._power_law import TOLD, with_power_law
from ._texture import share_of_texture
from ._waves import POWER_LAW, waves_at
from ._whiteness import LOOKED_AT, whiteness

_CELLS = 20  # to an axis
_FEWEST_CELLS = 32
_NEARER = 0.2  # cycles a pixel, from where on smooth noise is measured
_PRIOR = 0.3  # of a wave
_PRECISION = np.array([0.0, *[_PRIOR**-2] * (POWER_LAW - 1)])  # nothing is known of the mean
_FEWEST = 12  # coefficients of a cell
# Errors of the model, for each factor of e by which noise is fainter than in the strongest cells.
_TOLERANCES = (0.0, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.56)
_STRONG = 0.95  # share of the cells that are no stronger
_TOLD, _UNTOLD = 2.0, 0.5  # factors of e that are told well; errors for each that is beyond
_MISFIT = 1.3  # of chance alone, hardly more
_SHARP, _AROUND = 1.5, 8.0  # pixels: scale of what is sharp, and of places where it is strong
_QUIET = 0.7  # of the mean power of what is sharp: no place is quieter


def colour_of(power, independent=1.0, image=None):
    """Read the colour of noise off the power of an image.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Squares of the cosine transform of a noisy image.
    independent : float, default=1.0
        Share of the coefficients that are independent.
    image : ndarray of shape (height, width) or None, default=None
        The image, whose quiet places show whether noise may fall as a power of the frequency; None
        for noise that does not.

    Returns
    -------
    Colour or None
        The colour; None if the image is too small, or has no noise.

    Examples
    --------
    >>> from scipy.fft import dctn
    >>> noise = np.random.default_rng(0).normal(size=(256, 256))
    >>> noise = noise + 0.5 * np.roll(noise, 1, axis=1)
    >>> value, error = colour_of(dctn(noise, norm="ortho") ** 2).correlation(0, 1)
    >>> print(f"{value:.2f} +- {error:.2f}")
    0.41 +- 0.01
    """
    filled = filled_share(power)
    power = power[tuple(map(slice, binned_shape(power.shape, 1 / filled)))]
    centres, beyond, medians, counts = _cell_medians(power)
    usual = np.median(medians[beyond]) if beyond.sum() >= _FEWEST_CELLS else 0.0
    if usual <= np.finfo(power.dtype).eps * power.mean() or medians.min() <= 0:
        return None
    design, counts = waves_at(centres), counts * independent
    logs, variances = _logarithms(medians / usual, counts)
    waves, spread = _fit_twice(design, logs, variances, beyond)
    if image is not None and filled == 1:
        seen = design[beyond], logs[beyond], variances[beyond]
        waves, spread = with_power_law(waves, spread, *seen, _PRECISION, image)
    streaks = [_streaks(power / usual, waves, spread, axis, independent) for axis in (0, 1)]
    (lines, lines_error), (columns, columns_error) = streaks
    waves[0] += np.log(usual)
    return Colour(
        waves,
        spread,
        float(lines - columns),
        float(np.hypot(lines_error, columns_error)),
        filled,
    )


def colour_of_image(
    image: np.ndarray, uniform: bool = False, white: float | None = None
) -> Colour | None:
    """Read the colour of noise off the quiet places of an image; see :func:`colour_of`.

    Detail as fine as the pixels would pass for coloured noise, but quiet places have none.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A noisy image, of which at most 1024 x 1024 pixels are looked at.
    uniform : bool, default=False
        Whether the noise is equally strong everywhere: then texture can be told from noise.
    white : float or None, default=None
        How sure it is that the noise is white, whatever texture looks like; None for the
        :func:`whiteness` of the image.

    Returns
    -------
    Colour or None
        The colour.
    """
    window, power, colour = _colour_of_window(image)
    if colour is None or not colour.not_white:
        return colour
    colour = colour.whiter(whiteness(window) if white is None else white)
    if not uniform or not colour.not_white:
        return colour
    return colour.whiter(share_of_texture(window, power, colour.relative_power(power.shape)))


def texture_in(image: np.ndarray) -> float:
    """Tell whether an image has texture that would pass for smooth noise.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        An image whose noise is equally strong everywhere, of which at most 1024 x 1024 pixels are
        looked at.

    Returns
    -------
    float
        How sure it is, from 0 to 1.

    Examples
    --------
    >>> texture_in(np.random.default_rng(0).normal(size=(128, 128)))
    0.0
    """
    window, power, colour = _colour_of_window(image)
    if colour is None or not colour.not_white:
        return 0.0
    return colour.not_white * share_of_texture(window, power, colour.relative_power(power.shape))


def _colour_of_window(image):
    """Return the middle of an image, the power of its quiet places, and the colour of that."""
    window = middle_of(image, LOOKED_AT).astype(np.float64)
    (window,) = fill_outliers(window[np.newaxis])
    power, independent = _power_of_quiet_places(window)
    return window, power, colour_of(power, independent, window)


def _power_of_quiet_places(image):
    """Return the power of an image in quiet places, and the share of independent coefficients.

    The weights of places change slowly, so that they leave the spectrum of noise as it is.
    """
    sharp = image - gaussian_filter(image, _SHARP)
    strength = gaussian_filter(sharp**2, _AROUND)
    strength /= max(strength.mean(), np.finfo(float).tiny)
    weights = np.maximum(strength, _QUIET) ** -4  # of squares
    power = dctn(sharp * np.sqrt(weights), norm="ortho", workers=1) ** 2
    told = weights * strength
    kept = 1 - np.exp(-2 * (np.pi * _SHARP * frequencies(image.shape)) ** 2)
    kept[0, 0] = 1
    share = told.mean() ** 2 / max(np.mean(told**2), np.finfo(float).tiny)
    return power / (weights.mean() * kept**2), share


def _cell_medians(power):
    """Return centres of cells, whether they lie above BEYOND, typical powers, and sizes."""
    found = []
    edges = np.linspace(0, 0.5, _CELLS + 1)
    rows, columns = (np.searchsorted(frequencies_along(side), edges) for side in power.shape)
    for i, j in np.ndindex(_CELLS, _CELLS):
        cell = power[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
        centre = (edges[i : i + 2].mean(), edges[j : j + 2].mean())
        beyond = np.hypot(edges[i], edges[j]) >= BEYOND
        streaks = beyond and min(centre) < STREAKS
        if np.hypot(*centre) >= _NEARER and cell.size >= _FEWEST and not streaks:
            found.append((*centre, beyond, typical_power(cell), cell.size))
    found = np.array(found).reshape(-1, 5)
    return found[:, :2], found[:, 2] > 0, found[:, 3], found[:, 4]


def _logarithms(powers, counts):
    """Return the logarithms of powers, and the variances of their errors."""
    variances = 2 * MEDIAN_EFFICIENCY / counts
    return np.log(powers) + variances / 2, variances


def _fit_twice(design, logs, variances, beyond):
    """Return waves and the covariance of their errors; see :func:`_fit`.

    High frequencies of smooth noise tell little about low ones. So as far as the noise is not
    white, cells from :data:`_NEARER` on count too, although there may be detail.
    """
    fit = _fit(design[beyond], logs[beyond], variances[beyond])
    share = Colour(*fit).not_white
    return _fit(design, logs, variances, np.where(beyond, 1, share)) if share else fit


def _fit(design, logs, variances, shares=1.0):
    """Return waves in the logarithm of powers, and the covariance of their errors.

    Errors of powers are proportional to them, so those of logarithms are alike. A prior of
    :data:`_PRIOR` for each wave keeps small what the measured frequencies do not determine.

    Cells that are far fainter than the strongest ones get large errors: an uneven dose or a border
    may have made them. Interpolated noise has zeros, whose logarithm few waves cannot describe: if
    the waves do not fit, errors are raised the more, the fainter a cell is, until they do.
    """
    design = design[:, :POWER_LAW]
    variances = variances / shares  # as if there were fewer of a cell
    faintness = np.maximum(np.quantile(logs, _STRONG) - logs, 0)
    variances = variances + (_UNTOLD * np.maximum(faintness - _TOLD, 0)) ** 2
    for tolerance in _TOLERANCES:
        all_variances = variances + (tolerance * faintness) ** 2
        weighted = design.T / all_variances
        spread = np.linalg.inv(weighted @ design + np.diag(_PRECISION))
        waves = spread @ weighted @ logs
        misfit = np.mean((logs - design @ waves) ** 2 / all_variances)
        if misfit <= (1 if tolerance else _MISFIT):
            break
    spread = np.pad(max(1.0, misfit) * spread, (0, 1))
    spread[POWER_LAW, POWER_LAW] = TOLD
    return np.append(waves, 0.0), spread


def _streaks(power, waves, spread, axis, independent):
    """Return by how much lines exceed the power of the smooth part, and the standard error.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        The power.
    waves, spread : ndarray
        The smooth part, and the covariance of its errors.
    axis : int
        The axis along which streaks run: 0 for those of rows.
    independent : float
        Share of the coefficients that are independent.
    """
    seen = [np.flatnonzero(frequencies_along(side) > BEYOND) for side in power.shape]
    seen[1 - axis] = np.flatnonzero(frequencies_along(power.shape[1 - axis]) < STREAKS)
    if min(map(len, seen)) < 2:
        return 0.0, np.inf
    levels = typical_power(power[np.ix_(*seen)], axis=axis)
    centre = [
        frequencies_along(side)[index].mean() for side, index in zip(power.shape, seen, strict=True)
    ]
    (wave,) = waves_at([centre])
    usual = np.exp(wave @ waves)
    n_seen = independent * np.prod([len(index) for index in seen])
    error = np.sqrt(2 * MEDIAN_EFFICIENCY / n_seen)
    return levels.mean() / usual - 1, np.hypot(error, np.sqrt(wave @ spread @ wave))
