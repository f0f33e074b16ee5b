"""Fourier binning: work on a smaller image where the microscope sampled more finely than it saw.

The orthonormal cosine transform (DCT-II, which mirrors the image at its borders) of the image is
cropped to 1/k of each side. White noise stays white and independent from pixel to pixel, its
variance falls by k**2, and what has no detail above the cut loses nothing. Zeros put back in place
of the cut coefficients bring the result to full size.
"""

from itertools import product

import numpy as np
from scipy import ndimage
from scipy.fft import dctn, idctn

from ._strips import strips

# Detail is looked for in rings of this width, in cycles a pixel, above noise measured beyond
# _NOISE_ONLY; the cut then leaves room for the sub-sampling and a margin on top.
_RING = 0.005
_NOISE_ONLY = 0.35
_MARGIN = 1.7
# Scenes fall as f**-2 to f**-5; the end of a microscope's spectrum is steeper.
_STEEP = 5.7
_LARGEST = 8
_SMALLEST_SIDE = 32
_FADE_FROM = 0.6
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
_OUTLIER = 12
_SAMPLED = 2**21  # pixels, about, that tell the spread of a large image


def bin_images(images, factor):
    """Shrink images by a factor, without aliasing and without correlating white noise.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Images of a floating type.
    factor : float
        At least 1; sides are rounded up. 1 returns the images themselves.

    Returns
    -------
    ndarray of shape (n, ceil(height / factor), ceil(width / factor))
        Binned images, of the same mean.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(5.0, 1.0, (1, 64, 64))
    >>> binned = bin_images(noise, 4)
    >>> binned.shape, bool(np.isclose(binned.mean(), noise.mean()))
    ((1, 16, 16), True)
    """
    if factor == 1:
        return images
    return np.stack([_resample(image, binned_shape(image.shape, factor)) for image in images])


def unbin_image(image, shape, taper=False):
    """Bring a binned image back to full size.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A binned image.
    shape : tuple of int
        Full height and width.
    taper : bool, default=False
        Whether frequencies between 0.6 of the cut and the cut fade out, where
        :func:`choose_binning` left a margin without detail.

    Returns
    -------
    ndarray of shape `shape`
        The image, with nothing above the cut.
    """
    if image.shape == tuple(shape):
        return image
    return _resample(image, shape, _fade(image.shape) if taper else 1)


def _fade(shape):
    """Return weights for a cosine transform: 1 up to 0.6 of the cut, 0 from the cut on."""
    rows, columns = (np.arange(side, dtype=np.float32) / np.float32(side) for side in shape)
    weights = np.hypot(rows[:, None], columns)
    weights -= _FADE_FROM
    weights *= np.pi / (1 - _FADE_FROM)
    np.cos(weights.clip(0, np.pi, out=weights), out=weights)
    weights += 1
    weights /= 2
    return weights


def binned_shape(shape, factor):
    """Return the height and width of a binned image.

    Parameters
    ----------
    shape : tuple of int
        Full height and width.
    factor : float
        The factor.

    Returns
    -------
    tuple of int
        Sides divided by the factor and rounded up.

    Examples
    --------
    >>> binned_shape((832, 895), 4)
    (208, 224)
    """
    return tuple(int(np.ceil(side / factor)) for side in shape)


def fill_outliers(images):
    """Replace lone pixels far outside the noise by the median of their neighbourhood.

    One hot pixel would ring over a whole binned image. A pixel is lone if none of its neighbours
    deviates from its own surroundings by a fifth as much, so that nothing that spans two pixels
    is touched.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Images of a floating type.

    Returns
    -------
    filled : ndarray of shape (n, height, width)
        The images, copied only where something was replaced.
    n_outliers : int
        Number of pixels replaced.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(1, 32, 32))
    >>> image[0, 5, 5] = 1000
    >>> fill_outliers(image)[1]
    1
    """
    filled, n_outliers = images, 0
    for number, image in enumerate(images):
        positions, medians = _find_outliers(image)
        if len(medians):
            filled = images.copy() if filled is images else filled
            filled[number][positions] = medians
            n_outliers += len(medians)
    return filled, n_outliers


def _find_outliers(image):
    """Return the positions of lone outliers, and the medians of their neighbourhoods."""
    deviations = ndimage.median_filter(image, size=3, mode="mirror")
    np.subtract(image, deviations, out=deviations)
    np.abs(deviations, out=deviations)
    # The second measure stands where most pixels are equal, as in sparse counts.
    sample = deviations.ravel()[:: deviations.size // _SAMPLED | 1]
    median, high = np.quantile(sample, (0.5, 0.999))
    spread = max(1.4826 * median, high / 3.29)
    rows, columns = np.nonzero(deviations > (_OUTLIER * spread if spread > 0 else np.inf))
    # Few stand out: the surroundings of those alone are looked at.
    steps = np.array(list(product((-1, 0, 1), repeat=2)))
    around = tuple(
        _mirrored(positions + steps[:, [axis]], image.shape[axis])
        for axis, positions in enumerate((rows, columns))
    )
    highest = np.delete(deviations[around], len(steps) // 2, axis=0).max(axis=0)
    lone = highest < 0.2 * deviations[rows, columns]
    return (rows[lone], columns[lone]), np.median(image[around], axis=0)[lone]


def _mirrored(positions, side):
    """Return positions that may lie one outside, mirrored at the middle of the border pixels."""
    last = side - 1
    return last - np.abs(last - np.abs(positions)) if last else np.zeros_like(positions)


def choose_binning(images, stride):
    """Read off noisy images by which factor they can be binned without loss.

    The spectrum of what an instrument of limited resolution recorded comes to an end; beyond it
    there is nothing but noise, and binning can cut there. The spectra of natural scenes fall
    slowly and never end: what drowns in the noise is detail all the same, and is kept.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Noisy images, free of lone outliers.
    stride : int
        The stride by which the binned image will be sub-sampled: it needs as much more room.

    Returns
    -------
    float
        The factor; 1 where the image has detail at high frequencies or a spectrum that does not
        end, noise that is not white, no noise, or too few pixels to tell.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_hrem
    >>> clean, noisy = make_hrem((256, 256), random_state=0)
    >>> choose_binning(noisy[np.newaxis], stride=2)
    2.26
    """
    return min(_lossless_factor(image, stride) for image in images)


def _lossless_factor(image, stride):
    power = _spectrum(image)
    if power is None:
        return 1.0
    cutoff = _detail_cutoff(power)
    if _steepness(power, cutoff) < _STEEP:
        return 1.0
    factor = min(0.5 / (_MARGIN * stride * cutoff), min(image.shape) / _SMALLEST_SIDE, _LARGEST)
    return float(max(1.0, round(factor, 2)))


def _spectrum(image):
    """Return the power of the cosine transform in units of the noise.

    None where no noise can be measured.
    """
    power = dctn(image - image.mean(), norm="ortho", overwrite_x=True, workers=1)
    power *= power
    beyond = _band(power, _NOISE_ONLY)
    if beyond.size <= 100:
        return None
    noise = np.median(beyond, overwrite_input=True) / _MEDIAN_OF_CHI_SQUARE
    if noise <= np.finfo(power.dtype).eps * power.mean():
        return None
    power /= noise
    return power


def _by_rows(power):
    """Yield the power and its frequencies, in cycles a pixel, a few rows at a time."""
    along_rows, along_columns = (np.arange(side) / (2 * side) for side in power.shape)
    for rows in strips(power.shape):
        yield power[rows], np.hypot(along_rows[rows, None], along_columns)


def _band(power, low, high=np.inf):
    """Return the power at the frequencies above `low`, up to `high`."""
    return np.concatenate(
        [strip[(frequency > low) & (frequency <= high)] for strip, frequency in _by_rows(power)]
    )


def _detail_cutoff(power):
    """Return the far side of the last ring that holds detail, in cycles a pixel.

    A ring holds detail if its mean exceeds the noise by five standard errors, or one of its
    coefficients is too strong for noise: Bragg spots are narrow.
    """
    counts, means, peaks = _rings(power)
    detail = (means > 1 + 5 * np.sqrt(2 / counts)) | (peaks > 2 * np.log(power.size) + 8)
    last = np.flatnonzero(detail)
    return min(0.5, (last[-1] + 1) * _RING) if last.size else 0.5


def _rings(power):
    """Return number, mean and largest of the coefficients in each ring of frequencies."""
    n_rings = int(np.sqrt(0.5) / _RING) + 1
    counts, sums, peaks = np.zeros((3, n_rings))
    for strip, frequency in _by_rows(power):
        ring, values = (frequency / _RING).astype(int).ravel(), strip.ravel()
        counts += np.bincount(ring, minlength=n_rings)
        sums += np.bincount(ring, values, n_rings)
        np.maximum.at(peaks, ring, values)
    counts = np.maximum(counts, 1)
    return counts, sums / counts, peaks


def _steepness(power, cutoff):
    """Return how fast the signal falls about the cutoff: p of a power that goes as f**-p.

    Measured just below the cutoff, and from there to the octave above, where the signal is at
    most what the noise can hide; the larger of the two.
    """

    def excess(low, high):
        band = _band(power, low * cutoff, high * cutoff)
        return (band.mean() - 1, np.sqrt(2 / band.size)) if band.size else (0.0, 1.0)

    (inner, _), (outer, outer_error), (beyond, beyond_error) = (
        excess(0.5, 0.7),
        excess(0.7, 1.0),
        excess(1.0, 2.0),
    )
    outer = max(outer, outer_error)
    below = np.log2(max(inner, outer_error) / outer) / np.log2(0.85 / 0.6)
    above = np.log2(outer / max(beyond + 2 * beyond_error, beyond_error)) / np.log2(1.5 / 0.85)
    return max(below, above)


def _resample(image, shape, weights=1):
    """Weigh the cosine transform, and crop it to `shape` or fill it up with zeros."""
    spectrum = dctn(image, norm="ortho", workers=1)
    spectrum *= weights
    kept = tuple(slice(min(pair)) for pair in zip(image.shape, shape, strict=True))
    resized = np.zeros(shape, dtype=spectrum.dtype)
    resized[kept] = spectrum[kept]
    scale = np.sqrt(np.prod(shape) / np.prod(image.shape))
    resized = idctn(resized, norm="ortho", overwrite_x=True, workers=1)
    resized *= scale.astype(image.dtype)
    return resized
