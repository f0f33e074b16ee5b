"""Atomic columns, drawn on the image that they were found in."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from .._types import FilePath
from .._words import counted
from ..io import Calibration, replacing
from ._parts import aspect_of, check_shapes, draw_scale_bar, grey_range, new_figure, scale_bar

_FAR = 4  # standard errors
_SIDE = 8  # inches of the longer side
_LEAST = (6, 1.6)  # inches that the title takes, and a thin strip


def far_columns(table: np.ndarray) -> np.ndarray:
    """Return which columns a result shows otherwise than the noisy image, beyond noise.

    Parameters
    ----------
    table : ndarray of shape (n_columns,)
        That of :func:`~sk_noise2sr.trust.measure_columns`.

    Returns
    -------
    ndarray of bool of shape (n_columns,)
        Whether place or height is off by more than 4 standard errors.
    """
    pulls = (np.abs(table[f"pull_{name}"]) for name in ("row", "column", "height"))
    return np.max([*pulls], axis=0) > _FAR


def save_columns(
    path: FilePath,
    denoised: ArrayLike,
    table: np.ndarray,
    *,
    calibration: Calibration | None = None,
) -> None:
    """Draw measured columns on the denoised image, and save the picture.

    Parameters
    ----------
    path : str or Path
        A file of a type that Matplotlib knows, such as ``.png``.
    denoised : ndarray of shape (height, width)
        The image that the columns were found in.
    table : ndarray of shape (n_columns,)
        That of :func:`~sk_noise2sr.trust.measure_columns`. Columns whose place or height is more
        than 4 standard errors from that in the noisy image are red.
    calibration : Calibration, default=None
        Pixel size, for a scale bar; None draws none.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    ValueError
        If the image is not two-dimensional.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.noise import PoissonGaussian
    >>> from sk_noise2sr.report import save_columns
    >>> from sk_noise2sr.trust import measure_columns
    >>> y, x = np.mgrid[:32, :32]
    >>> clean = 1 + np.exp(-((y - 15.3) ** 2 + (x - 16.0) ** 2) / 18)
    >>> noise = PoissonGaussian(0.01, 0.0)
    >>> table = measure_columns(noise.sample(clean, 0), clean, noise)
    >>> with TemporaryDirectory() as folder:
    ...     save_columns(Path(folder, "columns.png"), clean, table)
    ...     [path.name for path in Path(folder).iterdir()]
    ['columns.png']
    """
    (denoised,) = check_shapes(denoised)
    height, width = denoised.shape
    sides = [_SIDE * side / max(height, width) for side in (width, height)]
    size = tuple(map(max, sides, _LEAST))
    figure = new_figure(size, layout="compressed")
    axes = figure.subplots()
    low, high = grey_range(denoised)
    aspect = aspect_of(height / width)
    axes.imshow(denoised, cmap="gray", vmin=low, vmax=high, interpolation="nearest", aspect=aspect)
    far = far_columns(table)
    for chosen, colour in ((~far, "tab:cyan"), (far, "tab:red")):
        places = table[chosen]
        axes.scatter(places["column"], places["row"], s=12, color=colour, linewidths=0)
    axes.set_title(
        f"{counted(len(table), 'column')}; red: {int(far.sum())} shown otherwise than measured"
    )
    axes.set_axis_off()
    draw_scale_bar(axes, scale_bar(calibration, width))
    with replacing(Path(path)) as temporary:
        figure.savefig(temporary, dpi=100)
