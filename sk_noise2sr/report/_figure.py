"""Noisy, denoised and what was taken away, side by side."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .._types import FilePath
from .._words import counted
from ..io import Calibration, replacing
from ..trust import Evidence
from ._parts import (
    aspect_of,
    check_shapes,
    draw_scale_bar,
    grey_range,
    new_figure,
    scale_bar,
    spread_of,
)

_MOST_RINGS = 50
_STRIP = 4  # times wider than high, or higher than wide


def save_comparison(
    path: FilePath,
    noisy: ArrayLike,
    denoised: ArrayLike,
    *,
    titles: tuple[str, str] = ("noisy", "denoised"),
    calibration: Calibration | None = None,
    evidence: Evidence | None = None,
    std: ArrayLike | None = None,
) -> None:
    """Draw the noisy image, the denoised one and the residual, and save the picture.

    The residual is where to look for signal that was taken for noise: it should show none.

    Parameters
    ----------
    path : str or Path
        A file of a type that Matplotlib knows, such as ``.png``.
    noisy, denoised : ndarray of shape (height, width)
        The images, in the same units, each drawn with a grey scale of its own.
    titles : tuple of two str, default=("noisy", "denoised")
        What to write above the two images.
    calibration : Calibration, default=None
        Pixel size, for a scale bar; None draws none.
    evidence : Evidence, default=None
        That of both images: one more panel, with rings about its places.
    std : ndarray of shape (height, width), default=None
        Standard errors of the denoised image: one more panel.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    ValueError
        If the images are not two-dimensional, or not of one shape.
    """
    noisy, denoised, std = check_shapes(noisy, denoised, std)
    panels = _panels(noisy, denoised, titles, evidence, std)
    height, width = np.shape(noisy)
    bar = scale_bar(calibration, width)
    sheet, size = _sheet(len(panels), height / width)
    figure = new_figure(size, layout="compressed")
    for axes, panel in zip(figure.subplots(*sheet), panels, strict=True):
        drawn = axes.imshow(
            panel.image,
            cmap=panel.colours,
            vmin=panel.low,
            vmax=panel.high,
            interpolation="nearest",
            aspect=aspect_of(height / width),
        )
        share = 0.046 * height / width
        figure.colorbar(drawn, ax=axes, fraction=float(np.clip(share, 0.012, 0.08)), pad=0.02)
        axes.scatter(*panel.rings, s=150, facecolors="none", edgecolors="black", linewidths=1.2)
        axes.set_title(panel.title)
        axes.set_axis_off()
        draw_scale_bar(axes, bar)
    with replacing(Path(path)) as temporary:
        figure.savefig(temporary, dpi=100)


def _sheet(n_panels, slope):
    """Return rows and columns of panels, and inches; strips stand one below the other."""
    if slope < 1 / _STRIP:
        return (n_panels, 1), (16, n_panels * (max(14 * slope, 1) + 0.5))
    return (1, n_panels), (16 / 3 * n_panels, 4.8 * min(slope, _STRIP) + 0.4)


class _Panel(NamedTuple):
    """An image and how it is drawn."""

    title: str
    image: np.ndarray
    low: float
    high: float
    colours: str = "gray"
    rings: tuple = ((), ())  # columns and rows


def _panels(noisy, denoised, titles, evidence, std):
    residual = np.subtract(noisy, denoised, dtype=float)
    largest = 3 * spread_of(residual)
    panels = [
        _Panel(title, image, *grey_range(image))
        for title, image in zip(titles, (noisy, denoised), strict=True)
    ]
    panels.append(_Panel("residual: noisy - denoised", residual, -largest, largest))
    if evidence is not None:
        panels.append(_evidence(evidence))
    if std is not None:
        largest = float(np.max(std, where=np.isfinite(std), initial=0))
        panels.append(_Panel("standard error", std, 0.0, largest or 1.0))
    return panels


def _evidence(evidence):
    title = f"evidence, in standard errors: {counted(len(evidence.places), 'place')}"
    places, limit = evidence.places[:_MOST_RINGS], 1.5 * evidence.threshold
    return _Panel(title, evidence.z, -limit, limit, "RdBu_r", (places["column"], places["row"]))
