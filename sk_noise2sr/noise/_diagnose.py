"""What is in the noise of an image, and what that means for denoising it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dctn
from sklearn.base import BaseEstimator

from .._checks import as_stack, check_images
from ..grid import (
    Mask,
    choose_binning,
    colour_of_image,
    find_row_offsets,
    find_row_shifts,
)
from ._advice import FINER, advise, choose_stride, warn
from ._estimate import NoiseEstimate, estimate_noise

_FRAMES_LOOKED_AT = 4
_SMALLEST_SIDE = 64  # below, correlations and offsets drown in chance

# Noise is looked at where images have the least structure: in high frequencies along one axis,
# as a function of those along the other, from _LOW on.
_HIGH, _LOW, _LAGS = 0.35, 0.1, 3
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
_MEDIAN_EFFICIENCY = 2.7  # how many more values a median needs than a mean, there

_OFFSET, _MORE_THAN_ACROSS = 4.0, 3.0  # in deviations by noise, and against the other axis
_ALIKE = 0.7
# Sideways shifts: in standard errors of what halves of rows agree on, and against the other axis.
_SHIFTED, _SHIFTED_MORE = 4.5, 2.0
_STRAIGHT = {"shifted_rows": False, "row_shift": 0.0, "rows_worth_moving": False}
_PILE = 20  # pixels
_FEWEST_LEVELS = 256  # with fewer, an image of counts has many zeros by nature
_SIGNIFICANT = 3.0


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`diagnose` has found; ``print`` says it in words.

    Parameters
    ----------
    shape : tuple of int
        Shape of the image or stack.
    noise : NoiseEstimate or None
        Strength of the noise, with error bars; None where none can be measured.
    b_range : tuple of two float or None
        One standard error below and above the read-out noise `b`, as far as 0; `a` has its error in
        `noise`. None where no noise can be measured.
    counts : float or None
        Mean number of counts a pixel; None where the gain is not known.
    dark_level : tuple of two float or None
        Intensity without counts, where the line of the variance meets 0, and its standard error;
        None where the gain is not known. Read-out noise makes it come out lower.
    saturated, clipped : float
        Share of pixels piled up at the largest and at the smallest value; 0 for no pile.
    n_no_picture : int
        Pixels of regions that are no picture, such as a scale bar or padding: left out of all else.
    n_bad_pixels : int
        Hot and dead pixels and spikes, in the frames looked at.
    correlation : dict of str to (float, float)
        Correlation of the noise of neighbours, along ``"rows"`` and along ``"columns"``, and its
        standard error; NaN for small images.
    offsets : dict of str to float
        Standard deviation of the offsets of ``"rows"`` and of ``"columns"``, in units of that of
        the noise.
    shifted_rows : bool
        Whether rows are shifted sideways against one another.
    row_shift : float
        Standard deviation of these shifts, in pixels; 0 where they are not certain.
    rows_worth_moving : bool
        Whether they are certain, and each is known well enough for ``ScanLineAligner`` to pay.
    line_noise : float
        Share of the noise at low frequencies along rows that whole rows have in common, as they do
        where the scan displaces them or the beam flickers; from 0 to 1, as far as it is certain.
    grey_step : float
        Smallest difference of two values of the image, in standard deviations of the noise.
    signal_to_noise : float or None
        Standard deviation of the image without noise over that of the noise.
    binning : float
        By which factor the image can be Fourier-binned without loss: how much finer than needed
        it is sampled; 1 where it shows detail as fine as the pixels, or that cannot be told.
    stride : int
        The stride of Noise2SR to begin with.
    warnings : tuple of str
        What breaks an assumption, and what to do, in sentences; empty if nothing does.
    advice : tuple of str
        Which methods suit the image and why, in sentences.
    """

    shape: tuple
    noise: NoiseEstimate | None
    b_range: tuple | None
    counts: float | None
    dark_level: tuple | None
    saturated: float
    clipped: float
    n_no_picture: int
    n_bad_pixels: int
    correlation: dict
    offsets: dict
    shifted_rows: bool
    row_shift: float
    rows_worth_moving: bool
    line_noise: float
    grey_step: float
    signal_to_noise: float | None
    binning: float
    stride: int
    warnings: tuple
    advice: tuple

    def __str__(self):
        rows = [("noise", self.noise or "cannot be measured")]
        if self.b_range is not None:
            rows.append(("read-out b", "{:.3g} to {:.3g}".format(*self.b_range)))
        if self.counts is not None:
            rows.append(("counts", f"{self.counts:.3g} a pixel on average"))
            rows.append(("dark level", "{:.4g} +- {:.2g}".format(*self.dark_level)))
        if self.signal_to_noise is not None:
            rows.append(("signal / noise", f"{self.signal_to_noise:.3g}"))
        rows.append(("saturated", f"{self.saturated:.3%}, clipped below {self.clipped:.3%}"))
        rows.append(("bad pixels", self.n_bad_pixels))
        if self.n_no_picture:
            rows.append(
                ("no picture", f"{self.n_no_picture} pixels (a scale bar, padding), left out")
            )
        for axis, (value, error) in self.correlation.items():
            known = f"correlation {value:.3f} +- {error:.2g}"
            rows.append((f"along {axis}", known if error >= 0 else "correlation cannot be told"))
        for axis, strength in self.offsets.items():
            rows.append((f"{axis}", f"offsets of {strength:.2g} times the noise"))
        rows.append(("row shifts", f"{self.row_shift:.2g} pixels"))
        rows.append(("lines", f"{self.line_noise:.0%} of the noise at low frequencies"))
        finer = f"{self.binning:g} times finer than needed"
        unclear = "no finer than needed, or unclear"
        rows.append(("sampling", finer if self.binning > FINER else unclear))
        lines = [f"{name:<16}{value}" for name, value in rows]
        lines += ["", *(f"Warning: {sentence}" for sentence in self.warnings), *self.advice]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as numbers, lists and strings, for JSON.

        Returns
        -------
        dict
            The fields by name.
        """
        return asdict(self)


def diagnose(image: ArrayLike) -> Diagnosis:
    """Look at the noise of an image, and say which methods suit it.

    Parameters
    ----------
    image : array-like of shape (height, width) or (n, height, width)
        A noisy image, or a stack of which four frames are looked at.

    Returns
    -------
    Diagnosis
        Figures, warnings and advice; ``print`` shows them.

    Raises
    ------
    ValueError
        If the image is not as described.

    Notes
    -----
    Correlation is measured in the spectrum, at frequencies above 0.35 cycles a pixel along the
    other axis, where microscopes of finite resolution leave nothing but noise. An image with
    detail as fine as its pixels looks correlated along both axes; that is said.

    Offsets of rows, and shifts, are called so only where columns show much less of the same: what
    structure imitates, it imitates along both axes.

    Not seen are faults weaker than the noise lets pass: shifts of rows count only where the two
    halves of rows agree on them beyond chance.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_stem
    >>> from sk_noise2sr.noise import diagnose
    >>> clean, noisy = make_stem(detector_blur=1, random_state=0)
    >>> print(diagnose(noisy).warnings[0])  # doctest: +ELLIPSIS
    The noise is not independent from pixel to pixel: neighbours along rows are correlated by ...
    """
    images = check_images(BaseEstimator(), image, reset=True, finite=False)
    stack = as_stack(images)
    stack = stack[:: -(-len(stack) // _FRAMES_LOOKED_AT)].astype(np.float64)
    masks = [Mask.find(frame) for frame in stack]
    pairs = list(zip(masks, stack, strict=True))
    filled = np.stack([mask.fill(frame) for mask, frame in pairs])
    over = np.stack([mask.regions | ~np.isfinite(frame) for mask, frame in pairs])
    stack = np.where(over, filled, stack)
    values, counts = np.unique(stack, return_counts=True)
    figures = {
        "shape": images.shape,
        "n_bad_pixels": sum(int(mask.pixels.sum()) for mask in masks),
        "n_no_picture": sum(int(mask.regions.sum()) for mask in masks),
        "saturated": _pile(counts[::-1]),
        **_strength(filled),
        **_geometry(filled),
    }
    noise_std = figures["noise"].variance ** 0.5 if figures["noise"] else np.inf
    figures["line_noise"] = _line_noise(filled)
    figures["grey_step"] = _grey_step(values) / noise_std
    found = figures.pop("strengths")
    figures["offsets"] = {axis: found[axis][0] / noise_std for axis in found}
    uneven = [axis for axis in found if _stands_out(found, axis)]
    figures["clipped"] = 0.0 if _ends_by_nature(values, figures) else _pile(counts)
    figures["binning"] = _binning(filled)
    figures["stride"] = choose_stride(figures)
    return Diagnosis(
        **figures,
        warnings=tuple(warn(figures, uneven)),
        advice=tuple(advise(figures)),
    )


def _strength(stack):
    """Return the figures of the variance line."""
    figures = dict.fromkeys(("noise", "b_range", "counts", "dark_level", "signal_to_noise"))
    try:
        noise = estimate_noise(stack)
    except ValueError:
        return figures
    rounding = (np.finfo(np.float32).eps * np.abs(stack).max()) ** 2
    if noise.variance <= max(rounding, noise.variance_std):
        return figures
    figures["noise"] = noise
    error = np.hypot(noise.variance_std, noise.a_std * (noise.mean - noise.offset))
    squares = noise.b**2 + np.array([-error, error])
    figures["b_range"] = tuple(map(float, np.sqrt(np.maximum(squares, 0))))
    signal = max(float(stack.var(axis=(1, 2)).mean()) - noise.variance, 0.0)
    figures["signal_to_noise"] = float(np.sqrt(signal / noise.variance))
    if noise.a > _SIGNIFICANT * noise.a_std:
        zero = noise.mean - noise.variance / noise.a
        figures["counts"] = float((noise.mean - zero) / noise.a)
        figures["dark_level"] = (float(zero), float(noise.variance * noise.a_std / noise.a**2))
    return figures


def _geometry(stack):
    """Return the figures of rows and of columns."""
    if min(stack.shape[1:]) < _SMALLEST_SIDE:
        unknown = {"rows": (np.nan, np.nan), "columns": (np.nan, np.nan)}
        nothing = {"rows": (0.0, 0.0), "columns": (0.0, 0.0)}
        return {"correlation": unknown, "strengths": nothing, **_STRAIGHT}
    views = {"rows": stack, "columns": stack.transpose(0, 2, 1)}
    correlation, strengths, agreement = {}, {}, {}
    for axis, view in views.items():
        values, errors = np.transpose([_correlate(image) for image in view])
        error = np.sqrt(np.mean(errors**2) / len(view))
        correlation[axis] = (float(values.mean()), float(error))
        strengths[axis] = tuple(np.mean([_offsets(image) for image in view], axis=0))
        agreement[axis] = np.mean([find_row_shifts(image, rounds=1).agreement for image in view])
    least = _SHIFTED / np.sqrt(len(stack) * stack.shape[1])
    shifted = bool(agreement["rows"] > max(least, _SHIFTED_MORE * agreement["columns"]))
    return {
        "correlation": correlation,
        "strengths": strengths,
        **(_shifts(stack) if shifted else _STRAIGHT),
    }


def _correlate(image):
    """Return the correlation of noise at neighbours in a row, and its standard error."""
    power = dctn(image - image.mean(), norm="ortho", workers=1) ** 2
    down, right = (np.arange(side) / (2 * side) for side in image.shape)
    seen = power[down > _HIGH][:, right > _LOW]
    spectrum = np.median(seen, axis=0) / _MEDIAN_OF_CHI_SQUARE  # Bragg spots do no harm
    # The spectrum of noise with covariances c: c_0 + 2 sum c_k cos(2 pi k f).
    waves = 2 * np.cos(2 * np.pi * np.outer(right[right > _LOW], np.arange(_LAGS + 1)))
    waves[:, 0] = 1
    solve = np.linalg.pinv(waves)
    covariances = solve @ spectrum
    if covariances[0] <= 0:
        return np.nan, np.nan
    errors = np.maximum(waves @ covariances, 0) * np.sqrt(2 * _MEDIAN_EFFICIENCY / len(seen))
    error = np.sqrt(np.sum((solve[1] * errors) ** 2))
    return covariances[1] / covariances[0], error / covariances[0]


def _offsets(image):
    """Return the strength of the offsets of rows, and the strength that noise gives to them."""
    narrow, wide = (find_row_offsets(image, window) for window in (5, 7))
    # Lattice planes along the rows show less in the narrow window; offsets show alike.
    real = narrow.strength > _ALIKE * wide.strength
    return float(wide.strength if real else 0.0), float(wide.noise)


def _shifts(stack):
    """Return the figures of rows that are shifted."""
    found = [find_row_shifts(image) for image in stack]
    strength = np.sqrt(np.mean([shifts.strength**2 for shifts in found]))
    return {
        "shifted_rows": True,
        "row_shift": float(strength),
        "rows_worth_moving": all(shifts.worth_moving for shifts in found),
    }


def _line_noise(stack):
    """Return the share of the noise at low frequencies that whole rows have in common."""
    colours = filter(None, map(colour_of_image, stack))
    shares = [colour.share if colour.streaks > 0 else 0.0 for colour in colours]
    return float(np.mean(shares)) if shares else 0.0


def _grey_step(values):
    """Return the smallest difference of two values, rounding errors aside."""
    steps = np.diff(values)
    return float(steps[steps > np.finfo(np.float32).eps * np.abs(values).max()].min(initial=np.inf))


def _stands_out(strengths, axis):
    """Whether the offsets along an axis exceed those by noise, and by structure."""
    other = "columns" if axis == "rows" else "rows"
    strength, noise = strengths[axis]
    return strength > max(_OFFSET * noise, _MORE_THAN_ACROSS * strengths[other][0]) > 0


def _pile(counts):
    """Return the share of pixels at the first value, if it is more frequent than the next.

    The noise of a detector makes values rarer the farther they lie out; one that cannot go
    farther piles them up.
    """
    if len(counts) < 3 or counts[0] < max(_PILE, counts[1] + 4 * np.sqrt(counts[1])):
        return 0.0
    return float(counts[0] / counts.sum())


def _ends_by_nature(values, figures):
    """Whether the smallest value is that of no counts, below which no noise leads."""
    if values.size <= _FEWEST_LEVELS:
        return True
    if figures["dark_level"] is None:
        return False
    level, error = figures["dark_level"]
    return level + 2 * error > values[0]


def _binning(stack):
    spread = stack.std()
    return choose_binning((stack - stack.mean()) / spread, stride=2) if spread > 0 else 1.0
