"""Denoise in one line."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..denoisers import Noise2SR


def denoise(image: ArrayLike, preset: str | None = None, **parameters: Any) -> np.ndarray:
    """Denoise an image or a stack by :class:`~sk_noise2sr.Noise2SR`.

    Parameters
    ----------
    image : array-like of shape (height, width) or (n, height, width)
        A noisy image, or a stack on which one network is trained.
    preset : str or None, default=None
        ``"instant"``, ``"fast"``, ``"default"`` or ``"paper"``; None is the default.
    **parameters : object
        Hyperparameters that differ from the preset, those of the training too, such as
        ``training__tol=0.003``.

    Returns
    -------
    ndarray of the shape of `image`
        The denoised image, in its units.

    Raises
    ------
    ValueError
        If there is no such preset or hyperparameter, a value does not fit, or the image is none.

    See Also
    --------
    sk_noise2sr.Noise2SR : The denoiser, to keep it for more images.

    Examples
    --------
    >>> import sk_noise2sr
    >>> clean, noisy = sk_noise2sr.datasets.make_hrem((64, 64), random_state=0)
    >>> denoised = sk_noise2sr.denoise(noisy, "fast", random_state=0, verbose=0)
    >>> bool(abs(denoised - clean).mean() < abs(noisy - clean).mean() / 3)
    True
    """
    return Noise2SR.from_preset(preset or "default", **parameters).fit_transform(image)
