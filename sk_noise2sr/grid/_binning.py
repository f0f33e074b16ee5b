"""How far a noisy image can be Fourier-binned: where its detail ends, and whether that is so.

Two looks: at the spectrum, where textures and lattices show, and at what lies above the end that
was found there, where sharp features show that are too few for a spectrum.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from scipy.fft import dctn, idctn

from ._colour import colour_of, line_power
from ._lost_detail import chance_of_loss
from ._resampling import frequencies

# Detail is looked for in rings of this width, in cycles a pixel, above noise measured beyond
# _NOISE_ONLY; the cut then leaves room for the sub-sampling and a margin on top.
_RING = 0.005
_NOISE_ONLY = 0.35
_MARGIN = 1.7
_STANDARD_ERRORS = 5
# Scenes fall as f**-2 to f**-5; the end of a microscope's spectrum is steeper. Between the two,
# factors are the smaller the less steep it is.
_SCENIC, _STEEP = 4.0, 5.7
_LARGEST = 8
_WINDOW = 2048  # side of what is looked at at once
_SMALLEST_SIDE = 32
_MEDIAN_OF_CHI_SQUARE = 0.4549  # of one degree of freedom and mean 1
# Rows may be binned this much farther than columns, where that saves as many more pixels.
_ASPECTS = (0.25, 0.5, 2.0, 4.0)
_WORTHWHILE = 1.5
# Factors are made smaller in such steps while what is lost is not noise. Once something was found,
# nothing may be left that looks like it; but what is hardly seen is not worth many steps.
_STEP = 1.25
_FALSE_ALARM, _SUSPICION = 1e-4, 0.5
_DECADES_A_STEP, _RAREST = 1.5, 1e-300


def choose_binning(images: np.ndarray, stride: int) -> float:
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


def choose_factors(
    images: np.ndarray, stride: int, prepare: Callable[..., Any] | None = None
) -> tuple[float, float]:
    """Read off noisy images by which factors rows and columns can be binned without loss.

    The spectrum of what an instrument of limited resolution recorded comes to an end; beyond it
    there is nothing but noise, and binning can cut there. The spectra of natural scenes fall
    slowly and never end: what drowns in the noise is detail all the same, and is kept.

    A large image is looked at in windows. The mean of their spectra is taken for one of theirs, so
    that neither memory nor the weakest detail that is found depend on the size of the image.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Noisy images; free of lone outliers, once prepared.
    stride : int
        The stride by which the binned image will be sub-sampled: it needs as much more room.
    prepare : callable or None, default=None
        Brings parts of images, (1, height, width), to what is looked at.

    Returns
    -------
    tuple of two float
        The factors; 1 where the image has detail at high frequencies or a spectrum that does
        not end, noise that is not white, no noise, or too few pixels to tell. They differ only
        where that saves half as many pixels again.
    """
    factors = [_lossless_factors(_Windows(image, prepare), stride) for image in images]
    return tuple(np.min(factors, axis=0).tolist())


class _Windows:
    """The windows of an image, prepared one after the other.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The image.
    prepare : callable or None
        See :func:`choose_factors`.
    """

    def __init__(self, image, prepare):
        self.image, self.prepare, self.noise = image, prepare, None
        self.starts = list(product(*(_starts(side) for side in image.shape)))

    def __len__(self):
        """Return their number."""
        return len(self.starts)

    def __iter__(self):
        """Yield each window with its cosine transform."""
        for top, left in self.starts:
            window = self.image[top : top + _WINDOW, left : left + _WINDOW]
            if self.prepare is not None:
                window = self.prepare(window[np.newaxis])[0]
            spectrum = dctn(window - window.mean(), norm="ortho", workers=1)
            if self.noise is not None:  # features are looked for where the noise is white
                spectrum /= self.noise
                window = idctn(spectrum, norm="ortho", workers=1)
            yield window, spectrum


def _starts(side):
    """Return the starts of windows that cover a side."""
    n_windows = -(-side // _WINDOW)
    return np.linspace(0, max(side - _WINDOW, 0), n_windows).astype(int)


def _lossless_factors(windows, stride):
    power = sum(spectrum**2 for _, spectrum in windows) / len(windows)
    colour = colour_of(power)
    if colour is None:
        return _spare_features(windows, _ends_all_around(power, stride), stride)
    power /= colour.relative_power(power.shape)
    ends = _ends_of_spectrum(power, colour, stride)
    windows.noise = colour.deviations(power)
    return _spare_features(windows, ends, stride)


def _ends_of_spectrum(power, colour, stride):
    """Return the factors that the spectrum allows, in units of the smooth part of the noise.

    Where lines have streaks, the spectrum is seen along the lines instead, as far as the streaks
    are certain.
    """
    around = _ends_all_around(power, stride, colour.doubt)
    along = _end_along_lines(power if colour.streaks > 0 else power.T, colour, stride)
    weight = colour.certainty
    return tuple(round(one ** (1 - weight) * along**weight, 2) for one in around)


def _ends_all_around(power, stride, doubt=0.0):
    """Return the factors where the spectrum ends in all directions alike, or along each axis."""
    power = power_in_units_of_noise(power)
    factors = None if power is None else _spectral_factors(power, stride, 1.0, doubt)
    if factors is None:
        return 1.0, 1.0
    for aspect in _ASPECTS:
        stretched = _spectral_factors(power, stride, aspect, doubt)
        if stretched and np.prod(stretched) > _WORTHWHILE * np.prod(factors):
            factors = stretched
    return factors


def _end_along_lines(power, colour, stride):
    """Return the factor where the spectrum ends along the lines.

    A microscope sees alike in all directions, and the streaks lie across the lines. Noise that
    lines share is hidden by no sub-sampling, and only binning makes it less: the larger its share,
    the smaller the margin.
    """
    power = power_in_units_of_noise(power)
    if power is None:
        return 1.0
    rows, columns = (np.arange(side) / side for side in power.shape)
    seen = rows[:, np.newaxis] < columns
    power = (power / line_power(power))[seen]
    frequency = frequencies(seen.shape)[seen]
    cutoff = detail_cutoff(power, frequency, colour.share / 2, colour.doubt)
    factor = 0.5 / (_MARGIN ** (1 - colour.share) * stride * cutoff)
    factor = max(1.0, factor) ** _certainty_of_end(power, frequency, cutoff)
    return float(np.clip(factor, 1.0, min(_LARGEST, min(seen.shape) / _SMALLEST_SIDE)))


def _spare_features(windows, factors, stride):
    """Make factors smaller until nothing is lost but noise, or what is lost is not worth more."""
    doubtful, rarest, n_steps = _FALSE_ALARM / len(windows), 1.0, 0
    while max(factors) > 1:
        chance = min(chance_of_loss(*window, factors, stride) for window in windows)
        rarest = min(rarest, max(chance, _RAREST))
        if chance >= doubtful or n_steps * _DECADES_A_STEP > -np.log10(rarest):
            break
        factors = tuple(max(1.0, round(factor / _STEP, 2)) for factor in factors)
        doubtful, n_steps = _SUSPICION / len(windows), n_steps + 1
    return factors


def power_in_units_of_noise(power):
    """Return the power of a cosine transform in units of that of the noise.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Squares of the cosine transform of a noisy image.

    Returns
    -------
    ndarray of shape (height, width) or None
        The power; None where no noise can be measured.
    """
    beyond = power[frequencies(power.shape) > _NOISE_ONLY]
    noise = np.median(beyond) / _MEDIAN_OF_CHI_SQUARE if beyond.size > 100 else 0.0
    return power / noise if noise > np.finfo(power.dtype).eps * power.mean() else None


def _spectral_factors(power, stride, aspect, doubt):
    """Return factors in the ratio `aspect` that cut where the spectrum ends; None if it doesn't."""
    stretch = np.array([np.sqrt(aspect), 1 / np.sqrt(aspect)])
    frequency = frequencies(power.shape, stretch)
    cutoff = detail_cutoff(power, frequency, doubt=doubt)
    # Scan lines and blurred rows look like detail that goes on to the end of one axis.
    endless = aspect != 1 and (cutoff / stretch).max() > _NOISE_ONLY
    certainty = _certainty_of_end(power, frequency, cutoff)
    if endless or certainty == 0:
        return None
    factors = np.maximum(stretch * (0.5 / (_MARGIN * stride * cutoff)), 1.0) ** certainty
    sides = np.array(power.shape) if aspect != 1 else min(power.shape)
    factors = np.minimum(np.minimum(factors, sides / _SMALLEST_SIDE), _LARGEST)
    return tuple(max(1.0, round(float(factor), 2)) for factor in factors)


def detail_cutoff(power, frequency, share=None, doubt=0.0):
    """Return the far side of the last ring that holds detail, in cycles a pixel.

    A ring holds detail if its mean exceeds the noise as chance hardly does, or one of its
    coefficients is too strong for noise: Bragg spots are narrow.

    Parameters
    ----------
    power : ndarray of shape (height, width)
        Power of the cosine transform, in units of that of the noise.
    frequency : ndarray of shape (height, width)
        Frequencies.
    share : float or None, default=None
        Detail weaker than that share of the noise is not told from streaks, and strong
        coefficients may be hum of the scan. None where there are no streaks.
    doubt : float, default=0.0
        Standard error of the noise in whose units the power is.

    Returns
    -------
    float
        The frequency; 0.5 where no ring holds detail.
    """
    ring = (frequency / _RING).astype(int)
    counts = np.maximum(np.bincount(ring.ravel()), 1)
    means = np.bincount(ring.ravel(), power.ravel()) / counts
    least = np.hypot(_highest_by_chance(counts) - 1, _STANDARD_ERRORS * doubt)
    detail = means > 1 + np.maximum(least, share or 0.0)
    if share is None:
        detail[ring[power > 2 * np.log(power.size) + 8]] = True
    last = np.flatnonzero(detail)
    return min(0.5, (last[-1] + 1) * _RING) if last.size else 0.5


def _highest_by_chance(counts):
    """Return the mean of so many squares that chance exceeds as rarely as five standard errors.

    Wilson and Hilferty: the third root of a mean of squares is as good as normal.
    """
    variance = 2 / (9 * counts)
    return (1 - variance + _STANDARD_ERRORS * np.sqrt(variance)) ** 3


def _certainty_of_end(power, frequency, cutoff):
    """Return how sure it is that the spectrum ends at the cutoff, from 0 to 1."""
    steepness = _steepness(power, frequency, cutoff)
    return float(np.clip((steepness - _SCENIC) / (_STEEP - _SCENIC), 0, 1))


def _steepness(power, frequency, cutoff):
    """Return the slope of the signal about the cutoff: p of a power that goes as f**-p.

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
