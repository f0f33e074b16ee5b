"""Mean squares of noise over cells of similar pixels, and which of these hold structure."""

from dataclasses import dataclass

import numpy as np

_TINY = np.finfo(float).tiny
ROUNDING = 1e-20  # of the variance of the image: rounding errors where there is no count
_AGREE, _DIFFER = 2.0, 5.0  # standard errors that chance explains, and that it does not


@dataclass(frozen=True)
class Cells:
    """Means over cells of pixels.

    Squared errors of a mean over n pixels are ``(quadratic * v**2 + linear * v) / n`` where the
    variance is v: the first term belongs to normal noise, the second to counts.
    """

    variance: np.ndarray
    intensity: np.ndarray
    count: np.ndarray
    quadratic: float
    linear: float

    def squared_error(self, expected):
        """Return n times the squared error of a mean."""
        return self.quadratic * expected**2 + self.linear * expected

    def of_class(self, number, n_classes):
        """Return the cells of one class of structure."""
        means = (
            values.reshape(-1, n_classes)[:, number]
            for values in (self.variance, self.intensity, self.count)
        )
        return Cells(*means, self.quadratic, self.linear)

    def joined(self, other, share):
        """Return these cells together with a share of others."""
        total = self.count + share * other.count
        means = (
            (self.count * mine + share * other.count * its) / np.maximum(total, _TINY)
            for mine, its in ((self.variance, other.variance), (self.intensity, other.intensity))
        )
        return Cells(*means, total, self.quadratic, self.linear)


def make_cells(pixels, cell, n):
    """Average over the cells 0 to n - 1; the cell n holds what is left out."""
    count, *sums = (
        np.bincount(cell, weights, n + 1)[:n]
        for weights in (None, pixels.squares, pixels.intensity, pixels.squares**2)
    )
    variance, intensity, fourth = (total / np.maximum(count, 1) for total in sums)
    excess = np.sum(count * (fourth - 3 * variance**2)) / max(np.sum(count * variance), _TINY)
    linear = max(excess, 0) / pixels.peakedness
    return Cells(variance, intensity, count, 2 * pixels.redundancy, linear)


def without_structure(cells, slope, n_structure):
    """Return cells of brightness, without structure.

    Classes of structure are added from the lowest on. Each counts as far as its variance agrees
    with that of the lower ones at equal brightness, and no more than those. Small differences in
    intensity are corrected.
    """
    lower, share = cells.of_class(0, n_structure), 1.0
    for number in range(1, n_structure):
        these = cells.of_class(number, n_structure)
        share = min(share, _agreement_of_cells(lower, these, slope))
        if share == 0:
            break
        lower = lower.joined(these, share)
    return lower


def _agreement_of_cells(lower, these, slope):
    """Return how well chance explains the excess of the variances of some cells over others."""
    shared = (lower.count > 0) & (these.count > 0)
    both = shared & (lower.variance > ROUNDING)
    n_lower, n_these = lower.count[both], these.count[both]
    difference = these.variance[both] - lower.variance[both]
    # Under the hypothesis that they are equal, their mean is the best guess of both.
    usual = lower.variance[both] + difference * n_these / (n_lower + n_these)
    difference -= slope * (these.intensity[both] - lower.intensity[both])
    error = lower.squared_error(usual) * (1 / n_lower + 1 / n_these)
    weight = usual**2 / error
    if not shared.any():
        return 0.0
    return agreement(np.sum(weight * difference / usual), np.sqrt(weight.sum()))


def agreement(excess, error):
    """Return from 1 to 0 how well chance alone explains an excess of a known standard error."""
    if excess <= _AGREE * error:
        return 1.0
    return max(0.0, float((_DIFFER - excess / max(error, _TINY)) / (_DIFFER - _AGREE)))
