"""How far a noisy image can be Fourier-binned: where its detail ends, and whether that is so.

Two looks: at the spectrum, where textures and lattices show, and at what lies above the end that
was found there, where sharp features show that are too few for a spectrum.
"""

import numpy as np
from scipy import ndimage
from scipy.fft import dctn, idctn

from ._resampling import FADE_FROM

# Detail is looked for in rings of this width, in cycles a pixel, above noise measured beyond
# _NOISE_ONLY; the cut then leaves room for the sub-sampling and a margin on top.
_RING = 0.005
_NOISE_ONLY = 0.35
_MARGIN = 1.7
# Scenes fall as f**-2 to f**-5; the end of a microscope's spectrum is steeper.
_STEEP = 5.7
_LARGEST = 8
_SMALLEST_SIDE = 32
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
# Rows may be binned this much farther than columns, where that saves as many more pixels.
_ASPECTS = (0.25, 0.5, 2.0, 4.0)
_WORTHWHILE = 1.5
# Features are looked for at scales of 1 and 2 pixels, and factors made smaller in steps.
_SCALES = 2
_STEP = 1.25
_FALSE_ALARM = 1e-4
_SUSPICION = 0.5  # once something was found, nothing may be left that looks like it
_BRIGHTNESSES, _GROUP = 16, 1024  # at most, and pixels in each
# Fewer counts than one a pixel are no noise to compare with: these tell.
_GAUSS = 0.772  # from what 10 % exceed to what 2 % exceed, in standard deviations
_SPARSE, _LOPSIDED = 2.0, 2.2
_COUNTED = 2**17  # values that quantiles are taken of


def choose_binning(images, stride):
    """Read off noisy images by which factor they can be binned without loss.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Noisy images, free of lone outliers.
    stride : int
        The stride by which the binned image will be sub-sampled: it needs as much more room.

    Returns
    -------
    float
        The geometric mean of the factors of :func:`choose_factors`.

    Examples
    --------
    >>> from sk_noise2sr.datasets import make_hrem
    >>> clean, noisy = make_hrem((256, 256), random_state=0)
    >>> choose_binning(noisy[np.newaxis], stride=2)
    2.26
    """
    return float(np.sqrt(np.prod(choose_factors(images, stride))))


def choose_factors(images, stride):
    """Read off noisy images by which factors rows and columns can be binned without loss.

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
    tuple of two float
        The factors; 1 where the image has detail at high frequencies or a spectrum that does
        not end, noise that is not white, no noise, or too few pixels to tell. They differ only
        where that saves half as many pixels again.
    """
    factors = [_lossless_factors(image, stride) for image in images]
    return tuple(np.min(factors, axis=0).tolist())


def _lossless_factors(image, stride):
    spectrum = dctn(image - image.mean(), norm="ortho", workers=1)
    power = _in_units_of_noise(spectrum)
    if power is None:
        return 1.0, 1.0
    factors = _spectral_factors(power, stride, 1.0)
    if factors is None:
        return 1.0, 1.0
    for aspect in _ASPECTS:
        stretched = _spectral_factors(power, stride, aspect)
        if stretched and np.prod(stretched) > _WORTHWHILE * np.prod(factors):
            factors = stretched
    return _spare_features(image, spectrum, factors, stride)


def _spare_features(image, spectrum, factors, stride):
    """Make factors smaller until nothing is lost but noise."""
    doubtful = _FALSE_ALARM
    while max(factors) > 1 and chance_of_loss(image, spectrum, factors, stride) < doubtful:
        factors = tuple(max(1.0, round(factor / _STEP, 2)) for factor in factors)
        doubtful = _SUSPICION
    return factors


def _in_units_of_noise(spectrum):
    """Return the power in units of that of the noise; None where no noise can be measured."""
    power = spectrum**2
    beyond = power[frequencies(power.shape) > _NOISE_ONLY]
    noise = np.median(beyond) / _MEDIAN_OF_CHI_SQUARE if beyond.size > 100 else 0.0
    return power / noise if noise > np.finfo(power.dtype).eps * power.mean() else None


def frequencies(shape, factors=(1, 1)):
    """Return the frequencies of a cosine transform, in cycles a pixel.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    factors : pair of float, default=(1, 1)
        What the frequencies along columns and along rows are multiplied by.

    Returns
    -------
    ndarray of shape `shape`
        Absolute frequencies.
    """
    rows, columns = (
        np.arange(side) * (factor / (2 * side)) for side, factor in zip(shape, factors, strict=True)
    )
    return np.hypot(rows[:, None], columns)


def _spectral_factors(power, stride, aspect):
    """Return factors in the ratio `aspect` that cut where the spectrum ends; None if it doesn't."""
    stretch = np.array([np.sqrt(aspect), 1 / np.sqrt(aspect)])
    frequency = frequencies(power.shape, stretch)
    cutoff = detail_cutoff(power, frequency)
    # Scan lines and blurred rows look like detail that goes on to the end of one axis.
    endless = aspect != 1 and (cutoff / stretch).max() > _NOISE_ONLY
    if endless or _steepness(power, frequency, cutoff) < _STEEP:
        return None
    factors = stretch * (0.5 / (_MARGIN * stride * cutoff))
    sides = np.array(power.shape) if aspect != 1 else min(power.shape)
    factors = np.minimum(np.minimum(factors, sides / _SMALLEST_SIDE), _LARGEST)
    return tuple(max(1.0, round(float(factor), 2)) for factor in factors)


def detail_cutoff(power, frequency):
    """Return the far side of the last ring that holds detail, in cycles a pixel.

    A ring holds detail if its mean exceeds the noise by five standard errors, or one of its
    coefficients is too strong for noise: Bragg spots are narrow.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Power of the cosine transform, in units of that of the noise.
    frequency : ndarray of shape (height, width)
        Frequencies.

    Returns
    -------
    float
        The frequency; 0.5 where no ring holds detail.
    """
    ring = (frequency / _RING).astype(int)
    counts = np.maximum(np.bincount(ring.ravel()), 1)
    means = np.bincount(ring.ravel(), power.ravel()) / counts
    peaks = ndimage.maximum(power, ring, np.arange(len(counts)))
    detail = (means > 1 + 5 * np.sqrt(2 / counts)) | (peaks > 2 * np.log(power.size) + 8)
    last = np.flatnonzero(detail)
    return min(0.5, (last[-1] + 1) * _RING) if last.size else 0.5


def _steepness(power, frequency, cutoff):
    """Return how fast the signal falls about the cutoff: p of a power that goes as f**-p.

    Measured just below the cutoff, and from there to the octave above, where the signal is at
    most what the noise can hide; the larger of the two.
    """

    def excess(low, high):
        band = power[(frequency > low * cutoff) & (frequency <= high * cutoff)]
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


def chance_of_loss(image, spectrum, factors, stride):
    """Return how likely noise alone makes what binning and sub-sampling lose of an image.

    A feature spans more than a pixel, a whim of the noise does not. So both a pixel and the mean
    of its neighbours have to be too high (or too low) at once. How often noise does that is read
    off the image: from values exceeded by 10 and by 2 % of the pixels, on to rarer ones as in a
    distribution of logarithmically concave tails, such as Gauss's and Poisson's. Values count in
    units of their usual size where the image is as bright.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The noisy image.
    spectrum : ndarray of shape (height, width)
        Its cosine transform.
    factors : pair of float
        Factors of the binning.
    stride : int
        The stride.

    Returns
    -------
    float
        At most the share of images without features that show something as rare; or 1.
    """
    # At its mirrored borders an image has a kink, which is no detail of its own.
    inner = tuple(slice(2 * int(stride * factor), -2 * int(stride * factor)) for factor in factors)
    beyond = frequencies(image.shape, factors) > min(0.5 / stride, 0.5 * FADE_FROM)
    fine = idctn(spectrum * beyond, norm="ortho", overwrite_x=True, workers=1)
    fine, coarse = fine[inner], (image - fine)[inner]
    chance = 1.0
    for _ in range(_SCALES):
        if min(fine.shape) < _SMALLEST_SIDE / 2:
            break
        values = _normalized(fine, coarse)
        around = ndimage.correlate(values, _AROUND.astype(values.dtype), mode="mirror")
        around[values == 0] = 0
        for sign in (1, -1):
            surprise = max(0.0, (_surprise(sign * values) + _surprise(sign * around)).max())
            # The sum of two such independent values is above s in (1 + s) exp(-s) of all cases.
            chance = min(chance, float(fine.size * (1 + surprise) * np.exp(-surprise)))
        fine, coarse = _halved(fine), _halved(coarse)
    return chance


_AROUND = np.array([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]])


def _normalized(fine, coarse):
    """Return values in units of their usual size at their brightness; 0 where counts are sparse."""
    n_groups = int(np.clip(fine.size / _GROUP, 1, _BRIGHTNESSES))
    edges = np.quantile(_some(coarse), np.linspace(0, 1, n_groups + 1)[1:-1])
    group = np.searchsorted(edges, coarse.ravel()).reshape(coarse.shape)
    weights = np.zeros(n_groups, dtype=fine.dtype)
    for number in range(n_groups):
        values = fine[group == number]
        if values.size:
            low, less, median, more, high = np.quantile(
                _some(values), (0.05, 0.16, 0.5, 0.84, 0.95)
            )
            usual = (more - less) / 2
            sparse = max(values.std() / _SPARSE, abs(median)) >= usual
            if not sparse and high - median < _LOPSIDED * (median - low):
                weights[number] = 1 / usual
    return fine * weights[group]


def _surprise(values):
    """Return minus the logarithm of how rare a value or a higher one is, at least; from 10 % on."""
    counted = _some(values[values != 0])
    if not counted.size:
        return np.full_like(values, -np.inf)
    less, more, high, higher = np.quantile(counted, (0.16, 0.84, 0.9, 0.98))
    # No tail is shorter than Gauss's: that of counts may look so, as it ends in steps.
    slope = np.log(5) / max(higher - high, _GAUSS * (more - less) / 2)
    return np.where(values > high, np.log(10) + slope * (values - high), -np.inf)


def _some(values):
    """Return some of many values, evenly spread."""
    values = values.ravel()
    return values[:: 1 + values.size // _COUNTED]


def _halved(image):
    """Return the means of cells of 2 x 2 pixels."""
    height, width = (side - side % 2 for side in image.shape)
    return image[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
