"""Decisions that degrade gently."""

import numpy as np


def graded(values, ends):
    """Return how far values are between two ends, from 0 at the first to 1 at the second."""
    return np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1)
