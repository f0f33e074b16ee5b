"""Mean and spread of a stream, in memory that does not grow with its length."""

import numpy as np


class Moments:
    """Running mean and standard deviation of arrays (Welford's recurrence).

    Examples
    --------
    >>> moments = Moments()
    >>> for value in (1.0, 3.0):
    ...     moments.add(np.array([value]))
    >>> moments.mean, moments.std()
    (array([2.]), array([1.]))
    """

    def __init__(self):
        self.n = 0
        self.mean = None
        self._squares = None

    def add(self, values):
        """Take one more array into account.

        Parameters
        ----------
        values : ndarray
            Of the same shape every time.
        """
        self.n += 1
        if self.mean is None:
            self.mean, self._squares = values.copy(), np.zeros_like(values)
            return
        change = values - self.mean
        self.mean += change / self.n
        change *= change
        change *= (self.n - 1) / self.n
        self._squares += change

    def std(self):
        """Return the standard deviation, with `n` in the denominator.

        Returns
        -------
        ndarray
            Of the shape of the arrays.
        """
        return np.sqrt(self._squares / self.n)
