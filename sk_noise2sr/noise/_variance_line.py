"""The variance of noise, and how it grows with the intensity: a line, with errors.

A high-pass filter leaves the noise. Pixels are sorted into cells by how bright and how structured
their surroundings are, and a line is fitted to the mean squares of the cells.

The surroundings must not contain the noise of the pixel: a value that is high by chance would count
as bright, and the line would be too flat. So they leave out the square that the filter sees. In the
language of statistics they are instruments, and cells are Wald's groups; the estimate is consistent
for any distribution of the noise.
"""

from dataclasses import astuple, dataclass

import numpy as np
from scipy import ndimage, signal
from scipy.optimize import nnls

from ..grid import sampled
from ._cells import ROUNDING, agreement, make_cells, without_structure
from ._surroundings import Surroundings

# High-pass filters that remove cubic surfaces. The efficient one, the image minus its low-pass,
# passes 0.65 of all frequencies. The selective one passes the corner of the spectrum, 0.26 of them,
# which has less structure: edges along rows and columns have none there.
_LOW_PASS = np.array([-1, 4, 10, 4, -1]) / 16
_EFFICIENT = np.pad([[1.0]], 2) - np.outer(_LOW_PASS, _LOW_PASS)
REACH = len(_EFFICIENT) // 2  # pixels around one that a filter sees
_SELECTIVE = np.outer([1.0, -2.0, 1.0], [1.0, -2.0, 1.0])
_WIDTHS = (1.5, 3.0, 6.0, 12.0)  # of the surroundings, in pixels
_STRUCTURE_WIDTHS = (1.5, 3.0)
_PLACE = 25  # pixels: side of the surroundings in which structure is looked for
_N_BRIGHTNESS, _N_STRUCTURE = 32, 8
_PIXELS_A_CELL, _ERROR_OF_CELL = 100, 0.2  # fewest pixels; largest relative error of a mean square
_TINY = np.finfo(float).tiny
_CLIP, _HIGH = 8.0, 0.999  # standard deviations; quantile of squares that outliers do not reach
_SIGNIFICANT = 3.0  # standard errors
_FEWEST_SQUARES = 20  # effective number of squares that are not 0
_FEWEST_COUNTS = 0.01  # a pixel, at the mean; sets the width of the prior of a free slope


@dataclass(frozen=True)
class Line:
    """A line through variances: level at the mean intensity, intercept at the given offset."""

    slope: float
    level: float
    intercept: float
    slope_std: float
    level_std: float

    def share_beside(self, selective):
        """Return the weight of this line beside that of a more selective filter, from 0 to 1.

        1 if it is as certain and not higher. A higher one has seen structure.
        """
        error = np.sqrt(abs(selective.level_std**2 - self.level_std**2))
        certain = np.clip(2 - self.level_std / max(selective.level_std, _TINY), 0, 1)
        return certain * agreement(self.level - selective.level, error)

    def mixed(self, other, share):
        """Return the mean of both lines, `share` of it this one."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Line(*(share * mine + (1 - share) * its for mine, its in pairs))


_NO_LINE = Line(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class _Pixels:
    """Figures of all pixels, flat. The mean of the squares is the variance of the noise.

    Filtered neighbours are correlated: the mean of n squares of normal noise is as certain as that
    of ``n / redundancy`` independent ones. The filter leaves the fraction `peakedness` of the
    excess fourth cumulant of the noise.
    """

    squares: np.ndarray
    intensity: np.ndarray
    brightness: np.ndarray
    structure: np.ndarray
    redundancy: float
    peakedness: float

    @property
    def varied(self):
        """Where surroundings have several values: in vacuum without a count, all is calm."""
        varied = self.structure > ROUNDING
        return varied if varied.any() else slice(None)


def measure_line(bands, zero, valid=None):
    """Return the line of the efficient filter; as far as that has seen structure, the other one."""
    padding = _padding(bands)
    if padding.any():
        valid = ~padding if valid is None else valid & ~padding
    surroundings = Surroundings(bands)
    efficient, selective = (
        _fit(_measure(surroundings, high_pass, valid), zero)
        for high_pass in (_EFFICIENT, _SELECTIVE)
    )
    return efficient.mixed(selective, efficient.share_beside(selective))


def measure_level(bands, valid=None):
    """Return a line without slope, from the selective filter alone."""
    high_pass = _SELECTIVE / np.sqrt(np.sum(_SELECTIVE**2))
    squares = ndimage.correlate(bands, high_pass[np.newaxis], mode="mirror") ** 2
    squares = squares[_untouched(valid, 1)]
    level = float(squares.mean())
    redundancy = np.sum(signal.correlate(high_pass, high_pass) ** 2)
    return Line(0.0, level, level, np.inf, level * float(np.sqrt(2 * redundancy / squares.size)))


def _padding(bands):
    """Return wide places of one value that is not an extreme, as vacuum without a count is."""
    square = (1, _PLACE, _PLACE)
    flat = ndimage.maximum_filter(bands, square) == ndimage.minimum_filter(bands, square)
    flat &= (bands > bands.min()) & (bands < bands.max())
    return ndimage.maximum_filter(flat, square) if flat.any() else flat


def _measure(surroundings, high_pass, valid=None):
    """Return squares of filtered pixels, and the brightness and structure of surroundings."""
    bands = surroundings.bands
    high_pass = high_pass / np.sqrt(np.sum(high_pass**2))
    reach = len(high_pass) // 2
    inside = (slice(None), slice(reach, -reach), slice(reach, -reach))

    kept = _untouched(valid, reach)
    kept = kept if valid is None else kept[inside].ravel()

    def flat(images):
        return images[inside].ravel()[kept]

    squares = flat(ndimage.correlate(bands, high_pass[np.newaxis])) ** 2
    # Of these pixels, with these weights, is the expected square the variance of the noise.
    intensity = flat(ndimage.correlate(bands, high_pass[np.newaxis] ** 2))
    brightness = _predict(intensity, [flat(surroundings.mean(width, reach)) for width in _WIDTHS])
    structure = sum(
        flat(surroundings.gradient(width, reach, order)) ** 2
        for width in _STRUCTURE_WIDTHS
        for order in ((1, 0), (0, 1))
    )
    redundancy = np.sum(signal.correlate(high_pass, high_pass) ** 2)
    peakedness = np.sum(high_pass**4)
    return _Pixels(squares, intensity, brightness, structure, redundancy, peakedness)


def _untouched(valid, reach):
    """Return the pixels that a filter reaches no invalid one from, as an index."""
    if valid is None:
        return slice(None)
    side = 2 * reach + 1
    return ndimage.minimum_filter(valid, (1, side, side))


def _predict(target, predictors):
    """Return the linear combination of predictors that is closest to the target."""
    design = np.stack([np.ones_like(target), *predictors])
    return np.linalg.lstsq(design @ design.T, design @ target, rcond=1e-10)[0] @ design


def _fit(pixels, zero):
    """Fit a line to the cells that hold no structure."""
    if not pixels.squares.size or _is_empty(pixels.squares):
        return _NO_LINE
    n_brightness, n_structure, high = _look(pixels)
    row = _rank(pixels.brightness, n_brightness)
    kept = _clip(pixels.squares, row, high)
    rough = _fit_line(make_cells(pixels, np.where(kept, row, n_brightness), n_brightness), zero)
    # In units of the noise, structure does not prefer what is bright.
    noise = np.maximum(rough.level + rough.slope * pixels.brightness, rough.level / 100)
    structure = pixels.structure / np.maximum(noise, np.finfo(float).eps)
    structure = _rank(structure, n_structure, pixels.varied)
    n_cells = n_brightness * n_structure
    cells = make_cells(pixels, np.where(kept, row * n_structure + structure, n_cells), n_cells)
    return _fit_line(without_structure(cells, rough.slope, n_structure), zero)


def _is_empty(squares):
    """Return whether most squares are 0, and the others too few to measure noise."""
    if np.median(sampled(squares)) > ROUNDING:
        return False
    return squares.sum() ** 2 < _FEWEST_SQUARES * np.sum(squares**2)


def _look(pixels):
    """Return the numbers of classes of brightness and structure, and a high square.

    Sparse counts need larger cells: otherwise cells without a count would pass for the noise, and
    cells with one for structure or outliers.
    """
    calm = pixels.squares[_rank(pixels.structure, 2, pixels.varied) == 0]
    high = float(np.quantile(sampled(calm), _HIGH))
    squares = np.minimum(calm, high)
    level = max(float(squares.mean()), _TINY)
    linear = max(np.mean(squares**2) / level - 3 * level, 0) / pixels.peakedness
    needed = (2 * pixels.redundancy + linear / level) / _ERROR_OF_CELL**2
    n_brightness = pixels.squares.size / (_N_STRUCTURE * max(needed, _PIXELS_A_CELL))
    n_structure = pixels.squares.size / needed
    return (
        int(np.clip(n_brightness, 2, _N_BRIGHTNESS)),
        int(np.clip(n_structure, 1, _N_STRUCTURE)),
        high,
    )


def _rank(values, n, among=slice(None)):
    """Sort values into n classes; `among` some of them, these are of about equal size."""
    return np.searchsorted(np.quantile(sampled(values[among]), np.arange(1, n) / n), values)


def _clip(squares, row, high):
    """Return which squares are kept: those not far above the mean of their class, nor above `high`.

    The limit is four times `high`, the square of twice as much: two counts at once are no outlier.
    """
    kept = np.ones(len(row), dtype=bool)
    for _ in range(6):
        mean = np.bincount(row, squares * kept) / np.maximum(np.bincount(row, kept), 1)
        before, kept = kept, squares <= np.maximum(_CLIP**2 * mean[row], 4 * high)
        if np.array_equal(kept, before):
            break
    return kept


def _fit_line(cells, zero):
    """Fit a line, weighted by errors that follow from it; cells far above it count little."""
    used = cells.count > 0
    variance, intensity, count = cells.variance[used], cells.intensity[used], cells.count[used]
    expected, trust = np.full(len(variance), np.average(variance, weights=count)), 1.0
    if not expected.any():
        return _NO_LINE
    least = np.median(variance) / 100
    for _ in range(10):
        error = np.sqrt(cells.squared_error(expected) / count)
        weight = np.sqrt(trust) / error
        slope, level, intercept = _solve(intensity, variance, weight, zero)
        expected = np.maximum(level + slope * intensity, max(least, level / 100))
        deviation = (variance - expected) / error
        trust = np.minimum(1, _SIGNIFICANT / np.maximum(deviation, _SIGNIFICANT)) ** 2
    design = weight[:, np.newaxis] * np.stack([intensity, np.ones_like(intensity)], axis=1)
    misfit = max(1.0, np.sum(trust * deviation**2) / max(len(variance) - 2, 1))
    slope_std, level_std = np.sqrt(misfit * np.diag(np.linalg.pinv(design.T @ design)))
    return Line(slope, level, intercept, slope_std, level_std)


def _solve(intensity, variance, weight, zero):
    """Return slope, level at the mean intensity 0, and intercept at the given offset."""
    ones = np.ones_like(intensity)
    if zero is not None:
        design = np.stack([intensity - zero, ones], axis=1)
        slope, intercept = nnls(weight[:, np.newaxis] * design, weight * variance)[0]
        return slope, intercept - slope * zero, intercept
    design = weight[:, np.newaxis] * np.stack([intensity, ones], axis=1)
    # Of an image of even intensity the slope is unknown: a weak prior leads it to 0.
    gain = np.sqrt(np.average(variance, weights=weight**2) / _FEWEST_COUNTS)
    design = np.concatenate([design, [[1 / gain, 0]]])
    slope, level = np.linalg.lstsq(design, np.append(weight * variance, 0), rcond=None)[0]
    if slope < 0:  # rare: the contrast is inverted, or chance has made it so
        error = np.sqrt(np.linalg.pinv(design.T @ design)[0, 0])
        certain = np.clip(-slope / (_SIGNIFICANT * max(error, _TINY)) - 1, 0, 1)
        slope = certain * slope if certain else 0.0
        level = np.average(variance - slope * intensity, weights=weight**2)
    return slope, level, level
