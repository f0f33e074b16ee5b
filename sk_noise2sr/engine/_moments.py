"""Mean and spread of a stream, in memory that does not grow with its length."""

import numpy as np

_PIXELS = 2**17


class Moments:
    """Running mean and standard deviation of arrays (Welford's recurrence).

    Parameters
    ----------
    spread : bool, default=True
        Whether the deviation will be asked for.

    Examples
    --------
    >>> moments = Moments()
    >>> for value in (1.0, 3.0):
    ...     moments.add(np.array([value]))
    >>> moments.mean, moments.std()
    (array([2.]), array([1.]))
    """

    def __init__(self, spread: bool = True):
        self.n = 0
        self.mean = None
        self._squares = None
        self._spread = spread

    def add(self, values: np.ndarray) -> None:
        """Take one more array into account.

        Parameters
        ----------
        values : ndarray
            Of the same shape every time.
        """
        self.n += 1
        if self.mean is None:
            self.mean = values.copy()
            self._squares = np.zeros_like(values) if self._spread else None
            return
        # In parts, so that nothing else of the size of a large frame is made.
        step = max(1, _PIXELS * len(values) // values.size)
        for first in range(0, len(values), step):
            self._add(slice(first, first + step), values[first : first + step])

    def _add(self, part, values):
        change = values - self.mean[part]
        self.mean[part] += change / self.n
        if self._spread:
            self._squares[part] += change**2 * ((self.n - 1) / self.n)

    def std(self) -> np.ndarray:
        """Return the standard deviation, with `n` in the denominator.

        Returns
        -------
        ndarray
            Of the shape of the arrays.
        """
        return np.sqrt(self._squares / self.n)
