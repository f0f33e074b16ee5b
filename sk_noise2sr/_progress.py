"""Progress bars: shown to people, silent in log files."""

from tqdm.auto import tqdm


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
    return tqdm(total=total, desc=name, unit=unit, disable=disable, leave=False)
