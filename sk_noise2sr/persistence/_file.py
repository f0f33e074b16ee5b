"""One file for a denoiser: its network as arrays, all else as JSON, and a hash over both."""

import hashlib
import json
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from .. import __version__, denoisers
from .._types import FilePath
from ..base import BaseDenoiser, BaseNetworkDenoiser
from ..engine import Fit, hollow_network
from ..io import replacing
from ._values import pack, unpack

_FORMAT = "1"
_KEYS = {"format", "sk_noise2sr", "denoiser", "state", "sha256"}


def save(estimator: BaseDenoiser, path: FilePath, *, overwrite: bool = False) -> None:
    """Write a denoiser to a file, as a whole or not at all.

    The file is in the safetensors format: the weights of the network as arrays, parameters and
    fitted attributes as JSON in its header, and a hash over both. It holds no code.

    Parameters
    ----------
    estimator : BaseDenoiser
        A denoiser, fitted or not; of this package, or of a class of your own.
    path : str or path-like
        The file, for instance ``"denoiser.safetensors"``.
    overwrite : bool, default=False
        Whether an existing file may be replaced.

    Raises
    ------
    TypeError
        If `estimator` is no denoiser, such as a Pipeline, or if a class of your own has the name
        of one of this package.
    ValueError
        If a parameter cannot be written without code, such as a function as ``encoder``; or if
        a parameter that the fit stands on was changed after it.
    FileExistsError
        If the file exists and `overwrite` is False.
    OSError
        If the file cannot be written.

    See Also
    --------
    load : The way back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sk_noise2sr import VSTBM3D, datasets
    >>> from sk_noise2sr.persistence import load, save
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "denoiser.safetensors")
    ...     save(VSTBM3D(noise=(0.125, 0.0)).fit(noisy), path)
    ...     load(path)
    VSTBM3D(noise=(0.125, 0.0))
    """
    path = Path(path)
    name = type(estimator).__name__
    if not isinstance(estimator, BaseDenoiser):
        raise TypeError(
            f"Expected a denoiser of sk_noise2sr, or one derived from its BaseDenoiser, got "
            f"{_article(name)}; save the denoiser alone, or use joblib.dump, whose files run code "
            "when they are opened."
        )
    if type(estimator) is not _known_denoisers().get(name, type(estimator)):
        raise TypeError(f"sk_noise2sr has {_article(name)} of its own; rename your class.")
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder; name a file in it.")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path.name} exists; pass overwrite=True or choose another name.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The folder {path.parent} does not exist; create it.")
    arrays = {}
    state = json.dumps(_pack_state(estimator, name, arrays), allow_nan=False)
    header = {"format": _FORMAT, "sk_noise2sr": __version__, "denoiser": name, "state": state}
    header["sha256"] = _hash(header, arrays)
    with replacing(path) as temporary:
        # Not save_file: its files are readable by their owner alone.
        temporary.write_bytes(to_bytes(arrays, metadata=header))


def load(path: FilePath, *, classes: Iterable[type] = ()) -> BaseDenoiser:
    """Read a denoiser that :func:`save` has written; its ``transform`` gives the same, bit by bit.

    Nothing in the file is ever executed, and no class is used but those of this package and those
    that are given.

    Parameters
    ----------
    path : str or path-like
        The file.
    classes : iterable of type, default=()
        Classes of your own that the file may name: of the denoiser, or of its ``encoder``.

    Returns
    -------
    BaseDenoiser
        The denoiser, as fitted as it was.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If the file cannot be opened.
    ValueError
        If the file is damaged, altered, of another format, or holds anything but a denoiser of
        this package or of `classes`.

    See Also
    --------
    save : The way there, with an example.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path.name} does not exist in {path.parent.resolve()}.")
    if not path.is_file():
        raise OSError(f"{path.name} is no regular file.")
    header, arrays = _read(path)
    try:
        classes = {each.__name__: each for each in classes}
    except (TypeError, AttributeError):
        raise ValueError(
            f"Expected classes to be a list of classes, such as [MyFilter], got {classes!r}."
        ) from None
    name = header["denoiser"]
    denoiser_class = _known_denoisers().get(name, classes.get(name))
    if denoiser_class is None:
        raise ValueError(
            f"{path.name} holds {_article(name)}, which is no denoiser of sk_noise2sr "
            f"{__version__}; if it is a class of yours, pass it: load(path, classes=[{name}])."
        )
    try:
        return _unpack_state(denoiser_class, json.loads(header["state"]), arrays, classes)
    except Exception as error:  # the hash only tells that nothing was altered by accident
        reason = " ".join(str(error).split())[:300].rstrip(".")
        raise ValueError(
            f"{path.name} holds no {header['denoiser']} that sk_noise2sr {__version__} can use: "
            f"{reason}."
        ) from error


def _known_denoisers():
    return {name: getattr(denoisers, name) for name in denoisers.__all__}


def _article(name):
    return f"{'an' if name[:1].upper() in tuple('AEIOU') else 'a'} {name}"


def _hash(header, arrays):
    """Return a hash over the header and every array, with names, types and shapes."""
    words = [header[key] for key in sorted(_KEYS - {"sha256"})]
    words += [f"{name} {array.dtype.str} {array.shape}" for name, array in sorted(arrays.items())]
    digest = hashlib.sha256(json.dumps(words).encode())
    for _, array in sorted(arrays.items()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _read(path):
    """Return the header and the arrays of a file that is whole, unaltered and of this format."""
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            if header.get("format", _FORMAT) == _FORMAT and header.keys() == _KEYS:
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path.name} is damaged, or was not written by sk_noise2sr.persistence.save."
        ) from error
    if header.get("format", _FORMAT) != _FORMAT:
        raise ValueError(
            f"{path.name} is in format {header['format']} of sk_noise2sr "
            f"{header.get('sk_noise2sr', '(unknown)')}; sk_noise2sr {__version__} reads format "
            f"{_FORMAT}."
        )
    if header.keys() != _KEYS:
        raise ValueError(f"{path.name} was not written by sk_noise2sr.persistence.save.")
    if _hash(header, arrays) != header["sha256"]:
        raise ValueError(f"{path.name} was altered after it was written; its hash does not fit.")
    return header, arrays


def _pack_state(estimator, name, arrays):
    packed = {}
    for attribute, value in estimator.__getstate__().items():
        try:
            packed[attribute] = pack(value, arrays)
        except ValueError as error:
            raise ValueError(
                f"This {name} cannot be saved, since of its {attribute} {error}; use joblib.dump, "
                "whose files run code when they are opened."
            ) from error
    return packed


def _unpack_state(denoiser_class, packed, arrays, classes):
    """Make a denoiser; whatever its parameters and weights do not allow raises."""
    state = {name: unpack(value, arrays, classes) for name, value in packed.items()}
    parameters = {name: state.pop(name) for name in list(state) if not name.endswith("_")}
    private = [name for name in state if name.startswith("_")]
    if private:
        raise ValueError(f"{private[0]} is no fitted attribute")
    estimator = denoiser_class(**parameters)
    estimator._validate_params()
    if "fit_" in state:
        _check_fits(estimator, state["fit_"])
    estimator.__setstate__({**parameters, **state})
    return estimator


def _check_fits(estimator, fit):
    """Check a fit, and the others that it holds, of which none holds more."""
    if not isinstance(estimator, BaseNetworkDenoiser) or not isinstance(fit, Fit):
        raise ValueError("its fit is not that of a denoiser with a network")
    for other in fit.others:
        if not isinstance(other, Fit) or other.others:
            raise ValueError("its fit holds others that are none")
    for each in fit.each:
        _check_fit(estimator, each)


def _check_fit(estimator, fit):
    """Raise unless the weights are those of the network that the parameters stand for.

    Nothing of a size that the file does not have is ever made: on the device "meta" arrays are
    shapes alone, and no count of layers or features exceeds the number of weights.
    """
    if fit.network is None:
        return
    n_weights = sum(array.size for array in fit.network.values())
    for name in estimator._frozen:
        value = getattr(estimator, name)
        if isinstance(value, Integral) and value > n_weights:
            raise ValueError(f"{name}={value} does not fit its {n_weights} weights")
    expected = hollow_network(estimator._scheme(fit.grid).make_network).state_dict()
    shapes = {name: tuple(value.shape) for name, value in expected.items()}
    if shapes != {name: array.shape for name, array in fit.network.items()}:
        raise ValueError("its weights are not those of such a network")
