"""Threads share out work whose result does not depend on them."""

import os
import threading
from collections.abc import Callable, Sized
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from joblib import cpu_count
from joblib.parallel import get_active_backend

_MOST = 4  # of cores, by default: a patch takes about 100 MB


def threads_for(tasks: Sized) -> int:
    """Return how many threads share out tasks.

    Those of ``joblib.parallel_config("threading", n_jobs=...)``. Without it, one for each core, at
    most 4 and ``OMP_NUM_THREADS``; but one in a thread or a process of joblib, Dask and the like,
    which share out whole images.

    Parameters
    ----------
    tasks : sized
        What is to be done.

    Returns
    -------
    int
        Threads, at most one for each task.
    """
    backend, n_jobs = get_active_backend()
    alone = threading.current_thread() is threading.main_thread() and not backend.nesting_level
    if n_jobs is None and alone:
        n_threads = min(cpu_count(), _MOST, _allowed())
    elif n_jobs is None or not getattr(backend, "supports_sharedmem", False):
        n_threads = 1
    else:
        n_threads = backend.effective_n_jobs(n_jobs)
    return max(1, min(n_threads, len(tasks)))


def side_by_side(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what two functions return; where threads share out work, one calls the second.

    Parameters
    ----------
    first, second : callable
        Take nothing, and do not depend on each other. If both raise, the error is that of the
        first.

    Returns
    -------
    tuple
        Both results.
    """
    if threads_for((first, second)) == 1:
        return first(), second()
    with ThreadPoolExecutor(1) as thread:
        later = thread.submit(second)
        return first(), later.result()


def _allowed():
    """Return the limit of threads that the environment sets, if any."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    return int(first) if first.isdecimal() else _MOST
