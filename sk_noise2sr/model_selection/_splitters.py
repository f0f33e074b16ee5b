"""Splitters for images, after the protocol of scikit-learn.

A search of scikit-learn hands ``X[train]`` to ``fit`` and ``X[test]`` to ``score``: it takes the
first axis for that of the samples. The first axis of an image is that of its rows.
"""

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator, KFold

from .._types import Seed


class _Rows(np.ndarray):
    """Indices of the rows of one image; a search that picks a few at random is refused."""

    def __getitem__(self, key):
        chosen = super().__getitem__(key)
        if np.ndim(chosen) == 1 and (np.diff(np.asarray(chosen)) != 1).any():
            raise ValueError(
                "The rows of an image are no samples to pick from: HalvingGridSearchCV and "
                'HalvingRandomSearchCV shuffle them by default. Use resource="epochs" with '
                'max_resources, or resource="M".'
            )
        return chosen


def _rows(indices):
    return np.asarray(indices).view(_Rows)


class WholeImage(BaseCrossValidator):
    """Let one image, or a whole stack, be the training set and the test set.

    For ``cv=`` of :class:`~sklearn.model_selection.GridSearchCV` and its kin. That is no cheating
    where the score does not come from what was fitted: a reference is not shown to ``fit``, and
    held-out pixels are no training targets.

    Without it, ``cv=3`` means :class:`~sklearn.model_selection.KFold`, which cuts an image into
    rows::

        one image           KFold(3), 2nd fold              WholeImage()

        +----------+        +----------+                    +----------+
        | row  0   |        | row  0   |                    | row  0   |
        | row  1   |        | row  1   |  train: rows 0, 1  | row  1   |  train: all
        | row  2   |        +~~~~~~~~~~+  and 4, 5, glued   | row  2   |
        | row  3   |        | row  4   |  along a seam      | row  3   |  test: all
        | row  4   |        | row  5   |                    | row  4   |
        | row  5   |        +----------+  test: rows 2, 3   | row  5   |
        +----------+                                        +----------+

    Parameters
    ----------
    each : bool, default=False
        Whether each image of a stack is a split of its own, with a fit of its own. False is one
        split in which the stack is fitted and scored together, as ``fit`` learns from a stack.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.model_selection import WholeImage
    >>> for train, test in WholeImage().split(np.zeros((4, 9))):  # one image of four rows
    ...     print(train, test)
    [0 1 2 3] [0 1 2 3]
    >>> WholeImage(each=True).get_n_splits(np.zeros((5, 9, 9)))
    5
    """

    def __init__(self, each: bool = False):
        self.each = each

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of an image, or the images of a stack, once for ``fit`` and for ``score``.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            One image or a stack.
        y : array-like of the shape of X, default=None
            Ignored.
        groups : None
            Ignored.

        Yields
        ------
        train, test : ndarray of int
            The same indices along the first axis.
        """
        indices = np.arange(np.shape(X)[0])
        if np.ndim(X) == 2:
            indices = _rows(indices)
        for part in np.split(indices, len(indices)) if self._separate(X) else [indices]:
            yield part, part.copy()

    def get_n_splits(
        self, X: ArrayLike | None = None, y: ArrayLike | None = None, groups: Any = None
    ) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width), default=None
            One image or a stack; needed only with ``each=True``.
        y : array-like of the shape of X, default=None
            Ignored.
        groups : None
            Ignored.

        Returns
        -------
        int
            The number of images of a stack if each is a split, and 1 otherwise.
        """
        return np.shape(X)[0] if self._separate(X) else 1

    def _separate(self, X):
        if self.each and X is None:
            raise ValueError("WholeImage(each=True) has one split an image: give the stack X.")
        return self.each and np.ndim(X) == 3


class FrameKFold(KFold):
    """Split a movie into folds of whole frames.

    :class:`~sklearn.model_selection.KFold` for stacks ``(n, height, width)``; one image is refused
    instead of being cut into rows. Each fold is fitted on the other frames, and scored on frames
    that ``fit`` has not seen: whether what was learned from some frames holds for others.

    ::

        frames of a movie   0 1 2 3 4 5        (each a whole image)
        1st fold            s s t t t t        t: train, s: score
        2nd fold            t t s s t t
        3rd fold            t t t t s s

    Parameters
    ----------
    n_splits : int, default=3
        Number of folds, at least 2 and at most the number of frames.
    shuffle : bool, default=False
        Whether frames are shuffled first. Frames of a movie resemble those just before and after:
        folds of neighbouring frames, as without shuffling, are the harder and more honest test.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.model_selection import FrameKFold
    >>> for train, test in FrameKFold(3).split(np.zeros((6, 32, 32))):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 1 4 5] [2 3]
    [0 1 2 3] [4 5]
    """

    def __init__(self, n_splits: int = 3, *, shuffle: bool = False, random_state: Seed = None):
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the frames to fit and those to score.

        Parameters
        ----------
        X : array-like of shape (n, height, width)
            A stack.
        y : array-like of the shape of X, default=None
            Ignored.
        groups : None
            Ignored.

        Yields
        ------
        train, test : ndarray of int
            Indices of frames.
        """
        if np.ndim(X) != 3:
            raise ValueError(
                f"FrameKFold splits a stack (n, height, width) by its frames, got an array of "
                f"shape {np.shape(X)}. For one image use WholeImage() or TileKFold()."
            )
        yield from super().split(X, y, groups)


class TileKFold(BaseCrossValidator):
    """Split one image into bands of neighbouring rows, and never glue rows together.

    A search can select rows and nothing else, so that a tile has to be as wide as the image: a
    band. Each band is scored once. Fitted is the longest run of rows that misses the band; what
    lies on the other side of it is left out, since an image glued along a seam shows an edge that
    is not there::

        TileKFold(3)   1st fold    2nd fold    3rd fold

        +--------+     score       train       train
        | band 0 |
        +--------+     train       score       train
        | band 1 |
        +--------+     train       -           score
        | band 2 |
        +--------+

    A test whether what was learned from one part of an image holds for another. To choose
    hyperparameters for one image, :class:`WholeImage` is closer to how they will be used. For
    square tiles make a stack of them, and use :class:`FrameKFold`::

        from skimage.util import view_as_blocks
        tiles = view_as_blocks(image, (128, 128)).reshape(-1, 128, 128)

    Parameters
    ----------
    n_splits : int, default=2
        Number of bands, at least 2. Two halves leave nothing out.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.model_selection import TileKFold
    >>> for train, test in TileKFold(3).split(np.zeros((6, 9))):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 1] [2 3]
    [0 1 2 3] [4 5]
    """

    def __init__(self, n_splits: int = 2):
        self.n_splits = n_splits

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows to fit and those to score, each a run without a gap.

        Parameters
        ----------
        X : array-like of shape (height, width)
            One image.
        y : array-like of the shape of X, default=None
            Ignored.
        groups : None
            Ignored.

        Yields
        ------
        train, test : ndarray of int
            Indices of rows.
        """
        n_splits = self.get_n_splits()
        if np.ndim(X) != 2:
            raise ValueError(
                f"TileKFold splits one image (height, width) into bands, got an array of shape "
                f"{np.shape(X)}. For a stack use FrameKFold()."
            )
        height = np.shape(X)[0]
        if n_splits > height:
            raise ValueError(f"Cannot cut {n_splits} bands out of an image of {height} rows.")
        rows = np.arange(height)
        for band in np.array_split(rows, n_splits):
            yield _rows(max(rows[: band[0]], rows[band[-1] + 1 :], key=len)), _rows(band)

    def get_n_splits(
        self, X: ArrayLike | None = None, y: ArrayLike | None = None, groups: Any = None
    ) -> int:
        """Return the number of bands.

        Parameters
        ----------
        X : array-like of shape (height, width), default=None
            Ignored.
        y : array-like of the shape of X, default=None
            Ignored.
        groups : None
            Ignored.

        Returns
        -------
        int
            The number of bands.
        """
        if not (isinstance(self.n_splits, Integral) and self.n_splits >= 2):
            raise ValueError(f"Expected n_splits to be an integer above 1, got {self.n_splits!r}.")
        return self.n_splits
