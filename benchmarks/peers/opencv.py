"""OpenCV's non-local means, on the sixteen bits that it takes."""

import cv2
import numpy as np

_LARGEST = 2**16 - 1
_MEDIAN = 0.6745  # of the absolute value of normal noise, in standard deviations


def non_local_means(noisy):
    """Return the result at a strength of the noise, which the finest differences tell."""
    low, high = float(noisy.min()), float(noisy.max())
    scale = _LARGEST / (high - low)
    counts = np.rint((noisy - low) * scale).astype(np.uint16)
    finest = np.diff(np.diff(counts.astype(float), axis=0), axis=1) / 2
    sigma = float(np.median(np.abs(finest))) / _MEDIAN
    denoised = cv2.fastNlMeansDenoising(
        counts, h=[sigma], templateWindowSize=7, searchWindowSize=21, normType=cv2.NORM_L1
    )
    return denoised / scale + low
