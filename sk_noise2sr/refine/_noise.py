"""The strength of the noise of a stabilised image, from what a high pass leaves."""

import numpy as np

from ..grid import NORMAL_MEDIAN, high_pass, root_mean_square

# At few counts, normal noise of the variance of counts is stabilised to a little more than 1.
_LEVELS = (1.0, 1.1)


def noise_level(stabilized, binned):
    """Return the standard deviation of stabilised noise: about 1, less where few are counted."""
    residual = high_pass(stabilized)
    deviation = root_mean_square(residual)
    median = np.median(np.abs(residual, out=residual), overwrite_input=True)
    typical = np.clip(median / NORMAL_MEDIAN, *_LEVELS)
    # Single counts stand out of such noise: a threshold by its deviation would keep them. The
    # means that binning takes are close to normal.
    return float(min(typical, deviation) if binned else typical)


def noise_left(before, after):
    """Return by what the deviation of noise was multiplied: of a mean, with what its parts share.

    Of independent images, a mean over n leaves one over the root of n; of a camera that remembers,
    more.
    """
    tiny = np.finfo(np.float32).tiny
    return root_mean_square(high_pass(after)) / max(root_mean_square(high_pass(before)), tiny)
