"""Noise that falls as a power of the frequency: pink noise, or noise that was integrated (iDPC).

At high frequencies, where there is nothing but noise, the waves of :mod:`._waves` fit such noise as
well, but at low frequencies they make it hundreds of times too faint. A law with one exponent that
fits as well as ten amplitudes is hardly a coincidence. The spectra of scenes fall that way too, but
scenes have quiet places, and noise has none.
"""

import numpy as np

from .._graded import graded
from ._quiet_places import power_of_quiet_places
from ._waves import N_WAVES, POWER_LAW

_EXPECTED = 0.5  # deviation of half the exponent
_STEEP = 0.3, 0.4  # half of an exponent that is none, and of one that is
_TOO_STEEP = 1.35, 1.15  # for noise, which is integrated once at most
_ODDS = 6.0, 12.0  # logarithms, against any other colour
_SEEN = 0.6, 0.85  # power of quiet places, over that of the law: too little, and as expected
TOLD = 1e-12  # variance of an amplitude that is none


def with_power_law(waves, spread, design, logs, variances, precision, image):
    """Return waves and the covariance of their errors, with a power law as far as there is one.

    Parameters
    ----------
    waves, spread : ndarray
        Those of smooth noise.
    design : ndarray of shape (n, n_waves)
        Waves at the frequencies where there is nothing but noise.
    logs, variances : ndarray of shape (n,)
        Logarithms of the power there, and the variances of their errors.
    precision : ndarray
        The prior of the amplitudes of smooth noise: one over their variance.
    image : ndarray of shape (height, width)
        The noisy image.

    Returns
    -------
    waves, spread : ndarray
        A mean of both fits, weighed by how certain the law is.
    """
    law = [0, POWER_LAW]
    expected = np.array([precision[0], _EXPECTED**-2])
    amplitudes, errors, evidence = _fit(design[:, law], logs, variances, expected)
    *_, other = _fit(design[:, :POWER_LAW], logs, variances, precision)
    steep = graded(amplitudes[1], _STEEP) * graded(amplitudes[1], _TOO_STEEP)
    share = float(graded(evidence - other, _ODDS) * steep)
    if not share:
        return waves, spread
    of_law, spread_of_law = np.zeros(N_WAVES), TOLD * np.eye(N_WAVES)
    of_law[law] = amplitudes
    share *= float(graded(power_of_quiet_places(image, of_law), _SEEN))
    spread_of_law[np.ix_(law, law)] = errors
    return share * of_law + (1 - share) * waves, share * spread_of_law + (1 - share) * spread


def _fit(design, logs, variances, precision):
    """Return amplitudes, the covariance of their errors, and the logarithm of the evidence."""
    weighted = design.T / variances
    inverse = weighted @ design + np.diag(precision)
    spread = np.linalg.inv(inverse)
    waves = spread @ weighted @ logs
    misfit = np.sum((logs - design @ waves) ** 2 / variances) + waves**2 @ precision
    told = np.sum(np.log(precision[1:])) - np.linalg.slogdet(inverse)[1]
    return waves, spread, (told - misfit) / 2
