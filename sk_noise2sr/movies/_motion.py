"""How far one frame has moved since another, to a part of a pixel."""

import numpy as np
from scipy.ndimage import shift

_ITERATIONS = 3
_FLAT = 1e-3  # of the steepest direction: along it, nothing tells a displacement


def moved(image: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return an image that shows in place what it showed a step away; a mirror at its borders.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        Any image; smooth, unless the step is a whole one.
    step : array-like of shape (2,)
        Pixels down and to the right.

    Returns
    -------
    ndarray of shape (height, width)
        The image, of its floating type.

    Examples
    --------
    >>> moved(np.array([[0.0, 1.0, 2.0, 3.0]]), (0, 1))
    array([[1., 2., 3., 3.]])
    """
    step = np.asarray(step)
    if not step.any():
        return image
    order = 3 if np.any(step != np.rint(step)) else 0
    return shift(image, -step, order=order, mode="reflect")


def refined_step(
    before: np.ndarray, after: np.ndarray, start: np.ndarray, reach: float
) -> np.ndarray:
    """Return the step between two clean frames at which they differ least (Lucas, Kanade, 1981).

    Parameters
    ----------
    before, after : ndarray of shape (height, width)
        Frames with little noise.
    start : array-like of shape (2,)
        A whole step that is known, in pixels down and to the right.
    reach : float
        How far from it the answer may be, in pixels.

    Returns
    -------
    ndarray of shape (2,)
        The step; `start` where no other makes the frames more alike.

    Examples
    --------
    >>> y, x = np.mgrid[:48, :48]
    >>> before, after = (np.sin(x / 3 - d) + np.cos(y / 4) for d in (0, 0.1))
    >>> refined_step(before, after, (0, 0), 2).round(2)
    array([0. , 0.3])
    """
    start = np.asarray(start, float)
    margin = tuple(slice(min(side // 4, round(reach + 4)), None) for side in before.shape)
    inside = tuple(slice(part.start, -part.start or None) for part in margin)
    slopes = np.stack([slope[inside].ravel() for slope in np.gradient(before)])
    step, errors = start, []
    for _ in range(_ITERATIONS):
        difference = (before - moved(after, step))[inside].ravel()
        errors.append(difference @ difference)
        step = step + np.linalg.lstsq(slopes @ slopes.T, slopes @ difference, rcond=_FLAT)[0]
    if np.abs(step - start).max() > reach or errors[-1] > errors[0]:
        return start
    return step
