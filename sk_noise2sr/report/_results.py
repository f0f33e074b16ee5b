"""Several results of one noisy image, and what each of them took away."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter

from .._types import FilePath
from ..io import Calibration, replacing
from ._parts import draw_scale_bar, grey_range, liveliest_part, new_figure, scale_bar, spread_of

_DPI = 100
_PANEL = 384  # pixels of the picture
_CROP = 192  # pixels of the image: shown twice as large
_MOST_COLUMNS = 6
_GAP, _TITLE, _LINE, _NOTE, _FOOT = 12, 38, 15, 24, 30
_NARROWEST = 280  # titles need room


def save_results(
    path: FilePath,
    noisy: ArrayLike,
    results: dict[str, np.ndarray],
    *,
    reference: ArrayLike | None = None,
    notes: dict[str, str] | None = None,
    calibration: Calibration | None = None,
) -> None:
    """Draw results side by side, each above what it took away from the noisy image.

    All results have one grey scale, the noisy image one of its own, and all residuals another, so
    that what differs in the picture differs in the numbers. Of an image with a side of more than
    384 pixels, the part with the most structure is drawn at twice its size, and where it lies.

    Parameters
    ----------
    path : str or Path
        A file of a type that Matplotlib knows, such as ``.png``.
    noisy : ndarray of shape (height, width)
        The noisy image.
    results : dict of str to ndarray of shape (height, width)
        Denoised images by title; a title may have two lines.
    reference : ndarray of shape (height, width), default=None
        The clean image. It is drawn beside the noisy one, and below it the noise itself: what a
        perfect result takes away.
    notes : dict of str to str, default=None
        What to write below residuals, by title.
    calibration : Calibration, default=None
        Pixel size, for a scale bar; None draws none.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    ValueError
        If there is no result, or one of another shape.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from scipy.ndimage import gaussian_filter
    >>> from sk_noise2sr.datasets import make_hrem
    >>> from sk_noise2sr.report import save_results
    >>> clean, noisy = make_hrem((64, 64), random_state=0)
    >>> results = {f"sigma {sigma}": gaussian_filter(noisy, sigma) for sigma in (1, 2)}
    >>> with TemporaryDirectory() as folder:
    ...     save_results(Path(folder, "look.png"), noisy, results, reference=clean)
    ...     [path.name for path in Path(folder).iterdir()]
    ['look.png']
    """
    noisy, images = _check(noisy, results, reference)
    window = _window(np.mean([image for _, image in images], axis=0))
    columns = [_Column("noisy", noisy[window])]
    columns += [
        _Column(title, image[window], (noisy - image)[window], (notes or {}).get(title, ""))
        for title, image in images
    ]
    cropped = columns[0].image.shape != noisy.shape
    overview = (noisy, window) if cropped else None
    _Sheet(columns, overview, scale_bar(calibration, columns[0].image.shape[1])).save(path)


def _check(noisy, results, reference):
    """Return the noisy image and all that is drawn beside it, the reference first."""
    if not results:
        raise ValueError("Expected at least one result to draw, got none.")
    images = ([] if reference is None else [("clean", reference)]) + list(results.items())
    for title, image in images:
        if np.shape(image) != np.shape(noisy) or np.ndim(noisy) != 2:
            raise ValueError(
                "Expected images (height, width) of one shape, got a noisy image of shape "
                f"{np.shape(noisy)} and {title!r} of shape {np.shape(image)}."
            )
    return np.asarray(noisy, float), [(title, np.asarray(image, float)) for title, image in images]


def _window(image):
    """Return slices of the part with the most structure, or of all if the image is small."""
    if max(image.shape) <= _PANEL:
        return tuple(slice(0, side) for side in image.shape)
    return liveliest_part(image, _CROP)


class _Column(NamedTuple):
    """An image and what stands below it."""

    title: str
    image: np.ndarray
    residual: np.ndarray | None = None
    note: str = ""


class _Sheet:
    """Where everything stands, in whole pixels, so that no pixel is drawn larger than another."""

    def __init__(self, columns, overview, bar):
        self.columns, self.overview, self.bar = columns, overview, bar
        self.height, self.width = columns[0].image.shape
        self.zoom = max(1, _PANEL // max(self.height, self.width))
        self.cell = max(self.width * self.zoom, _NARROWEST) + _GAP
        self.panel = self.height * self.zoom
        self.band = _TITLE + self.panel + _GAP // 2 + self.panel + _NOTE
        n_bands = math.ceil(len(columns) / _MOST_COLUMNS)
        self.n_columns = math.ceil(len(columns) / n_bands)
        self.size = (self.n_columns * self.cell + _GAP, n_bands * self.band + _FOOT)
        self.figure = new_figure([side / _DPI for side in self.size], dpi=_DPI)
        self._set_scales()

    def _set_scales(self):
        drawn = [column for column in self.columns if column.residual is not None]
        self.grey = grey_range([column.image for column in drawn])
        self.noisy_grey = grey_range(self.columns[0].image)
        # The median: a result that went wrong does not spoil the others' scale.
        self.largest = 3 * np.median([spread_of(column.residual) for column in drawn])

    def save(self, path):
        """Draw all and write the file."""
        for number, column in enumerate(self.columns):
            band, place = divmod(number, self.n_columns)
            self._draw(column, left=_GAP + place * self.cell, top=band * self.band)
        self._write_foot()
        with replacing(Path(path)) as temporary:
            self.figure.savefig(temporary, dpi=_DPI)

    def _draw(self, column, left, top):
        centre = left + (self.cell - _GAP) / 2
        top += _TITLE
        for number, line in enumerate(reversed(column.title.splitlines())):
            self._text(centre, top - 7 - number * _LINE, line, va="baseline")
        grey = self.noisy_grey if column is self.columns[0] else self.grey
        draw_scale_bar(self._image(column.image, centre, top, *grey), self.bar)
        top += self.panel + _GAP // 2
        if column.residual is not None:
            self._image(column.residual, centre, top, -self.largest, self.largest)
            self._text(centre, top + self.panel + 4, column.note, va="top")
        elif self.overview is not None:
            self._draw_overview(centre, top)

    def _image(self, image, centre, top, low, high):
        width = self.width * self.zoom
        axes = self._axes(round(centre - width / 2), top, width, self.panel)
        axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest", aspect="auto")
        return axes

    def _draw_overview(self, centre, top):
        """Draw the whole noisy image, and a frame about the part that is shown."""
        image, (rows, columns) = self.overview
        scale = min(self.panel / image.shape[0], (self.cell - _GAP) / image.shape[1])
        height, width = (max(1, round(side * scale)) for side in image.shape)
        axes = self._axes(round(centre - width / 2), top, width, height)
        smooth = gaussian_filter(image, 0.5 / scale)
        axes.imshow(smooth, cmap="gray", interpolation="nearest", aspect="auto")
        corners = [columns.start, columns.stop, columns.stop, columns.start, columns.start]
        sides = [rows.start, rows.start, rows.stop, rows.stop, rows.start]
        axes.plot(np.subtract(corners, 0.5), np.subtract(sides, 0.5), color="gold", lw=2)
        axes.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
        self._text(centre, top + height + 4, "the part that is shown", va="top")

    def _axes(self, left, top, width, height):
        total_width, total_height = self.size
        bottom = total_height - top - height
        axes = self.figure.add_axes(
            (left / total_width, bottom / total_height, width / total_width, height / total_height)
        )
        axes.set_axis_off()
        return axes

    def _text(self, x, y, text, **how):
        how = {"ha": "center", "fontsize": 9, **how}
        self.figure.text(x / self.size[0], 1 - y / self.size[1], text, **how)

    def _write_foot(self):
        noisy, results = ("{:.3g} to {:.3g}".format(*grey) for grey in (self.noisy_grey, self.grey))
        text = (
            f"Below each image: noisy minus that image. Grey: {results}, noisy {noisy}; "
            f"residuals {-self.largest:.3g} to {self.largest:.3g}."
        )
        self._text(_GAP, self.size[1] - 8, text, ha="left", va="bottom")
