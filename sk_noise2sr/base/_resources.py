"""Device, threads and the largest network that a denoiser may have."""

from contextlib import nullcontext

from joblib import parallel_config

from .. import engine
from .._limits import MOST_WEIGHTS
from .._threads import threads_for


def resources(denoiser, network, n_pixels, n_images=1):
    """Return a context with threads for a network that sees `n_pixels`; it gives the device.

    Threads may share out `n_images` of so many pixels, if the network sees images alone.
    """
    n_weights = sum(weights.numel() for weights in network.parameters())
    if n_weights > MOST_WEIGHTS:
        raise ValueError(
            f"A network of {n_weights:.2g} weights fits into no memory: expected at most "
            f"{MOST_WEIGHTS:.2g}; give {type(denoiser).__name__} fewer features, layers or scales."
        )
    at_a_time = threads_for(range(n_images)) if engine.sees_images_alone(network) else 1
    n_threads = denoiser.n_threads
    return engine.resources(denoiser.device, n_threads, n_weights * n_pixels, at_a_time)


def filter_threads(denoiser):
    """Return a context in which filters use ``n_threads``; None leaves it to them."""
    if denoiser.n_threads is None:
        return nullcontext()
    return parallel_config("threading", n_jobs=denoiser.n_threads)
