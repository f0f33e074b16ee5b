"""Device, threads and the largest network that a denoiser may have."""

from contextlib import nullcontext

from joblib import parallel_config

from .. import engine
from .._limits import MOST_WEIGHTS


def resources(denoiser, scheme, n_pixels):
    """Return a context with threads for networks that see `n_pixels`; it gives the device."""
    n_weights = engine.n_weights(scheme.make_network)
    if n_weights > MOST_WEIGHTS:
        raise ValueError(
            f"A network of {n_weights:.2g} weights fits into no memory: expected at most "
            f"{MOST_WEIGHTS:.2g}; give {type(denoiser).__name__} fewer features, layers or scales."
        )
    return engine.resources(denoiser.device, denoiser.n_threads, n_weights * n_pixels)


def filter_threads(denoiser):
    """Return a context in which filters use ``n_threads``, or the threads of joblib if None."""
    if denoiser.n_threads is None:
        return nullcontext()
    return parallel_config("threading", n_jobs=denoiser.n_threads)
