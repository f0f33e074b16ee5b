"""What an image is: the only place that knows."""

import os
import warnings

import numpy as np
from sklearn.utils.validation import check_array, validate_data

_FAR_SHORTER = 8  # an axis that is so many times shorter than the others hardly is a side


def check_images(estimator, X, *, reset, finite=True):
    """Return `X` as an array, or say in one sentence what is wrong with it.

    Parameters
    ----------
    estimator : BaseEstimator
        Who asks; named in messages.
    X : array-like of shape (height, width) or (n, height, width)
        One image or a stack of real, finite numbers.
    reset : bool
        True in ``fit``: ``n_features_in_`` is set. False in ``transform``, where other
        sizes are welcome.
    finite : bool, default=True
        Whether all pixels have to be finite numbers, or a single one.

    Returns
    -------
    ndarray of shape (height, width) or (n, height, width)
        The images, in their own type, native byte order; longer floats as float64.

    Raises
    ------
    ValueError
        If `X` is empty, complex, not finite, not numeric, a colour image, or has another
        number of axes than two or three.
    """
    _check_kind(X)
    images = validate_data(
        estimator, X, reset=reset, ensure_2d=reset, allow_nd=True, ensure_all_finite=False
    )
    images = _grey(images)
    if images.ndim == 3 and images.shape[-1] in (3, 4) and images.shape[1] > 4:
        raise ValueError(
            f"An array of shape {images.shape} looks like a colour image (height, width, "
            "channels); a stack is (n, height, width), n grey images of one size. Give one "
            "channel, X[..., 0], or move the channels to the front, np.moveaxis(X, -1, 0)."
        )
    _warn_of_swapped_axes(images)
    if images.size == 0:
        raise ValueError(f"Expected images with pixels, got an array of shape {images.shape}.")
    n_bad = int(images.size - np.isfinite(images).sum())
    if n_bad and (finite or n_bad == images.size):
        kind = "NaN" if np.isnan(images).any() else "infinity"
        raise ValueError(
            f"Input X contains {kind}: {n_bad} of {images.size} pixels are not finite. Fill them "
            "first, for instance with the median of their neighbours."
        )
    if images.dtype.kind == "f" and images.itemsize > 8:  # SciPy and torch have no such type
        return images.astype(np.float64)
    if not images.dtype.isnative:
        images = images.astype(images.dtype.newbyteorder("="))
    return images


def _grey(images):
    """Return one channel of a colour image whose channels are all equal: it is grey."""
    if images.ndim != 3 or images.shape[-1] != 3 or images.shape[1] <= 4:
        return images
    equal = (images[..., :1] == images).all()
    return images[..., 0] if equal else images


def _warn_of_swapped_axes(images):
    """Warn if a stack looks like images whose number stands last."""
    *sides, last = images.shape
    if images.ndim != 3 or not images.size or last * _FAR_SHORTER > min(sides):
        return
    what = "X[..., 0]" if images.shape[-1] == 1 else "np.moveaxis(X, -1, 0)"
    warnings.warn(
        f"An array of shape {images.shape} is taken for {images.shape[0]} images of "
        f"{images.shape[1]} x {images.shape[2]}, (n, height, width); if the last axis counts the "
        f"images, give {what}.",
        UserWarning,
        stacklevel=4,
    )


def _check_kind(X):
    """Raise if `X` cannot be an image, whatever its values."""
    X = _readable(X)
    shape = X.shape
    if len(shape) not in (2, 3):
        raise ValueError(
            f"Expected an image (height, width) or a stack (n, height, width), got an array "
            f"with {len(shape)} axes, of shape {tuple(shape)}. Reshape your data: give one image "
            "or one stack at a time."
        )
    if np.ma.is_masked(X):
        raise ValueError(
            "Masked pixels are not left out; fill them first, for instance with the median of "
            "their neighbours."
        )
    if np.iscomplexobj(X):
        raise ValueError("Complex data not supported: give real intensities, such as np.abs(X).")


def _readable(X):
    """Return `X`, or an array of it if it has no dtype; raise if NumPy finds no numbers in it."""
    if isinstance(X, (str, os.PathLike)):
        words = f"Expected an array, got the name {str(X)!r}. Read the file first, with read_image"
        raise ValueError(f"{words} of sk_noise2sr.io.")
    try:
        X = X if hasattr(X, "dtype") and not hasattr(X, "detach") else np.asarray(X)
    except (TypeError, RuntimeError) as error:
        words = f"Expected an array, got what NumPy cannot read ({error}). Give "
        raise ValueError(f"{words}X.detach().float().cpu().numpy().") from error
    except ValueError as error:
        words = f"Expected one image or a stack of images of one size ({error})"
        raise ValueError(f"{words}. Give images of several sizes one by one.") from error
    if getattr(X.dtype, "kind", "f") in "mM":
        raise ValueError(f"Expected real intensities, got times ({X.dtype}). Give numbers.")
    return X


def without_mask(image):
    """Return an array of real numbers, with NaN where a masked array is masked.

    Parameters
    ----------
    image : array-like of any shape
        Intensities.

    Returns
    -------
    ndarray of the shape of `image`
        The array, of float64 where something is masked.

    Raises
    ------
    ValueError
        If the numbers are complex, or no numbers.
    """
    image = _readable(image)
    if np.iscomplexobj(image):
        raise ValueError(
            "Expected real intensities, got complex numbers. Give their modulus, or their phase."
        )
    if np.ma.is_masked(image):
        return np.ma.filled(image.astype(np.float64), np.nan)
    image = np.asarray(image)
    if image.dtype.kind not in "biufO":
        raise ValueError(f"Expected real intensities, got an array of {image.dtype}. Give numbers.")
    return image.astype(np.float64) if image.dtype.kind == "O" else image


def check_target(estimator, y, shape):
    """Return the target of a method that learns from pairs, as a stack.

    Parameters
    ----------
    estimator : BaseEstimator
        Who asks; named in messages.
    y : array-like of the shape of X
        What the user gave beside `X`.
    shape : tuple of int
        Shape of `X` as a stack, (n, height, width).

    Returns
    -------
    ndarray of shape (n, height, width)
        The target.

    Raises
    ------
    ValueError
        If `y` is missing, of another shape, or no real, finite numbers.
    """
    name = type(estimator).__name__
    if y is None:
        raise ValueError(
            f"{name} requires y to be passed, but the target y is None: call fit(X, y) with "
            "images of the shape of X, pixel on pixel."
        )
    try:
        _check_kind(y)
        target = as_stack(check_array(y, ensure_2d=False, allow_nd=True, input_name="y"))
    except ValueError as error:
        raise ValueError(f"{name} cannot use this target y: {error}") from error
    if target.shape != shape:
        expected, got = (" x ".join(map(str, each)) for each in (shape, target.shape))
        raise ValueError(
            f"{name} expected a target y of the shape of X, {expected} (images x rows x columns), "
            f"got {got}; y and X have to show the same, pixel on pixel."
        )
    return target


def as_stack(images):
    """Return one image as a stack of one; a stack as it is.

    Parameters
    ----------
    images : ndarray of shape (height, width) or (n, height, width)
        Checked images.

    Returns
    -------
    ndarray of shape (n, height, width)
        A view.
    """
    return images[np.newaxis] if images.ndim == 2 else images


def varied(images):
    """Tell which images hold more than one value: of a constant one, nothing can be learned.

    Parameters
    ----------
    images : ndarray of shape (height, width) or (n, height, width)
        Finite images.

    Returns
    -------
    bool or ndarray of bool of shape (n,)
        One for each image.

    Examples
    --------
    >>> varied(np.array([[[4, 4]], [[4, 9]]]))
    array([False,  True])
    """
    return images.min(axis=(-2, -1)) < images.max(axis=(-2, -1))


def float_type(dtype):
    """Return the floating type of a result: that of the input, or one that holds its integers.

    Parameters
    ----------
    dtype : dtype
        A real type.

    Returns
    -------
    dtype
        A floating type in native byte order.

    Examples
    --------
    >>> [str(float_type(name)) for name in ("float16", "float64", ">f4", "uint16", "int32")]
    ['float16', 'float64', 'float32', 'float32', 'float64']
    """
    dtype = np.dtype(dtype).newbyteorder("=")
    return dtype if dtype.kind == "f" else np.result_type(dtype, np.float32)


def map_images(denoise, images):
    """Call a function on every image, and keep shape and floating type.

    Parameters
    ----------
    denoise : callable
        Maps an image (height, width) to an array of floating type.
    images : ndarray of shape (height, width) or (n, height, width)
        Checked images.

    Returns
    -------
    ndarray of shape (..., height, width)
        What the function returned, stacked if `images` is a stack.

    Examples
    --------
    >>> map_images(np.sqrt, np.array([[4, 9]], dtype="uint8"))
    array([[2., 3.]], dtype=float32)
    """
    dtype = float_type(images.dtype)
    outputs = [denoise(image).astype(dtype, copy=False) for image in as_stack(images)]
    return outputs[0] if images.ndim == 2 else np.stack(outputs)
