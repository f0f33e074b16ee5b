"""What to train, and for how long."""

import math
from dataclasses import dataclass
from numbers import Integral

import numpy as np

CROPS_PER_EPOCH = 40
_ADAPTS_IN = 10  # partial_fit takes this part of the steps of a fit


@dataclass(frozen=True)
class Plan:
    """What to train, and for how long.

    Parameters
    ----------
    name : str
        What messages call the estimator.
    scheme : Scheme
        The method.
    training : Training
        Settings.
    epochs : int
        Length of the training.
    seed : int
        What everything random grows from.
    binned : bool
        Whether the grid is coarser than the image.
    deadline : float
        ``time.monotonic()`` after which no step may end.
    verbose : int
        See :func:`train`.
    adapt : bool, default=False
        Whether to take a tenth of the steps from the weights of another fit.
    neighbours : Neighbours or None, default=None
        For a movie: the frames that each frame is seen with.
    judged : bool, default=True
        Whether a network that is worse than a local mean has failed.
    """

    name: str
    scheme: object
    training: object
    epochs: int
    seed: int
    binned: bool
    deadline: float
    verbose: int
    adapt: bool = False
    neighbours: object = None
    judged: bool = True

    def __post_init__(self):
        """Check that a crop holds a cell."""
        crop_size, cell = self.training.crop_size, self.scheme.multiple
        if isinstance(crop_size, Integral) and crop_size < cell:
            raise ValueError(
                f"Expected a crop_size of at least {cell} pixels, one cell, got {crop_size}."
            )

    def crop_pixels(self, shape: tuple[int, ...], factors: tuple[float, float]) -> int:
        """Return the number of grid pixels in a step, for images of such a shape."""
        sides = np.divide(shape, factors).tolist()
        crop = min(self.training.crop_side(sides, self.binned) ** 2, math.prod(sides))
        return self.training.batch_size * crop

    @property
    def n_steps(self) -> int:
        """Number of steps."""
        steps = self.epochs * math.ceil(CROPS_PER_EPOCH / self.training.batch_size)
        return math.ceil(steps / _ADAPTS_IN) if self.adapt else steps
