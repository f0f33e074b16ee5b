"""How an image was made: what goes into the file beside its pixels."""

import hashlib
import importlib.metadata
import platform
from functools import cache
from typing import Any

from .. import __version__
from .._types import FilePath
from ..io import hyperspy_noise, jsonable

_PACKAGES = ["torch", "numpy", "scipy", "scikit-image", "scikit-learn"]
_NOISE = ("noise_", "anscombe_")


def provenance_of(estimator: Any, source: FilePath | None = None) -> dict[str, Any]:
    """Return the origin of a denoised image, as texts, numbers, lists and dicts.

    Parameters
    ----------
    estimator : BaseDenoiser
        The denoiser that made it.
    source : path-like or None, default=None
        The file it was made from: its name and the SHA-256 of its bytes are noted. Of a folder,
        such as a zarr store, the name alone.

    Returns
    -------
    dict
        For :func:`~sk_noise2sr.io.write_image`: ``denoiser``, ``parameters``, ``random_state``,
        the ``seed`` in use, ``noise`` of the source where the denoiser has a model of it,
        ``versions``, ``input``.

    Examples
    --------
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.persistence import provenance_of
    >>> about = provenance_of(AdaptiveWiener(window=9))
    >>> about["denoiser"], about["parameters"]["window"]
    ('AdaptiveWiener', 9)
    """
    parameters = estimator.get_params()
    about = {
        "remark": "denoised by sk_noise2sr; intensities are estimates",
        "denoiser": type(estimator).__name__,
        "random_state": parameters.get("random_state"),
        "seed": getattr(estimator, "seed_", None),
        "parameters": parameters,
        "input": None if source is None else _input(source),
        "noise": _noise(estimator),
        "versions": {
            "sk_noise2sr": __version__,
            "python": platform.python_version(),
            **_versions(),
        },
    }
    return jsonable(about)


@cache  # a batch asks for each of its files
def _versions():
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def _input(source):
    about = {"name": source.name}
    if source.is_file():
        with open(source, "rb") as file:
            about["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    return about


def _noise(estimator):
    """Return the model of the noise of the source, in two notations.

    The variance is ``a * (clean - offset) + b**2``; HyperSpy has names of its own for that line.
    """
    given = getattr(estimator, "noise", None)
    if isinstance(given, (tuple, list)):
        given = dict(zip("ab", map(float, given), strict=True), offset=0.0)
        return given | hyperspy_noise(**given)
    found = [getattr(estimator, name, None) for name in _NOISE]
    found.append(getattr(getattr(estimator, "filter_", None), "anscombe", None))
    model = next((each for each in found if hasattr(each, "offset")), None)
    if model is not None:
        model = {name: getattr(model, name) for name in ("a", "b", "offset")}
    elif isinstance(found[0], float):  # one variance for all intensities
        model = {"a": 0.0, "b": found[0] ** 0.5, "offset": 0.0}
    return model and model | hyperspy_noise(**model)
