"""The strength of the noise of a stabilised image, measured after a high pass."""

import numpy as np

from ..grid import NORMAL_MEDIAN, high_pass, root_mean_square

# Limits of the deviation. At few counts, normal noise with the variance of counts is stabilised to
# a little more than 1.
_LEVELS = (1.0, 1.1)


def noise_level(stabilized, binned):
    """Return the standard deviation of stabilised noise: about 1, less where few are counted."""
    residual = high_pass(stabilized)
    deviation = root_mean_square(residual)
    median = np.median(np.abs(residual, out=residual), overwrite_input=True)
    typical = np.clip(median / NORMAL_MEDIAN, *_LEVELS)
    # Without binning, single counts stand out: a threshold by their small deviation would keep
    # them. The means that binning takes are close to normal.
    return float(min(typical, deviation) if binned else typical)


def noise_left(before, after):
    """Return the deviation of the noise of a mean of frames, over that of one frame.

    A mean of n independent frames has one over the root of n; frames of a camera with lag share
    noise, and their mean has more.
    """
    tiny = np.finfo(np.float32).tiny
    return root_mean_square(high_pass(after)) / max(root_mean_square(high_pass(before)), tiny)
