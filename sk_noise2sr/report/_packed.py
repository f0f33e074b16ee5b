"""Images as text that a page unpacks: see ``unpack`` in ``page/report.js``."""

import base64
import zlib

import numpy as np

_MOST = 65534  # codes of two bytes, but for 0, which stands for no value


def pack(image, step):
    """Return an image as a dict for JSON.

    Values are rounded to steps; of neighbours, differences are stored, low bytes before high ones.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        NaN where there is no value.
    step : float
        Above 0; made larger where the range of the image needs it.

    Returns
    -------
    dict
        ``shape``, ``low``, ``step`` and ``data``, in base64.
    """
    image = np.where(np.isfinite(image), image, np.nan)
    known = not np.isnan(image).all()
    low, high = (float(np.nanmin(image)), float(np.nanmax(image))) if known else (0.0, 0.0)
    step = max(float(step), (high - low) / _MOST) or 1.0
    codes = np.nan_to_num(np.rint((image - low) / step) + 1).astype("<u2").ravel()
    planes = np.diff(codes, prepend=codes[:1] * 0).view(np.uint8).reshape(-1, 2).T
    data = base64.b64encode(zlib.compress(planes.tobytes())).decode("ascii")
    return {"shape": list(image.shape), "low": low, "step": step, "data": data}


def pooled(image, side):
    """Return an image of means over square blocks, of at most `side` pixels a side."""
    factor = -(-max(image.shape) // side)
    height, width = (length // factor for length in image.shape)
    cut = image[: height * factor, : width * factor]
    return cut.reshape(height, factor, width, factor).mean(axis=(1, 3)) if factor > 1 else image


def log_spectrum(image):
    """Return log10 of the power of an image under a Hann window, frequency 0 in the middle."""
    known = np.isfinite(image)
    image = np.where(known, image, np.mean(image, where=known) if known.any() else 0)
    window = np.outer(*(np.hanning(length + 2)[1:-1] for length in image.shape))
    power = np.abs(np.fft.fftshift(np.fft.fft2((image - image.mean()) * window))) ** 2
    return np.log10(power + np.finfo(float).tiny)


def middle_above(spectrum, level):
    """Return the share of the sides, from the middle on, that holds all but a little above a level.

    A margin is added; 1 is the whole spectrum, and at least a tenth is taken.
    """
    axes = (np.abs(np.linspace(-1, 1, length)) for length in spectrum.shape)
    distances = np.maximum(*np.meshgrid(*axes, indexing="ij"))[spectrum > level]
    reach = np.percentile(distances, 99) if distances.size else 1.0
    return float(np.clip(1.3 * reach, 0.1, 1.0))


def middle(image, share):
    """Return the middle of an image, of a share of its sides."""
    starts = (int(length * (1 - share) / 2) for length in image.shape)
    return image[
        tuple(
            slice(start, length - start) for start, length in zip(starts, image.shape, strict=True)
        )
    ]
