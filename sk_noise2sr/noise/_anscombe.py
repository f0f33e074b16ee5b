"""The generalised Anscombe transform: makes noise equally strong everywhere; and its inverse."""

from dataclasses import dataclass
from numbers import Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from .._checks import without_mask

# Closed form of the exact unbiased inverse: powers -1, -2 and -3 of the stabilised value.
_INVERSE = np.array([np.sqrt(1.5) / 4, -11 / 8, 5 * np.sqrt(1.5) / 8])
_SMALLEST = np.sqrt(1.5)  # the stabilised value, as textbooks count it, whose inverse is 0

_LARGEST = 1e150  # its square is still finite
_NEWTON = 3  # steps, from a first guess that is 0.15 off at most


@dataclass(frozen=True)
class Anscombe:
    """Stabilise the variance of Poisson-Gaussian noise, and invert that without bias.

    The noise has the variance ``a * (clean - offset) + b**2``. After ``transform`` its standard
    deviation is about 1 everywhere [1]_, so that methods for Gaussian noise apply;
    ``inverse_transform`` takes the denoised result back [2]_.

    Parameters
    ----------
    a : float
        Gain: intensity of one count, below 0 where counts make an image darker, as once its
        contrast is inverted. With 0 the transform is linear, ``(image - offset) / b``.
    b : float, default=0.0
        Standard deviation of the noise where the clean intensity is `offset`, at least 0, in
        units of intensity; above 0 if `a` is 0.
    offset : float, default=0.0
        Intensity at which the noise has the variance ``b**2``: without counts, if `b` is the
        read-out. Any other intensity may serve, with the `b` that belongs to it.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    Textbooks give ``2 / a * sqrt(a * image + 3 / 8 * a**2 + c)`` with ``c = b**2 - a * offset``.
    Here its value at `offset` is subtracted, so that `offset` becomes 0. That value grows without
    bound as `a` falls to 0; without it, the transform passes into the linear one at no loss of
    digits.

    Gain and offset of the image change nothing: ``Anscombe(g * a, g * b, g * offset + o)`` gives
    for ``g * image + o`` what ``Anscombe(a, b, offset)`` gives for ``image``; and
    ``Anscombe(-a, b, -offset)`` the negative of it for ``-image``.

    Below about 4 counts a pixel without read-out noise, no transform of single pixels can stabilise
    the noise. The inverse has no bias even there.

    References
    ----------
    .. [1] J.-L. Starck, F. Murtagh, A. Bijaoui, "Image Processing and Data Analysis: The
       Multiscale Approach", Cambridge University Press, 1998, the generalised Anscombe transform.
    .. [2] M. Makitalo, A. Foi, "Optimal Inversion of the Generalized Anscombe Transformation for
       Poisson-Gaussian Noise", IEEE TIP 22, 91-103, 2013, the closed-form approximation.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.noise import Anscombe, PoissonGaussian
    >>> clean = np.repeat([[0.5], [5.0]], 100_000, axis=1)
    >>> noisy = PoissonGaussian(a=0.05, b=0.02).sample(clean, random_state=0, form="poisson")
    >>> noisy.std(axis=1).round(2)
    array([0.16, 0.5 ])
    >>> anscombe = Anscombe(a=0.05, b=0.02)
    >>> stabilized = anscombe.transform(noisy)
    >>> stabilized.std(axis=1).round(2)
    array([1., 1.])
    >>> anscombe.inverse_transform(stabilized.mean(axis=1)).round(2)
    array([0.5, 5. ])
    """

    a: float
    b: float = 0.0
    offset: float = 0.0

    def __post_init__(self):
        for name, value in vars(self).items():
            smallest = 0 if name == "b" else -np.inf
            if not (isinstance(value, Real) and np.isfinite(value) and value >= smallest):
                kind = "finite number of at least 0" if name == "b" else "finite number"
                raise ValueError(
                    f"Expected {name} to be a {kind}, got {value!r}. Noise has the variance "
                    "a * (clean - offset) + b**2."
                )
        if max(abs(self.a), self.b) > _LARGEST:
            raise ValueError(
                f"Expected a and b of at most {_LARGEST:g}, got {self.a:g} and {self.b:g}: the "
                "variance a * (clean - offset) + b**2 is no number."
            )
        if self.a == self.b == 0:
            raise ValueError(
                "Expected a or b above 0, got 0 for both. An image without noise needs no "
                "stabilisation: leave this step out."
            )

    @classmethod
    def from_pair(cls, noise: tuple[float, float], offset: float = 0.0) -> Self:
        """Return the transform for noise that a user gives as a pair.

        Parameters
        ----------
        noise : tuple or list of two float
            ``(a, b)``, both at least 0.
        offset : float, default=0.0
            Intensity without counts.

        Returns
        -------
        Anscombe
            The transform.

        Raises
        ------
        ValueError
            If `noise` is no pair of numbers, or one is out of its range.
        """
        if not isinstance(noise, (tuple, list)) or len(noise) != 2:
            raise ValueError(
                f"Expected noise to be a pair (a, b) of numbers, got {noise!r}. Noise has the "
                "variance a * (clean - offset) + b**2."
            )
        if isinstance(noise[0], Real) and noise[0] < 0:
            raise ValueError(
                f"Expected a to be a finite number of at least 0, got {noise[0]!r}. If counts make "
                "the image darker, give the negative of it."
            )
        return cls(*noise, offset)

    def transform(self, image: ArrayLike) -> np.ndarray:
        """Bring noise to a standard deviation of about 1.

        Parameters
        ----------
        image : array-like of any shape
            Noisy intensities.

        Returns
        -------
        ndarray of float64 of the shape of `image`
            Stabilised intensities, without unit; 0 at `offset`. Where the variance of the noise,
            plus 3/8 of ``a**2``, would be negative, it counts as 0.

        Raises
        ------
        ValueError
            If `image` is not finite.
        """
        if self.a < 0:
            return -self._mirrored.transform(-_check_finite(image))
        above = _check_finite(image) - self.offset
        root = np.sqrt(np.maximum(self.a * above + self._root**2, 0))
        if self.a > 0:
            above = np.maximum(above, -(self._root**2) / self.a)
        # The difference of two roots over a, without the cancellation.
        return 2 * above / (root + self._root)

    def inverse_transform(self, stabilized: ArrayLike) -> np.ndarray:
        """Return intensities whose noisy values have the given means after ``transform``.

        Parameters
        ----------
        stabilized : array-like of any shape
            Denoised stabilised intensities.

        Returns
        -------
        ndarray of float64 of the shape of `stabilized`
            Intensities. The smallest is where the noise has no variance, ``offset - b**2 / a``:
            0 for counts without read-out and offset. All lower values give this one. With `a`
            below 0 this is the largest.

        Raises
        ------
        ValueError
            If `stabilized` is not finite.

        Notes
        -----
        The algebraic inverse would be too low by about ``a / 4``, since the mean of a root is
        less than the root of the mean.
        """
        stabilized = _check_finite(stabilized)
        if self.a < 0:
            return -self._mirrored.inverse_transform(-stabilized)
        if self.a > 0:
            # A tiny gain puts the smallest value out of reach, at minus infinity.
            with np.errstate(over="ignore"):
                smallest = _SMALLEST - np.divide(2 * self._root, self.a)
            stabilized = np.maximum(stabilized, smallest)
        textbook = np.maximum(self.a * stabilized + 2 * self._root, _SMALLEST * self.a)
        inverse = self.offset + stabilized * (self._root + self.a * stabilized / 4) + self.a / 4
        ratio = self.a / textbook
        return inverse + self.a * ratio * np.polyval(_INVERSE[::-1], ratio)

    def expected(self, clean: ArrayLike) -> np.ndarray:
        """Return the mean that noisy values have after ``transform``: back to stabilised ones.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities.

        Returns
        -------
        ndarray of float64 of the shape of `clean`
            What ``inverse_transform`` brings back to `clean`. With few counts it is lower than
            ``transform(clean)``, as the mean of a root is less than the root of the mean.

        Raises
        ------
        ValueError
            If `clean` is not finite.

        Examples
        --------
        >>> anscombe = Anscombe(a=1.0)
        >>> anscombe.expected([0.5, 5.0]).round(2), anscombe.transform([0.5, 5.0]).round(2)
        (array([0.5, 3.3]), array([0.65, 3.41]))
        """
        if self.a < 0:
            return -self._mirrored.expected(-_check_finite(clean))
        clean = _check_finite(clean)
        if self.a > 0:
            with np.errstate(over="ignore"):
                clean = np.maximum(clean, self.offset - np.divide(self.b**2, self.a))
        stabilized, deviation = self.transform(clean), self.deviation(clean)
        for _ in range(_NEWTON):
            stabilized -= (self.inverse_transform(stabilized) - clean) / deviation
        return stabilized

    def deviation(self, clean: ArrayLike) -> np.ndarray:
        """Return the standard deviation of the noise where the clean intensity is given.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities.

        Returns
        -------
        ndarray of float64 of the shape of `clean`
            Deviations, in units of intensity; at least about that of one count.

        Examples
        --------
        >>> Anscombe(a=0.25, b=1.0).deviation([0.0, 4.0]).round(2)
        array([1.  , 1.41])
        """
        return np.sqrt(np.maximum(self.variance(clean), 3 / 8 * self.a**2))

    def variance(self, clean: ArrayLike) -> np.ndarray:
        """Return the variance of the noise where the clean intensity is given.

        Parameters
        ----------
        clean : array-like of any shape
            Clean intensities.

        Returns
        -------
        ndarray of float64 of the shape of `clean`
            Variances, in squares of units of intensity, at least 0.

        Examples
        --------
        >>> Anscombe(a=0.25, b=1.0).variance([0.0, 4.0])
        array([1., 2.])
        """
        above = np.asarray(clean, dtype=float) - self.offset
        return np.maximum(self.a * above + self.b**2, 0)

    @property
    def _mirrored(self):
        """The transform of the negative of an image."""
        return Anscombe(-self.a, self.b, -self.offset)

    @property
    def _root(self):
        """The root in the textbook formula, at the offset."""
        return float(np.hypot(self.b, np.sqrt(3 / 8) * self.a))


def _check_finite(image):
    image = without_mask(image).astype(np.float64)
    if not np.isfinite(image).all():
        raise ValueError(
            "Expected an image of finite numbers, got NaN or infinity. Replace these pixels "
            "first, for instance with the median of their neighbours."
        )
    return image
