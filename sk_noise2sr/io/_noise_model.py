"""The model of the noise that HyperSpy keeps beside an image."""

import math
from numbers import Real
from typing import Any


def read_noise(source: Any) -> tuple[float, float] | None:
    """Return the noise that a file or a signal declares, as denoisers take it.

    HyperSpy's model of the variance is ``(gain_factor * clean + gain_offset) *
    correlation_factor``, under ``Signal.Noise_properties`` of its metadata; or one number.

    Parameters
    ----------
    source : ImageRecord, hyperspy.signals.Signal2D or dict
        An image of :func:`read_images`, a signal, or metadata as HyperSpy has them.

    Returns
    -------
    (float, float) or None
        ``(a, b)`` of the variance ``a * clean + b**2``, such as for ``VSTBM3D(noise=...)``. None
        where nothing is declared, or no such line: a variance for each pixel, or one below 0
        where there is no signal.

    Examples
    --------
    >>> from sk_noise2sr.io import read_noise
    >>> line = {"gain_factor": 2.0, "gain_offset": 8.0, "correlation_factor": 0.5}
    >>> read_noise({"Signal": {"Noise_properties": {"Variance_linear_model": line}}})
    (1.0, 2.0)
    """
    metadata = source if isinstance(source, dict) else getattr(source, "metadata", None) or {}
    if hasattr(metadata, "as_dictionary"):
        metadata = metadata.as_dictionary()
    metadata = _part(metadata, "metadata") or metadata  # a file has original_metadata beside it
    noise = _part(_part(metadata, "Signal"), "Noise_properties")
    line = _part(noise, "Variance_linear_model")
    if "gain_factor" in line:
        correlation = line.get("correlation_factor", 1)
        numbers = [line["gain_factor"], line.get("gain_offset", 0), correlation]
    else:
        numbers = [0, noise.get("variance"), 1]
    if not all(isinstance(number, Real) and math.isfinite(number) for number in numbers):
        return None
    gain, offset, correlation = map(float, numbers)
    slope, variance = gain * correlation, offset * correlation
    if min(slope, variance) < 0 or slope == variance == 0:
        return None
    return slope, math.sqrt(variance)


def _part(metadata, name):
    """Return a dict in a dict; an empty one where a file has something else there."""
    part = metadata.get(name)
    return part if isinstance(part, dict) else {}


def hyperspy_noise(a: float, b: float, offset: float = 0.0) -> dict[str, Any]:
    """Return a model of the variance, ``a * (clean - offset) + b**2``, in HyperSpy's terms.

    Parameters
    ----------
    a, b : float
        Gain, and standard deviation of the noise without signal.
    offset : float, default=0.0
        Intensity without signal.

    Returns
    -------
    dict
        HyperSpy's ``Variance_linear_model``.

    Examples
    --------
    >>> from sk_noise2sr.io import hyperspy_noise
    >>> hyperspy_noise(1.0, 2.0)
    {'gain_factor': 1.0, 'gain_offset': 4.0, 'correlation_factor': 1.0}
    """
    return {
        "gain_factor": float(a),
        "gain_offset": float(b**2 - a * offset),
        "correlation_factor": 1.0,
    }
