"""One thread for BLAS: sums whose order does not depend on the number of cores."""

import threading
from concurrent.futures import ThreadPoolExecutor

import threadpoolctl


class _SequentialBlas:
    """One thread for BLAS, from the first thread that enters to the last that leaves.

    OpenMP counts for each thread by itself, BLAS for the process; and only the thread that has set
    this limit can lift it, so that neither the first to enter nor the last may do so.
    """

    def __init__(self):
        self._guard = threading.Lock()
        self._n_inside = 0

    def __enter__(self):
        with self._guard:
            if self._n_inside == 0:
                self._owner = ThreadPoolExecutor(1)
                self._limits = self._owner.submit(_limit_blas).result()
            self._n_inside += 1

    def __exit__(self, *error):
        with self._guard:
            self._n_inside -= 1
            if self._n_inside == 0:
                self._owner.submit(self._limits.__exit__, *error).result()
                self._owner.shutdown()


def _limit_blas():
    # Newer threadpoolctl obeys the thread that was first to set a limit, and silently no other.
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread(force=True)
    return threadpoolctl.threadpool_limits(1, user_api="blas").__enter__()


sequential_blas = _SequentialBlas()
