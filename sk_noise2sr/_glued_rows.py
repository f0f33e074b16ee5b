"""Whether a search of scikit-learn cuts an image into rows."""

import sys
import warnings

import numpy as np

_SEARCHES = "sklearn.model_selection._validation"


def warn_of_glued_rows():
    """Warn if the rows that a search of scikit-learn hands to ``fit`` do not lie side by side.

    No argument of ``fit`` tells: ``X[train]`` looks like any image. But the function of
    scikit-learn that selects the rows is still running, and knows them. If a later scikit-learn
    names its variables differently, there is no warning, and nothing else changes.
    """
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") != _SEARCHES:
        frame = frame.f_back
    if frame is None:
        return
    image, rows = (frame.f_locals.get(name) for name in ("X", "train"))
    if getattr(image, "ndim", None) != 2 or not isinstance(rows, np.ndarray):
        return
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    if (np.diff(rows) != 1).any():
        warnings.warn(
            f"The {len(rows)} rows to fit do not lie side by side in the image of "
            f"{image.shape[0]} rows: this splitter glues parts of the image together. Use "
            "cv=WholeImage() of sk_noise2sr.model_selection (a number, such as cv=3, means KFold, "
            "for tables), or TileKFold() to score rows that are not fitted.",
            UserWarning,
            stacklevel=3,
        )
