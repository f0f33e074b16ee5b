"""VSTBM3D: stabilise the variance of the noise, filter by block matching, and invert."""

import math
from numbers import Real

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import varied
from .._smallest_side import check_sides
from ..base import BaseDenoiser
from ..grid import Levels
from ..noise import Anscombe, estimate_noise
from ..refine import (
    REFINE,
    CollaborativeFilter,
    number_of_passes,
    with_odd_places,
    worth_of_another,
)


class VSTBM3D(BaseDenoiser):
    """Block matching and collaborative filtering of stabilised noise.

    The generalised Anscombe transform brings Poisson-Gaussian noise to a standard deviation of
    1, :func:`~sk_noise2sr.filters.bm3d` removes it [1]_, and the exact unbiased inverse brings
    the result back [2]_. Nothing is trained: seconds a frame on a CPU. By default the filter
    works on a Fourier-binned image, where its blocks see farther, and its result guides
    :func:`~sk_noise2sr.filters.nl_bayes`, which brings 0.2 to 2 dB where counts are many.

    The noise has to be of zero mean. Noise that neighbouring pixels share is measured, and made
    white for the filter. Blur is not removed.

    Parameters
    ----------
    noise : tuple of two float or None, default=None
        ``(a, b)``, if the noise is known to have the variance ``a * clean + b**2``: gain and
        standard deviation of the read-out, each at least 0, for intensities that are 0 without
        electrons. Then texture as fine as the pixels, which looks like smooth noise, is kept, as
        far as high frequencies show that the noise is white. None estimates it in ``fit``, for any
        zero of the intensities; for images with sides below 32 pixels, only one strength for all
        intensities.
    binning : "auto" or float >= 1, default="auto"
        Factor by which the stabilised image is Fourier-binned before it is
        filtered; the result comes back at full size. ``"auto"`` reads it off the spectrum in
        ``fit``, and gives 1 unless that shows where detail ends; 1 works on the full grid, as
        published.
    refine : bool or int >= 1, default=True
        Whether the result guides another filter, non-local Bayes, as that of a network does. True
        runs it twice, a number that many times. It would harm images of few counts, and images in
        which no motif repeats: so it counts by half at half a count a pixel, not at all if the
        image is not binned, and less if lines share noise. Afterglow along rows can cost 0.7 dB.
        False is as published.

    Attributes
    ----------
    anscombe_ : Anscombe or None
        The transform; None after a fit on a constant image, if noise was to be estimated.
    filter_ : CollaborativeFilter or None
        The filter, with the binning of stabilised images; None after a fit on a constant image:
        then each image shows its own.
    alike_ : bool
        Whether the frames of ``fit`` have one gain, offset and dose. If not, the noise of each
        image is estimated by itself.
    n_features_in_ : int
        Length of the second axis of ``X`` seen by ``fit``; other image sizes are welcome in
        ``transform``.

    Notes
    -----
    Lone pixels far outside the noise are replaced by the median of their neighbourhood first.

    References
    ----------
    .. [1] K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image Denoising by Sparse 3-D
       Transform-Domain Collaborative Filtering", IEEE TIP 16, 2080-2095, 2007.
    .. [2] M. Makitalo, A. Foi, "Optimal Inversion of the Generalized Anscombe Transformation for
       Poisson-Gaussian Noise", IEEE TIP 22, 91-103, 2013.

    Examples
    --------
    >>> from sk_noise2sr import VSTBM3D, datasets
    >>> from sk_noise2sr.metrics import psnr
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> bool(VSTBM3D().fit(noisy).score(noisy, clean) > psnr(clean, noisy) + 10)
    True
    """

    _parameter_constraints = {
        "noise": [tuple, list, None],
        "binning": [StrOptions({"auto"}), Interval(Real, 1, None, closed="left")],
        "refine": REFINE,
    }
    _presets = {"default": {}, "paper": {"binning": 1, "refine": False}}

    def __init__(
        self,
        noise: tuple[float, float] | None = None,
        *,
        binning: float | str = "auto",
        refine: bool | int = True,
    ):
        self.noise = noise
        self.binning = binning
        self.refine = refine

    def _fit(self, stack, y):
        check_sides(stack, self._smallest_side())
        frames = stack[varied(stack)].astype(np.float64)
        self.alike_ = self.noise is not None or Levels.fit(frames) is None
        self.anscombe_ = self._find_anscombe(frames)
        self.filter_ = self._find_filter(frames) if len(frames) else None

    def _smallest_side(self):
        """Return the side of which binning leaves two pixels."""
        return 2 if self.binning == "auto" else math.ceil(self.binning) + 1

    def _find_anscombe(self, frames):
        if self.noise is not None:
            return Anscombe.from_pair(self.noise)
        return estimate_noise(frames).anscombe() if len(frames) else None

    def _find_filter(self, frames):
        like = getattr(vars(self).pop("_like", None), "filter_", None)
        if like is not None:
            return like.again(frames, self.anscombe_)
        known = self.noise is not None
        return CollaborativeFilter.fit(frames, self.anscombe_, self.binning, known=known)

    @property
    def _known_noise(self):
        return self.noise

    def _denoise(self, image):
        return self._denoise_valid(image)

    def _denoise_valid(self, image, valid=None):
        check_sides(image, self._smallest_side())
        image = image.astype(np.float64)
        if not varied(image):
            return image
        if self.anscombe_ is None:
            raise ValueError(
                "This VSTBM3D was fitted on a constant image, from which nothing can be learned; "
                "fit it on an image like the one to denoise."
            )
        if not self.alike_:  # each frame has its own noise
            own = clone(self)
            own._fit(image[np.newaxis], None)
            return own._denoise_valid(image, valid)
        own = self.filter_ or self._find_filter(image[np.newaxis])
        n_passes = 1 + number_of_passes(self.refine)
        denoised = own.denoise(image, n_passes=n_passes, valid=valid)
        if not self.refine:
            return denoised
        guided = worth_of_another(image, False, own.anscombe, own.grid.binning, own.weight)
        return with_odd_places(own, image, denoised, guided, valid)
