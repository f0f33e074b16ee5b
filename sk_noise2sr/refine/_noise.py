"""The strength of the noise of a stabilised image, measured after a high pass."""

import numpy as np

from ..grid import high_pass, root_mean_square


def noise_level(stabilized, binned):
    """Return the standard deviation of stabilised noise: 1, but less where few are counted.

    Without binning, single counts stand out: a threshold by their small deviation would keep them.
    The means that binning takes are close to normal.
    """
    return min(1.0, root_mean_square(high_pass(stabilized))) if binned else 1.0


def noise_left(before, after):
    """Return the deviation of the noise of a mean of frames, over that of one frame.

    A mean of n independent frames has one over the root of n; frames of a camera with lag share
    noise, and their mean has more.
    """
    tiny = np.finfo(np.float32).tiny
    return root_mean_square(high_pass(after)) / max(root_mean_square(high_pass(before)), tiny)
