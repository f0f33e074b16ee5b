"""Where computations run, on how many threads, and what to say when memory runs out."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from threadpoolctl import threadpool_limits

from ._memory import is_out_of_memory

_WORK_PER_THREAD = 2**36


def pick_device(name: str) -> torch.device:
    """Turn the name of a device into a device that is there.

    Parameters
    ----------
    name : str
        ``"auto"`` for CUDA, then MPS, then the CPU; or the name of a torch device.

    Returns
    -------
    torch.device
        The device.

    Raises
    ------
    ValueError
        If there is no such device on this machine.
    """
    if name == "auto":
        name = _best_device()
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device={name!r} cannot be used here ({reason}); try device='auto' or 'cpu'."
        ) from error
    return device


def _best_device():
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def limit_threads(n_threads: int | None, work: float, n_images: int = 1) -> AbstractContextManager:
    """Return a context in which the CPU uses as many threads as asked for, or as pay.

    Parameters
    ----------
    n_threads : int or None
        Number of threads; None takes one for every 2**36 of `work` or one for each image, whichever
        is more, at most as many as there are. Threads that wait for one another over one small
        image burn time and save none.
    work : float
        Weights of the network times pixels that it sees at once.
    n_images : int, default=1
        Images that threads share out.

    Returns
    -------
    context manager
        Restores what was there before.
    """
    # torch sets this number when a thread first asks: later, that would lift the limit.
    available = torch.get_num_threads()
    if n_threads is None:
        n_threads = min(available, max(n_images, int(work / _WORK_PER_THREAD)))
    # OpenMP's limit is that of the calling thread; one of BLAS would be everybody's.
    return threadpool_limits(min(n_threads, os.cpu_count() or 1), user_api="openmp")


@contextmanager
def explain_out_of_memory(advice: str) -> Iterator[None]:
    """Turn a failed allocation into a MemoryError that says what to try.

    Parameters
    ----------
    advice : str
        What to try, as a sentence.

    Raises
    ------
    MemoryError
        In place of torch's own errors.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise MemoryError(f"Out of memory ({str(error).splitlines()[0]}). {advice}") from error


@contextmanager
def resources(
    device: str, n_threads: int | None, work: float, n_images: int = 1
) -> Iterator[torch.device]:
    """Enter the context in which a network runs.

    Parameters
    ----------
    device : str
        As in :func:`pick_device`.
    n_threads : int or None
        As in :func:`limit_threads`.
    work : float
        Weights of the network times pixels that it sees at once.
    n_images : int, default=1
        Images that threads share out.

    Yields
    ------
    torch.device
        The device.
    """
    chosen = pick_device(device)
    repeatable = (
        torch.backends.cudnn.flags(enabled=True, deterministic=True)
        if chosen.type == "cuda"
        else nullcontext()
    )
    advice = "Try training=Training(crop_size=64), a larger binning, or device='cpu'."
    with limit_threads(n_threads, work, n_images), explain_out_of_memory(advice), repeatable:
        yield chosen
