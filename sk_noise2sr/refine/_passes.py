"""The parameter ``refine`` that denoisers share: how often their result is filtered."""

import numpy as np

from .._limits import REPEATS

REFINE = ["boolean", REPEATS]


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
