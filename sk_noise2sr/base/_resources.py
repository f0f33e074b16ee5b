"""Device, threads and the largest network that a denoiser may have."""

import threading
from contextlib import nullcontext

import torch
from joblib import parallel_config
from joblib.parallel import get_active_backend

from .. import engine
from .._limits import MOST_WEIGHTS


def resources(denoiser, scheme, n_pixels, n_images=1):
    """Return a context with threads for networks that see `n_pixels`; it gives the device.

    Threads may share out `n_images` of so many pixels, if the network sees images alone.
    """
    network = engine.hollow_network(scheme.make_network)
    n_weights = sum(weights.numel() for weights in network.parameters())
    if n_weights > MOST_WEIGHTS:
        raise ValueError(
            f"A network of {n_weights:.2g} weights fits into no memory: expected at most "
            f"{MOST_WEIGHTS:.2g}; give {type(denoiser).__name__} fewer features, layers or scales."
        )
    if _in_a_pool() or not engine.sees_images_alone(network):
        n_images = 1
    return engine.resources(denoiser.device, denoiser.n_threads, n_weights * n_pixels, n_images)


def filter_threads(denoiser):
    """Return a context in which filters use ``n_threads``; None is the threads of joblib.

    Where joblib was told of none, it is those that torch may use: the result is the same.
    """
    n_threads = denoiser.n_threads
    if n_threads is None:
        if _in_a_pool() or (get_active_backend()[1] or 1) > 1:
            return nullcontext()
        n_threads = torch.get_num_threads()
    return parallel_config("threading", n_jobs=n_threads)


def _in_a_pool():
    """Return whether this is a thread of Dask or another pool, which shares out whole images."""
    return threading.current_thread() is not threading.main_thread()
