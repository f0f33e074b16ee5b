"""Work shared out among threads, with results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ._device import limit_threads


def in_order(function: Callable[..., Any], tasks: Iterable[Any], n_threads: int) -> Iterator[Any]:
    """Yield what a function makes of each task, in their order.

    Threads work ahead of what is asked for, each with one task. In each, torch uses one thread.

    Parameters
    ----------
    function : callable
        Maps a task to a result, which depends on no other task.
    tasks : iterable
        The tasks.
    n_threads : int
        Threads; with one, nothing is done before it is asked for.

    Yields
    ------
    object
        The results.

    Examples
    --------
    >>> list(in_order(abs, [-1, 2, -3], n_threads=2))
    [1, 2, 3]
    """
    if n_threads == 1:
        yield from map(function, tasks)
        return
    threads = ThreadPoolExecutor(n_threads, initializer=lambda: limit_threads(1, work=0))
    waiting = deque()
    try:
        for task in tasks:
            waiting.append(threads.submit(function, task))
            if len(waiting) > n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        threads.shutdown(cancel_futures=True)
