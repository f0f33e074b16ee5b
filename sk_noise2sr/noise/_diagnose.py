"""What is in the noise of an image, and what that means for denoising it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from .._checks import as_stack, check_images
from ..grid import LineOffsets, Mask, choose_binning, colour_of_image
from ._advice import FINER, advise, warn, warn_of_no_method
from ._ends import ends_by_nature, grey_step, pile, saturated_regions
from ._estimate import NoiseEstimate, estimate_noise
from ._lines import geometry, line_noise

_FRAMES_LOOKED_AT = 4
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
        One standard error below and above the read-out noise `b`, at least 0; the error of `a` is
        in `noise`. None where no noise can be measured.
    counts : float or None
        Mean number of counts a pixel; None where the gain is not known.
    dark_level : tuple of two float or None
        Intensity without counts, where the line of the variance is 0, and its standard error;
        None where the gain is not known. Read-out noise makes it too low.
    saturated, clipped : float
        Share of pixels piled up at the largest and at the smallest value; 0 for no pile. Whole
        regions at the largest value count where the image around them nearly reaches it.
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
        Whether the shifts are known well enough that ``ScanLineAligner`` helps.
    line_noise : float
        Share of the noise at low frequencies along rows that whole rows have in common, as they do
        where the scan displaces them or the beam flickers; from 0 to 1, as far as it is certain.
    grey_step : float
        Smallest difference of two values of the image, in standard deviations of the noise.
    signal_to_noise : float or None
        Standard deviation of the image without noise over that of the noise.
    binning : float
        The factor by which the image can be Fourier-binned without loss: how much finer than needed
        it is sampled; 1 if it has detail as fine as the pixels, or if that is unclear.
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
    warnings: tuple
    advice: tuple

    def __str__(self):
        rows = [("noise", self.noise or "cannot be measured")]
        if self.b_range is not None and np.isfinite(self.b_range).all():
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
    Correlation is measured in the spectrum of quiet places, at frequencies where microscopes of
    finite resolution leave nothing but noise. An image with detail as fine as its pixels looks
    correlated along both axes; the warning says so.

    Offsets of rows and columns are those that denoisers level. Structure imitates shifts along both
    axes alike, so rows count as shifted only if columns seem much less so, and if the two halves of
    rows agree on the shifts beyond chance. Weaker faults are not seen.

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
    values, counts = np.unique(stack[~over], return_counts=True)
    colours = [colour for colour in map(colour_of_image, filled) if colour is not None]
    figures = {
        "shape": images.shape,
        "n_bad_pixels": sum(int(mask.pixels.sum()) for mask in masks),
        "n_no_picture": sum(int(mask.regions.sum()) for mask in masks),
        **_strength(filled),
        **geometry(filled, colours),
        "line_noise": line_noise(colours),
    }
    noise_std = figures["noise"].variance ** 0.5 if figures["noise"] else np.inf
    figures["grey_step"] = grey_step(values) / noise_std
    figures["saturated"] = (pile(counts[::-1]) + _in_regions(pairs, figures["noise"])) / stack.size
    uneven = [
        axis for axis, strength in figures["offsets"].items() if strength > LineOffsets.NOTABLE
    ]
    natural = ends_by_nature(values, figures["dark_level"])
    figures["clipped"] = 0.0 if natural else pile(counts) / stack.size
    figures["binning"] = _binning(filled)
    return Diagnosis(
        **figures,
        warnings=(*warn_of_no_method(figures), *warn(figures, uneven)),
        advice=tuple(advise(figures)),
    )


def _in_regions(pairs, noise):
    return sum(saturated_regions(frame, mask.regions, noise) for mask, frame in pairs)


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
    if abs(noise.a) > _SIGNIFICANT * noise.a_std:
        zero = noise.mean - noise.variance / noise.a
        figures["counts"] = float(noise.variance / noise.a**2)
        figures["dark_level"] = (float(zero), float(noise.variance * noise.a_std / noise.a**2))
    return figures


def _binning(stack):
    spread = stack.std()
    return choose_binning((stack - stack.mean()) / spread, stride=2) if spread > 0 else 1.0
