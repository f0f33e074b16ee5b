"""Poisson-Gaussian noise: its variance grows with the intensity, from a floor."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import StrOptions

from .._checks import without_mask
from .._types import Seed
from .._validation import validated


@dataclass(frozen=True)
class PoissonGaussian:
    """Noise of a detector that counts, and reads out with a Gaussian error.

    Its mean is 0 and its variance is ``a * clean + b**2``, independent from pixel to
    pixel [1]_.

    Parameters
    ----------
    a : float
        Gain, at least 0: intensity of one count. 0 leaves Gaussian noise alone.
    b : float
        Standard deviation of the read-out, at least 0, in units of intensity.

    Raises
    ------
    ValueError
        If a parameter is no finite number of at least 0.

    References
    ----------
    .. [1] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron
       Microscopy", IEEE TCI 10, 1462-1475, 2024, equations 10 and 12.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.noise import PoissonGaussian
    >>> noise = PoissonGaussian(a=0.05, b=0.02)
    >>> clean = np.full((200, 200), 0.45)
    >>> noisy = noise.sample(clean, random_state=0)
    >>> print(round(noisy.var() / noise.variance(0.45), 1))
    1.0
    """

    a: float
    b: float

    def __post_init__(self):
        for name, value in vars(self).items():
            if not (isinstance(value, Real) and 0 <= value < np.inf):
                raise ValueError(
                    f"Expected {name} to be a finite number of at least 0, got {value!r}. Noise "
                    "has the variance a * clean + b**2."
                )

    def variance(self, clean: ArrayLike) -> np.ndarray:
        """Return the variance of the noise on every pixel.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities; at least 0, unless ``a`` is 0.

        Returns
        -------
        ndarray of float64, or float64 for a number, of the shape of `clean`
            ``a * clean + b**2``, in units of intensity squared.

        Raises
        ------
        ValueError
            If `clean` is not finite, or negative where there is Poisson noise.
        """
        return self.a * self._check_clean(clean) + self.b**2

    @validated({"form": [StrOptions({"gaussian", "poisson"})]})
    def sample(
        self, clean: ArrayLike, random_state: Seed = None, form: str = "gaussian"
    ) -> np.ndarray:
        """Draw a noisy image; nothing is clipped.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities; at least 0, unless ``a`` is 0.
        random_state : int, Generator or None, default=None
            Seed, or where the random numbers come from. None draws anew each time.
        form : {"gaussian", "poisson"}, default="gaussian"
            ``"gaussian"``: normal noise of the variance of every pixel, equation 12, as the
            published figures were made. ``"poisson"``: counts and normal read-out noise,
            equation 10; mean and variance are the same.

        Returns
        -------
        ndarray of float64 of the shape of `clean`
            The noisy image.

        Raises
        ------
        ValueError
            If `clean` is not finite, or negative where there is Poisson noise, or if `form`
            is unknown.
        """
        clean = self._check_clean(clean)
        rng = np.random.default_rng(random_state)
        if form == "poisson" and self.a > 0:
            return rng.normal(self.a * rng.poisson(clean / self.a), self.b)
        return rng.normal(clean, np.sqrt(self.variance(clean)))

    def _check_clean(self, clean):
        clean = without_mask(clean).astype(np.float64)
        if not np.isfinite(clean).all():
            raise ValueError(
                "Expected a clean image of finite numbers, got NaN or infinity. Replace these "
                "pixels before noise is added."
            )
        if self.a > 0 and (clean < 0).any():
            raise ValueError(
                f"Expected clean intensities of at least 0, since counts are, got {clean.min():g}. "
                "Add an offset to the image, or set a=0 for Gaussian noise alone."
            )
        return clean
