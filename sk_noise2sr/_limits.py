"""Numbers that alone decide how long and how much: beyond these, a slip of the hand is meant.

Time grows in proportion to `EPOCHS`, `PASSES` and `REPEATS`, memory with the square of `FEATURES`
and in proportion to `LAYERS` and `FRAMES`. No paper, and no use that pays, comes near.
"""

from numbers import Integral

from sklearn.utils._param_validation import Interval


def _up_to(largest, smallest=1):
    return Interval(Integral, smallest, largest, closed="both")


EPOCHS = _up_to(100_000)
PASSES = _up_to(100_000)
REPEATS = _up_to(10_000)
REFITS = _up_to(10_000, smallest=2)
FEATURES = _up_to(4096)
LAYERS = _up_to(256, smallest=2)
SCALES = _up_to(12)
MASK_WIDTH = _up_to(64, smallest=2)
FRAMES = _up_to(100_000)
MOST_WEIGHTS = 10**9  # with their gradients and Adam's two moments, 16 GB
LARGEST = 1e150  # intensity whose square is a number
MOST_PIXELS = 2**30  # of a simulated image or movie, 8 GiB clean and noisy
