"""Pixels that are hidden before a fit, to judge it by."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import as_stack, check_images
from .._types import Seed
from .._validation import validated
from ..grid import hide


@validated(
    {
        "X": ["array-like"],
        "fraction": [StrOptions({"auto"}), Interval(Real, 0, 0.25, closed="neither")],
    }
)
def hide_pixels(
    X: ArrayLike, fraction: float | str = "auto", random_state: Seed = None
) -> tuple[np.ndarray, np.ndarray]:
    """Put a random neighbour in the place of some pixels, and return what was there.

    The noise of a hidden pixel is independent of all that is left of the image. So what is
    fitted on the image returned and then predicts the hidden pixels is judged as if on new data:
    its mean squared error there is that against the clean image, plus the variance of the noise,
    the same for all. Nothing is asked of what is judged: networks, filters, pipelines at any
    ``binning`` are compared on the same pixels, in the same units.

    A neighbour, out of 5 x 5 pixels, is as noisy as the pixel was: noise that a denoiser leaves in
    is counted. Under a smooth patch it would not be.

    Parameters
    ----------
    X : array-like of shape (height, width) or (n, height, width)
        Noisy images, with sides of at least 2 pixels.
    fraction : "auto" or float, default="auto"
        Share of pixels to hide, in (0, 0.25). More of them make the score more certain and
        the images worse, until automatic binning finds no white noise. ``"auto"`` hides 0.05, and
        of images of more than 800 x 800 pixels less: 40 times as many as a side has.
    random_state : int, Generator or None, default=None
        Seed of the choice.

    Returns
    -------
    X_hidden : ndarray of the shape of X
        The images, of the type of `X`, with a neighbour in the place of hidden pixels.
    y : ndarray of the shape of X
        What was there, of floating type; NaN where nothing is hidden. For
        :func:`~sk_noise2sr.metrics.hidden_pixel_scorer`.

    Raises
    ------
    ValueError
        If the images are not as described, or so small that no pixel is hidden.

    Notes
    -----
    Two things are assumed: noise of mean zero that is independent from pixel to pixel, and
    neighbours that look alike. Structure as fine as the pixels costs every candidate the
    same kind of error, and those most that keep the finest detail.

    Lone outliers, such as hot pixels, are never hidden, nor put in the place of others.

    References
    ----------
    .. [1] A. Krull, T.-O. Buchholz, F. Jug, "Noise2Void - Learning Denoising from Single Noisy
       Images", CVPR 2019: pixels masked by a random neighbour.
    .. [2] J. Batson, L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019,
       section 3: the error at hidden pixels calibrates any denoiser.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.model_selection import hide_pixels
    >>> noisy = np.random.default_rng(0).normal(size=(100, 100))
    >>> X, y = hide_pixels(noisy, random_state=0)
    >>> hidden = ~np.isnan(y)
    >>> int(hidden.sum()), bool((X[~hidden] == noisy[~hidden]).all())
    (503, True)
    """
    images = check_images(BaseEstimator(), X, reset=True)
    stack = as_stack(images)
    if min(stack.shape[1:]) < 2:
        raise ValueError(f"Hidden pixels need neighbours, got images of {stack.shape[1:]}.")
    X_hidden, y = hide(stack, fraction, np.random.default_rng(random_state))
    return X_hidden.reshape(images.shape), y.reshape(images.shape)
