"""Progress bars: shown to people, silent in log files, and heard by windows."""

from contextlib import contextmanager
from contextvars import ContextVar

from tqdm.auto import tqdm

_LISTENER = ContextVar("listener", default=None)


def progress_bar(total, name, unit, verbose):
    """Make a progress bar on stderr.

    Parameters
    ----------
    total : int
        Number of units to do.
    name : str
        What is being done.
    unit : str
        What is counted.
    verbose : int
        0 is silent, 1 shows the bar if stderr is a terminal, 2 always.

    Returns
    -------
    tqdm.tqdm
        A context manager with ``update()``.
    """
    disable = {0: True, 1: None}.get(int(verbose), False)
    bar = tqdm(total=total, desc=name, unit=unit, disable=disable, leave=False)
    listener = _LISTENER.get()
    return bar if listener is None else _Heard(bar, name, total, listener)


@contextmanager
def listening(listener):
    """Hear of the progress of what is done within, in this thread.

    Parameters
    ----------
    listener : callable
        ``listener(name, done, total)`` is called after each unit. What it raises ends the work.

    Examples
    --------
    >>> with listening(print), progress_bar(2, "fit", "step", verbose=0) as bar:
    ...     bar.update()
    ...     bar.update()
    fit 1 2
    fit 2 2
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class _Heard:
    """A bar that tells a listener."""

    def __init__(self, bar, name, total, listener):
        self._bar, self._name, self._total, self._listener = bar, name, total, listener
        self._done = 0

    def __enter__(self):
        self._bar.__enter__()
        return self

    def __exit__(self, *error):
        return self._bar.__exit__(*error)

    def __getattr__(self, name):
        return getattr(self._bar, name)

    def update(self, n=1):
        self._bar.update(n)
        self._done += n
        self._listener(self._name, self._done, self._total)
