"""What pictures have in common: the part to look at, grey scales and scale bars."""

import math
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from .._optional import import_optional

_SEEN = (0.1, 99.9)  # percentiles: bad pixels are not to set a grey scale
_LARGER = {"pm": "nm", "nm": "µm", "µm": "mm"}
_THIN = 8  # times longer than the other side
_BAR = 0.3  # of the width of an image, at most


def check_shapes(*images):
    """Return images as floating numbers, None as it is; raise if their shapes differ.

    Parameters
    ----------
    *images : array-like of shape (height, width) or None
        The images.

    Returns
    -------
    list of ndarray or None
        The images.
    """
    images = [None if image is None else np.asarray(image, float) for image in images]
    shapes = {image.shape for image in images if image is not None}
    if len(shapes) > 1 or images[0].ndim != 2:
        raise ValueError(
            "Expected images (height, width) of one shape, got "
            f"{', '.join(map(str, sorted(shapes)))}. Give one frame of a stack."
        )
    return images


def liveliest_part(image: np.ndarray, side: int) -> tuple[slice, slice]:
    """Return where an image has the most structure.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image, noisy or not; what is not finite counts as its mean.
    side : int
        Of the part, in pixels; an image that is shorter is taken from end to end.

    Returns
    -------
    tuple of two slice
        Rows and columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.report import liveliest_part
    >>> image = np.zeros((64, 96))
    >>> image[40:48, 70:80] = 1
    >>> rows, columns = liveliest_part(image, 32)
    >>> rows.start <= 40 < 48 <= rows.stop, columns.start <= 70 < 80 <= columns.stop
    (True, True)
    """
    image = np.asarray(image, float)
    shape, known = image.shape, np.isfinite(image)
    level = np.mean(image, where=known) if known.any() else 0.0
    smooth = gaussian_filter(np.where(known, image, level) - level, 2)
    sides = [min(side, length) for length in shape]
    local_mean, local_square = (uniform_filter(values, sides) for values in (smooth, smooth**2))
    starts = [(length - part) // 2 for length, part in zip(shape, sides, strict=True)]
    # Centres of windows that lie inside.
    inside = tuple(
        slice(part // 2, part // 2 + length - part + 1)
        for length, part in zip(shape, sides, strict=True)
    )
    variance = (local_square - local_mean**2)[inside]
    if np.ptp(variance) > 0:
        starts = np.unravel_index(np.argmax(variance), variance.shape)
    return tuple(slice(int(s), int(s) + part) for s, part in zip(starts, sides, strict=True))


def grey_range(image):
    """Return the intensities to draw black and white, bad pixels left aside.

    Parameters
    ----------
    image : ndarray
        One image or several; NaN stands for no value.

    Returns
    -------
    tuple of two float
        Never the same one.
    """
    known = np.asarray(image)[np.isfinite(image)]
    if not known.size:
        return 0.0, 1.0
    low, high = map(float, np.percentile(known, _SEEN))
    if low == high:
        low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 1, high + 1)


def spread_of(image):
    """Return the standard deviation of the finite pixels of an image; 1 if that is 0.

    Parameters
    ----------
    image : ndarray
        The image.

    Returns
    -------
    float
        More than 0.
    """
    known = image[np.isfinite(image)]
    return float(known.std()) or 1.0 if known.size else 1.0


def aspect_of(slope):
    """Return how Matplotlib stretches an image: a thin strip, of some height over width, at will.

    Examples
    --------
    >>> aspect_of(1.5), aspect_of(0.01)
    ('equal', 'auto')
    """
    return "equal" if 1 / _THIN <= slope <= _THIN else "auto"


def scale_bar(calibration: Any, width: int) -> tuple[float, str] | None:
    """Return the length of a scale bar.

    Parameters
    ----------
    calibration : Calibration or None
        Pixel size of the image.
    width : int
        Of the image, in pixels.

    Returns
    -------
    (float, str) or None
        Length in pixels, and in words; None for an image without pixel size. It is 1, 2 or 5
        times a power of ten, and at most three tenths of the width.

    Examples
    --------
    >>> from sk_noise2sr.io import Calibration
    >>> from sk_noise2sr.report import scale_bar
    >>> scale_bar(Calibration((0.02, 0.02), "nm"), 512)
    (100.0, '2 nm')
    >>> scale_bar(Calibration((20.0, 20.0), "pm"), 200)
    (50.0, '1 nm')
    """
    if calibration is None or calibration.pixel_size is None:
        return None
    pixel = calibration.pixel_size[1]
    longest = _BAR * width * pixel
    power = 10.0 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    return length / pixel, _in_words(length, calibration.unit)


def _in_words(length, unit):
    while length >= 1000 and unit in _LARGER:
        length, unit = length / 1000, _LARGER[unit]
    return f"{length:g} {unit}"


def new_figure(size, **options):
    """Return an empty figure of Matplotlib, of a size in inches."""
    figures = import_optional("matplotlib.figure", "Drawing a picture", "plot")
    return figures.Figure(figsize=size, **options)


def draw_scale_bar(axes, bar):
    """Draw a scale bar into the lower left corner.

    Parameters
    ----------
    axes : matplotlib Axes
        Of an image.
    bar : (float, str) or None
        That of :func:`scale_bar`; nothing is drawn for None.
    """
    if bar is None:
        return
    artists = import_optional("mpl_toolkits.axes_grid1.anchored_artists", "A scale bar", "plot")
    length, label = bar
    drawn = artists.AnchoredSizeBar(
        axes.transData, length, label, "lower left", color="white", sep=3, pad=0.4, borderpad=0.6
    )
    drawn.size_bar.get_children()[0].set(height=0, linewidth=4, capstyle="butt")
    drawn.patch.set(facecolor="black", alpha=0.55, edgecolor="none")
    axes.add_artist(drawn)
