"""HyperSpy's signals, or whatever has data and axes as they have."""

import copy
import math
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..io import jsonable
from ..persistence import provenance_of
from ._dask import transform_lazily


def denoise_signal(signal: Any, estimator: Any) -> Any:
    """Denoise the images of a signal; axes and metadata stay, lazy signals stay lazy.

    Parameters
    ----------
    signal : hyperspy.signals.Signal2D
        Or anything with ``data``, an array whose last two axes are those of the image, and
        ``axes_manager.signal_dimension``, which is 2.
    estimator : BaseDenoiser
        A fitted denoiser, such as ``Noise2SR().fit(signal.data)``.

    Returns
    -------
    signal : object of the type of `signal`
        A new signal with the axes and the metadata of the old one, and provenance under
        ``metadata.sk_noise2sr`` where there is a place for it.

    Raises
    ------
    TypeError
        If `signal` has no data, or no axes.
    ValueError
        If it is no signal of images.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.lazy import denoise_signal
    >>> scan = np.random.default_rng(0).poisson(9, (2, 3, 32, 32)).astype("float32")
    >>> signal = SimpleNamespace(data=scan, axes_manager=SimpleNamespace(signal_dimension=2))
    >>> denoise_signal(signal, AdaptiveWiener().fit(scan[0])).data.shape
    (2, 3, 32, 32)
    """
    check_is_fitted(estimator)
    if not (hasattr(signal, "data") and hasattr(signal, "axes_manager")):
        raise TypeError(
            f"Expected a signal with data and axes_manager, got a {type(signal).__name__}; "
            "transform takes arrays."
        )
    if signal.axes_manager.signal_dimension != 2 or signal.data.ndim < 2:
        raise ValueError(
            "Expected a signal of images, got a signal dimension of "
            f"{signal.axes_manager.signal_dimension}; call signal.as_signal2D((x, y)) first."
        )
    data = signal.data
    shape = tuple(data.shape)
    if len(shape) > 3:  # frames of several navigation axes follow one another
        data = data.reshape((math.prod(shape[:-2]), *shape[-2:]))
    lazily = not isinstance(data, np.ndarray) and hasattr(data, "dask")
    denoised = transform_lazily(estimator, data) if lazily else estimator.transform(data)
    return _with_data(signal, denoised.reshape(shape), jsonable(provenance_of(estimator)))


def _with_data(signal, data, provenance):
    make = getattr(signal, "_deepcopy_with_new_data", None)
    if make is None:
        new = copy.copy(signal)
        new.data = data
        return new
    new = make(data)
    if hasattr(new.metadata, "add_dictionary"):
        new.metadata.add_dictionary({"sk_noise2sr": provenance})
        if new.metadata.has_item("Signal.Noise_properties"):  # that noise is no longer there
            del new.metadata.Signal.Noise_properties
    return new
