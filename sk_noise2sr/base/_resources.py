"""Device, threads and the largest network that a denoiser may have."""

from contextlib import nullcontext

from joblib import parallel_config

from .. import engine
from .._limits import MOST_WEIGHTS
from .._threads import threads_for


def resources(denoiser, scheme, n_pixels, n_tasks):
    """Return a context with threads for networks that see `n_pixels`; it gives the device.

    Threads share out `n_tasks`, if the network is for threads.
    """
    network = engine.hollow_network(scheme.make_network)
    n_weights = sum(weights.numel() for weights in network.parameters())
    if n_weights > MOST_WEIGHTS:
        raise ValueError(
            f"A network of {n_weights:.2g} weights fits into no memory: expected at most "
            f"{MOST_WEIGHTS:.2g}; give {type(denoiser).__name__} fewer features, layers or scales."
        )
    at_a_time = threads_for(range(n_tasks)) if engine.is_for_threads(network) else 1
    n_threads = denoiser.n_threads
    return engine.resources(denoiser.device, n_threads, n_weights * n_pixels, at_a_time)


def filter_threads(denoiser):
    """Return a context in which filters use ``n_threads``; None leaves it to them."""
    if denoiser.n_threads is None:
        return nullcontext()
    return parallel_config("threading", n_jobs=denoiser.n_threads)
