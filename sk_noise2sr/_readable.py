"""Anything that may hold an image, as an array."""

import os

import numpy as np


def readable(X):
    """Return what holds numbers as an array, unless it is one of its kind.

    Parameters
    ----------
    X : object
        What a user gives for images.

    Returns
    -------
    array
        `X` itself if it has a dtype and is no tensor.

    Raises
    ------
    ValueError
        If NumPy finds no array in it.

    Examples
    --------
    >>> readable([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if isinstance(X, (str, os.PathLike)):
        raise ValueError(
            f"Expected an array, got the name {str(X)!r}. Read the file first, with read_image of "
            "sk_noise2sr.io."
        )
    if hasattr(X, "dtype") and not hasattr(X, "detach"):
        return _of_numbers(X)
    try:
        array = np.asarray(X)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(
            "Expected one image or a stack of images of one size, got a "
            f"{type(X).__name__} of unlike lengths. Give images of several sizes one by one."
        ) from error
    except (TypeError, RuntimeError) as error:
        words = f"Expected an array, got what NumPy cannot read ({error}). Give "
        raise ValueError(f"{words}X.detach().float().cpu().numpy().") from error
    return _of_numbers(array)


def _of_numbers(X):
    if getattr(X.dtype, "kind", "f") in "mM":
        raise ValueError(f"Expected real intensities, got times ({X.dtype}). Give numbers.")
    return X
