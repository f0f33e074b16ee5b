"""Noisy, denoised and what was taken away, side by side."""

from pathlib import Path

import numpy as np

from .._optional import import_optional
from ..io import replacing


def save_comparison(path, noisy, denoised, *, titles=("noisy", "denoised")):
    """Draw the noisy image, the denoised one and the residual, and save the picture.

    The residual is where to look for signal that was taken for noise: it should show none.

    Parameters
    ----------
    path : str or Path
        A file of a type that Matplotlib knows, such as ``.png``.
    noisy, denoised : ndarray of shape (height, width)
        The images, in the same units. Both are drawn with the grey scale of the denoised one.
    titles : tuple of two str, default=("noisy", "denoised")
        What to write above the two images.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    import_optional("matplotlib", "Drawing a picture", "plot")
    figures = import_optional("matplotlib.figure", "Drawing a picture", "plot")
    residual = np.subtract(noisy, denoised, dtype=float)
    largest = 3 * residual.std() or 1.0
    low, high = np.min(denoised), np.max(denoised)
    panels = [(noisy, titles[0], low, high), (denoised, titles[1], low, high)]
    panels.append((residual, "residual: noisy - denoised", -largest, largest))
    height, width = np.shape(noisy)
    figure = figures.Figure(figsize=(16, 4.8 * height / width + 0.4), layout="compressed")
    for axes, (image, title, bottom, top) in zip(figure.subplots(1, 3), panels, strict=True):
        drawn = axes.imshow(image, cmap="gray", vmin=bottom, vmax=top, interpolation="nearest")
        figure.colorbar(drawn, ax=axes, fraction=0.046 * height / width, pad=0.02)
        axes.set_title(title)
        axes.set_axis_off()
    with replacing(Path(path)) as temporary:
        figure.savefig(temporary, dpi=100)
