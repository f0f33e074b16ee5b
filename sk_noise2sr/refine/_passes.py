"""How often a result is filtered, the parameter ``refine``, and the weight of further passes."""

import numpy as np

from .._limits import REPEATS
from ..noise import Anscombe
from ._noise import mean_counts

REFINE = ["boolean", REPEATS]
_FEW_COUNTS = 0.5  # a pixel, at which another pass counts by half


def number_of_passes(refine: bool | int) -> int:
    """Return how often the filter runs.

    Parameters
    ----------
    refine : bool or int
        The parameter of a denoiser: True stands for 2, False for 0.

    Returns
    -------
    int
        The number.

    Examples
    --------
    >>> number_of_passes(True), number_of_passes(False), number_of_passes(1)
    (2, 0, 1)
    """
    return 2 * int(refine) if isinstance(refine, bool | np.bool_) else refine


def worth_of_another(
    image: np.ndarray, guided: bool, anscombe: Anscombe, binning: float, weight: float
) -> float:
    """Return the weight of another pass, from 0 to 1.

    A filtered result, unlike that of a network, has seen the noise of its own pixels. It is the
    better guide unless hardly anything is counted. After block matching alone it is also worse for
    photographs, in which no motif repeats. So another pass counts less if counts are fewer than one
    a pixel; and without a network, the less the image can be binned and the more noise its lines
    share.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        The noisy image.
    guided : bool
        Whether a network guides the first pass.
    anscombe : Anscombe
        Stabilises the noise.
    binning : float
        By what the filter bins.
    weight : float
        How far the filter is believed, from 0 to 1.

    Returns
    -------
    float
        The weight.
    """
    room = 1.0 if guided else weight * (1 - 1 / binning**2)
    return room / (1 + (_FEW_COUNTS / mean_counts(image, anscombe)) ** 2)
