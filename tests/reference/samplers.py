"""Slow, obvious loops that the samplers are compared with."""

import numpy as np


def split(image, choice, stride):
    """Keep, in every cell of one image, the pixel that `choice` counts row by row."""
    rows, columns = choice.shape
    kept = np.empty((rows, columns), dtype=image.dtype)
    left_out = np.ones(image.shape, dtype=bool)
    for i in range(rows):
        for j in range(columns):
            row = i * stride + choice[i, j] // stride
            column = j * stride + choice[i, j] % stride
            kept[i, j] = image[row, column]
            left_out[row, column] = False
    return kept, left_out
