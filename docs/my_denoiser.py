"""Two denoisers to start from: copy this file, keep one class, and rename it.

    sk-noise2sr denoise frame.tif --method my_denoiser:MyFilter --sigma 1.5
    sk-noise2sr compare frame.tif --methods my_denoiser:MyFilter,my_denoiser:MyNetwork,vstbm3d

In Python, ``check_denoiser(MyFilter())`` of ``sk_noise2sr.testing`` tells what is still missing.
"""

from numbers import Real

from scipy.ndimage import gaussian_filter
from sklearn.utils._param_validation import Interval
from torch import nn

from sk_noise2sr.base import BaseDenoiser, BaseNetworkDenoiser
from sk_noise2sr.schemes import DiagonalPairs


class MyFilter(BaseDenoiser):
    """One sentence: it stands in the help of the command line.

    Parameters
    ----------
    sigma : float, default=1.0
        What it is, in which unit, above 0. The command line makes ``--sigma`` of it.
    """

    # What values a parameter takes: others get a sentence.
    _parameter_constraints = {"sigma": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, sigma=1.0):
        self.sigma = sigma  # assign, and no more: scikit-learn copies and changes parameters

    def _fit(self, stack, y):
        """Learn from ``stack``, of shape (n, height, width); names that are learned end in _."""
        self.level_ = float(stack.mean())

    def _denoise(self, image):
        """Return the image denoised, in its own units, as floating numbers."""
        return gaussian_filter(image.astype(float), self.sigma)


class MyNetwork(BaseNetworkDenoiser):
    """One sentence: the base class has the parameters, and does the training."""

    def _scheme(self, grid):
        """Return how images are corrupted and compared, here as by ZS-N2N, with which network."""
        return DiagonalPairs(_Convolutions, consistency=1.0, turns=self._training.turns)


class _Convolutions(nn.Sequential):
    """Map images (n, 1, height, width) to what is to be taken away from them."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 3, padding=1)
        )
