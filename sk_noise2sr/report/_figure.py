"""Noisy, denoised and what was taken away, side by side."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from .._optional import import_optional
from .._types import FilePath
from ..io import Calibration, replacing
from ._parts import draw_scale_bar, grey_range, scale_bar


def save_comparison(
    path: FilePath,
    noisy: ArrayLike,
    denoised: ArrayLike,
    *,
    titles: tuple[str, str] = ("noisy", "denoised"),
    calibration: Calibration | None = None,
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

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    import_optional("matplotlib", "Drawing a picture", "plot")
    figures = import_optional("matplotlib.figure", "Drawing a picture", "plot")
    residual = np.subtract(noisy, denoised, dtype=float)
    largest = 3 * residual.std() or 1.0
    panels = [(noisy, titles[0], *grey_range(noisy)), (denoised, titles[1], *grey_range(denoised))]
    panels.append((residual, "residual: noisy - denoised", -largest, largest))
    height, width = np.shape(noisy)
    bar = scale_bar(calibration, width)
    figure = figures.Figure(figsize=(16, 4.8 * height / width + 0.4), layout="compressed")
    for axes, (image, title, bottom, top) in zip(figure.subplots(1, 3), panels, strict=True):
        drawn = axes.imshow(image, cmap="gray", vmin=bottom, vmax=top, interpolation="nearest")
        figure.colorbar(drawn, ax=axes, fraction=0.046 * height / width, pad=0.02)
        axes.set_title(title)
        axes.set_axis_off()
        draw_scale_bar(axes, bar)
    with replacing(Path(path)) as temporary:
        figure.savefig(temporary, dpi=100)
