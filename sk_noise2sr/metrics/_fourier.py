"""The Fourier ring correlation: up to which frequency two images of one scene agree."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import fft2, fftfreq
from scipy.signal.windows import hann

from ._image import _check_pair

_SMALLEST_SIDE = 8


def fourier_ring_correlation(first: ArrayLike, second: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the correlation of two images of one scene by frequency; 1 is full agreement.

    Two noisy images that share only the scene agree at frequencies where the scene is stronger than
    the noise [1]_. So do a denoised image and a second, noisy one that the denoiser has not
    seen, which gives a score without a clean image.

    Parameters
    ----------
    first, second : array-like of shape (height, width) or (n, height, width)
        Two images, or stacks of pairs, of one shape, with sides of at least 8 pixels. Noise has to
        be independent between the two, and nothing may lie shifted.

    Returns
    -------
    frequency : ndarray of shape (n_rings,)
        Middle of each ring in cycles per pixel, from one period on the shorter side to 0.5.
    correlation : ndarray of shape (n_rings,)
        Correlation of the Fourier coefficients in the ring, between -1 and 1; NaN where one
        image has no power. By chance about ``1 / sqrt(n)`` of the ``n`` coefficients,
        ``n = pi * frequency * min(height, width)`` for a square.

    Raises
    ------
    ValueError
        If shapes differ, a side is too short, or pixels are not finite.

    Notes
    -----
    Everything that both images share counts as signal: a fixed pattern of the camera, the pixels of
    a filled mask, structure that one denoiser invented in both. Two *denoised* halves agree
    wherever both are smooth; compare with a noisy half. A factor common to a ring has no effect: a
    blur does not change the correlation, as long as it leaves anything.

    Two images with independent noise are, the best first:

    - two frames of one scene, which must not have moved;
    - one image of counts, by binomial splitting, as in the example: exact for Poisson noise. It
      needs counts themselves: with a gain, read-out noise or a detector that blurs, the halves
      share noise, or are anticorrelated;
    - one image with its pixels divided like the fields of a checkerboard [2]_: assumes noise
      independent from pixel to pixel, and a scene sampled twice as finely as it needs, since each
      half has half of the pixels and is shifted by one.

    A Hann window prevents that borders count as detail.

    References
    ----------
    .. [1] W. O. Saxton, W. Baumeister, "The Correlation Averaging of a Regularly Arranged
       Bacterial Cell Envelope Protein", Journal of Microscopy 127, 127-138, 1982.
    .. [2] S. Koho et al., "Fourier Ring Correlation Simplifies Image Restoration in Fluorescence
       Microscopy", Nature Communications 10, 3103, 2019.

    Examples
    --------
    Binomial splitting of an image of counts; the scene has detail up to 0.1 cycles per pixel.

    >>> import numpy as np
    >>> from scipy.ndimage import gaussian_filter
    >>> from sk_noise2sr.metrics import fourier_ring_correlation
    >>> rng = np.random.default_rng(0)
    >>> scene = 20 + 100 * gaussian_filter(rng.normal(size=(256, 256)), 3)
    >>> counts = rng.poisson(scene.clip(0))
    >>> half = rng.binomial(counts, 0.5)
    >>> frequency, correlation = fourier_ring_correlation(half, counts - half)
    >>> print(correlation[frequency < 0.05].mean().round(1))
    1.0
    >>> print(abs(correlation[frequency > 0.2].mean().round(1)))
    0.0
    """
    first, second = _check_pair(first, second)
    height, width = first.shape[1:]
    if min(height, width) < _SMALLEST_SIDE:
        raise ValueError(
            f"Rings need sides of at least {_SMALLEST_SIDE} pixels, got an image of "
            f"{height} x {width}."
        )
    first, second = _spectra(first), _spectra(second)
    radius = np.hypot(fftfreq(height)[:, np.newaxis], fftfreq(width))
    n_rings = min(height, width) // 2
    ring = np.rint(radius * 2 * n_rings).astype(int)

    def ring_sums(values):
        return np.bincount(ring.ravel(), values.sum(axis=0).ravel())[1 : n_rings + 1]

    shared = ring_sums((first * second.conj()).real)
    power = np.sqrt(ring_sums(np.abs(first) ** 2) * ring_sums(np.abs(second) ** 2))
    correlation = np.divide(shared, power, out=np.full(n_rings, np.nan), where=power > 0)
    return np.arange(1, n_rings + 1) / (2 * n_rings), correlation


def _spectra(stack):
    """Return the Fourier coefficients of images, without their means, faded towards the borders."""
    window = np.outer(*(hann(side) for side in stack.shape[1:]))
    return fft2((stack - stack.mean(axis=(1, 2), keepdims=True)) * window, workers=1)
