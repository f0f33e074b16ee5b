"""A working grid on which the noise is equally strong at all intensities."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from ._working_grid import WorkingGrid


@dataclass(frozen=True)
class StabilizedGrid:
    """A working grid whose intensities are stabilised, then brought to mean 0 and deviation 1.

    Parameters
    ----------
    grid : WorkingGrid
        The grid below.
    noise : Anscombe
        The noise, in the units of the images.
    center, spread : float
        Mean and standard deviation of the stabilised images on that grid.
    """

    grid: WorkingGrid
    noise: object
    center: float
    spread: float

    @classmethod
    def fit(cls, grid: WorkingGrid, noise: Any, stack: np.ndarray) -> Self:
        """Learn mean and deviation from noisy images.

        Parameters
        ----------
        grid : WorkingGrid
            The grid below.
        noise : Anscombe
            The noise, in the units of the images.
        stack : ndarray of shape (n, height, width)
            The images.

        Returns
        -------
        StabilizedGrid
            The grid.
        """
        stabilized = grid.noise(noise).transform(grid.prepare(stack))
        return cls(grid, noise, float(stabilized.mean()), float(stabilized.std()))

    @property
    def factors(self) -> tuple[float, float]:
        """Divisors of height and width."""
        return self.grid.factors

    @property
    def binning(self) -> float:
        """Geometric mean of the factors."""
        return self.grid.binning

    @property
    def context(self) -> Any:
        """With which other frames a frame is seen, or None."""
        return self.grid.context

    def prepare(self, stack: np.ndarray) -> np.ndarray:
        """Bring images onto the grid; see :class:`WorkingGrid`."""
        stabilized = self.grid.noise(self.noise).transform(self.grid.prepare(stack))
        return ((stabilized - self.center) / self.spread).astype(np.float32)

    def valid(self, valid: np.ndarray) -> np.ndarray:
        """Tell which pixels are valid; see :class:`WorkingGrid`."""
        return self.grid.valid(valid)

    def restore(
        self, image: np.ndarray, shape: tuple[int, ...], dtype: DTypeLike = np.float64
    ) -> np.ndarray:
        """Bring an image back; see :class:`WorkingGrid`."""
        stabilized = image * np.float64(self.spread) + self.center
        stabilizer = self.grid.noise(self.noise)
        return self.grid.restore(stabilizer.inverse_transform(stabilized), shape, dtype)
