"""How far a noisy image can be Fourier-binned without losing detail.

The first look, at the spectrum, finds the frequency where textures and lattices end. The second
look, at what binning would remove, finds sharp features that are too few to show in a spectrum, and
makes the factors smaller until none is lost.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .._power import NOISE_ONLY, power_in_units_of_noise
from .._resampling import binned_shape, frequencies
from ..colour._colour import WHITE
from ..colour._filled_share import filled_share
from ..colour._read_colour import colour_of, colour_of_image
from ..colour._streaks import line_power, without_streaks
from ._end_of_spectrum import factors_of_end, strength_of_spots, unseen_from
from ._lost_detail import chance_of_loss
from ._windows import Windows, fill_faint

_LARGEST = 8
_ROOM = 1.1  # a smaller factor is of no use
_SMALLEST_SIDE = 32
# Rows may be binned this much farther than columns, where that saves as many more pixels.
_ASPECTS = (0.25, 0.5, 2.0, 4.0)
_WORTHWHILE = 1.5
# Factors are divided by _STEP while what is lost has a chance below _FALSE_ALARM of being noise.
# After the first step the limit is _SUSPICION: nothing may be left that looks like a feature. But
# faint features are not worth many steps: one for each _DECADES_A_STEP by which they are rarer than
# a false alarm.
_STEP = 1.25
_FALSE_ALARM, _SUSPICION = 1e-4, 0.5
_DECADES_A_STEP, _RAREST = 0.4, 1e-300
# Of the mean power of the noise: where it is fainter, it is not known well enough to see detail.
_FAINT = 0.15
# Neighbours that share less than _SHARED are as good as independent; the factor is one of _FACTORS.
_SHARED, _FACTORS, _LOOKED_AT = 0.12, np.geomspace(1, 4, 15), 256
# Relative error of the noise at low frequencies, from which on the end of detail is not believed.
_UNTOLD = 0.2


def choose_binning(images: np.ndarray, stride: int) -> float:
    """Read off noisy images by which factor they can be binned without loss.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Noisy images, free of lone outliers.
    stride : int
        The stride by which the binned image will be sub-sampled, for which there has to be room.

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
    images: np.ndarray,
    stride: int,
    prepare: Callable[..., Any] | None = None,
    uniform: bool = False,
    white: float = 0.0,
) -> tuple[float, float]:
    """Read off noisy images by which factors rows and columns can be binned without loss.

    The spectrum of an instrument of limited resolution ends at some frequency. Above it there is
    nothing but noise, and binning can cut there. The spectra of natural scenes fall slowly and
    never end: detail goes on below the noise, and is kept.

    A large image is looked at in windows, whose spectra are averaged. So neither the memory nor the
    weakest detail that is found depends on the size of the image.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Noisy images; free of lone outliers, once prepared.
    stride : int
        The stride by which the binned image will be sub-sampled, for which there has to be room.
    prepare : callable or None, default=None
        Is applied to each window first.
    uniform : bool, default=False
        Whether the noise is equally strong everywhere: then texture is told from smooth noise.
    white : float, default=0.0
        How sure it is that the noise is white, from 0 to 1.

    Returns
    -------
    tuple of two float
        The factors; 1 where the image has detail at high frequencies or a spectrum that does
        not end, no noise, or too few pixels to tell. Noise that neighbours share makes them
        larger. They differ only where that saves half as many pixels again.
    """
    factors = [
        _lossless_factors(Windows(image, prepare), stride, uniform, white) for image in images
    ]
    return tuple(np.min(factors, axis=0).tolist())


def _lossless_factors(windows, stride, uniform, white):
    power = sum(spectrum**2 for _, spectrum in windows) / len(windows)
    windows.filled = min(max(filled_share(power), _SMALLEST_SIDE / min(power.shape)), 1.0)
    power = power[tuple(map(slice, binned_shape(power.shape, 1 / windows.filled)))]
    colour = _colour(power, windows.middle(), uniform, white)
    factors = _factors_of_filled(windows, power, colour, stride)
    return tuple(round(factor / windows.filled, 2) for factor in factors)


def _factors_of_filled(windows, power, colour, stride):
    """Return the factors for the part of the spectrum that is not empty."""
    if colour is None:
        return _spare_features(windows, _ends_all_around(power, stride), stride)
    noise = colour.relative_power(power.shape)
    faint = noise < _FAINT
    power /= noise
    fill_faint(power, faint)
    alone = 1.0 if np.ptp(noise) < WHITE else _until_alone(colour)
    ends = _ends_of_spectrum(power, colour, stride, alone)
    if np.prod(ends) < _ROOM**2:
        return 1.0, 1.0
    windows.noise, windows.faint = colour.deviations(power), faint
    windows.streaks = math.copysign(colour.certainty, colour.streaks)
    return _spare_features(windows, ends, stride)


def _colour(power, image, uniform, white):
    """Return the colour of noise, as far as quiet places have it too."""
    colour = colour_of(power, image=image)
    if colour is None or not colour.not_white:
        return colour
    quiet = colour_of_image(image, uniform, white)
    believed = 1.0 if quiet is None else quiet.not_white / colour.not_white
    return colour.whiter(1 - min(1.0, believed))


def _ends_of_spectrum(power, colour, stride, alone):
    """Return the factors that the spectrum allows, in units of the smooth part of the noise.

    As far as lines certainly leave streaks, the end of the spectrum is looked for along the lines.
    """
    around = _ends_all_around(power, stride, colour.doubt, colour.hidden, alone)
    along = _end_along_lines(power if colour.streaks > 0 else power.T, colour, stride)
    weight = colour.certainty
    return tuple(round(one ** (1 - weight) * along**weight, 2) for one in around)


def _ends_all_around(power, stride, doubt=0.0, hidden=0.0, alone=1.0):
    """Return the factors where the spectrum ends in all directions alike, or along each axis.

    `alone` is the factor from which on neighbours hardly share noise. If no detail is lost, the
    image is binned at least that far; if the strength of noise at low frequencies is doubtful,
    hardly farther.
    """
    power = power_in_units_of_noise(power)
    if power is None:
        return 1.0, 1.0
    power = without_streaks(power)
    known = {"spots": strength_of_spots(power), "doubt": doubt}
    look = partial(_spectral_factors, power, stride, **known, hidden=hidden)
    factors, certainty = look(aspect=1.0)
    for aspect in _ASPECTS if certainty > 0 else ():
        stretched, _ = look(aspect=aspect)
        stretched **= certainty  # an end that is doubtful all around is so along an axis
        if np.prod(stretched) > _WORTHWHILE * np.prod(factors):
            factors = stretched
    if alone > 1:
        largest = _largest(min(power.shape))
        alone = min(alone, largest)
        share = min(1.0, doubt / _UNTOLD)
        factors = np.minimum(factors, alone**share * largest ** (1 - share))
        factors = np.maximum(factors, unseen_from(power, alone, **known))
    return tuple(np.round(factors, 2).tolist())


def _until_alone(colour):
    """Return the factor from which on neighbours along one axis share next to no noise.

    Along the other axis they may: then rows or columns are sub-sampled.
    """
    for factor in _FACTORS:
        shape, factors = (_LOOKED_AT, _LOOKED_AT), (factor, factor)
        shared = [colour.correlation_of_neighbours(shape, factors, axis)[0] for axis in (0, 1)]
        if min(shared) < _SHARED:
            break
    return factor


def _end_along_lines(power, colour, stride):
    """Return the factor where the spectrum ends along the lines.

    A microscope sees alike in all directions, and streaks lie across the lines. No sub-sampling
    hides noise that whole lines share; only binning reduces it. So the larger its share, the
    smaller is the margin.
    """
    power = power_in_units_of_noise(power)
    if power is None:
        return 1.0
    rows, columns = (np.arange(side) / side for side in power.shape)
    seen = rows[:, np.newaxis] < columns
    power = (power / line_power(power))[seen]
    frequency = frequencies(seen.shape)[seen]
    (factor, _), _, _ = factors_of_end(
        power,
        frequency,
        np.ones(2),
        stride,
        share=colour.share,
        doubt=colour.doubt,
        hidden=colour.hidden,
    )
    return float(np.clip(factor, 1.0, _largest(min(seen.shape))))


def _spare_features(windows, factors, stride):
    """Make factors smaller until only noise is lost, or features too faint for more steps."""
    alarm, rarest, n_steps = _FALSE_ALARM / len(windows), 1.0, 0
    doubtful = alarm
    while max(factors) > 1:
        known = windows.faint, windows.streaks
        chance = min(chance_of_loss(*window, factors, stride, *known) for window in windows)
        rarest = min(rarest, max(chance, _RAREST))
        left = np.log10(alarm / rarest) / _DECADES_A_STEP - n_steps
        if chance >= doubtful or left <= 0:
            break
        step = _STEP ** min(left, 1)
        factors = tuple(max(1.0, round(factor / step, 2)) for factor in factors)
        doubtful, n_steps = _SUSPICION / len(windows), n_steps + 1
    return factors


def _spectral_factors(power, stride, *, aspect, **known):
    """Return factors in the ratio `aspect` that cut where the spectrum ends, and how sure it is."""
    stretch = np.array([np.sqrt(aspect), 1 / np.sqrt(aspect)])
    frequency = frequencies(power.shape, stretch)
    factors, cutoff, certainty = factors_of_end(power, frequency, stretch, stride, **known)
    # Scan lines and blurred rows look like detail that goes on to the end of one axis.
    if aspect != 1 and (cutoff / stretch).max() > NOISE_ONLY:
        return np.ones(2), 0.0
    sides = np.array(power.shape) if aspect != 1 else min(power.shape)
    return np.clip(factors, 1.0, _largest(sides)), certainty


def _largest(sides):
    """Return the largest factors for sides of such a length."""
    return np.clip(np.divide(sides, _SMALLEST_SIDE), 1.0, _LARGEST)
