"""Sizes and limits of a filter of groups, by the name of the kind of image they are for."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Stage:
    """One of the two steps of the filter; intensities are in units of the noise.

    Parameters
    ----------
    block : int
        Side of a block, in pixels.
    step : int
        Distance between references.
    n_matches : int
        Most blocks in a group, a power of two.
    farthest : float
        Largest squared distance of a match, per pixel.
    block_threshold : float, default=0.0
        Coefficients of single blocks below it count as 0 when blocks are compared.
    threshold : float, default=0.0
        Coefficients of groups below it are noise.
    radius : int, default=19
        How far away matches are looked for, along each axis; 19 is a window of 39 x 39 blocks.
    compared : int or None, default=None
        Coefficients along each axis by which blocks are compared, the lowest ones; None for all.
    """

    block: int
    step: int
    n_matches: int
    farthest: float
    block_threshold: float = 0.0
    threshold: float = 0.0
    radius: int = 19
    compared: int | None = None

    def for_shape(self, shape):
        """Return the stage for an image of this shape, which may be smaller than a block."""
        block = min(self.block, *shape)
        radius = max(1, min(self.radius, max(shape) - block))
        return replace(self, block=block, step=min(self.step, block), radius=radius)


# Published distances are in 8-bit intensities; here over the variance, of standard deviation 25
# for the normal profile and 50 for high noise.
PROFILES = {
    "normal": (Stage(8, 3, 16, 4.0, threshold=2.7), Stage(8, 3, 32, 0.64)),
    "high_noise": (Stage(12, 4, 16, 2.0, 2.0, threshold=2.8), Stage(11, 6, 32, 1.4)),
    "crystal": (
        Stage(12, 3, 16, 4.0, threshold=2.8, radius=96),
        Stage(11, 3, 32, 2.0, radius=96),
    ),
}
