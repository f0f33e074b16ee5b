"""Rows beside the paper's: scikit-image's filters, each calibrated by itself, and a bound.

All take ``(noisy, clean)``; only the bound looks at the clean image.
"""

import numpy as np
from scipy import fft
from skimage.restoration import (
    calibrate_denoiser,
    denoise_nl_means,
    denoise_tv_chambolle,
    denoise_wavelet,
    estimate_sigma,
)


def non_local_means(noisy, clean):
    """Return the result of non-local means, its strength calibrated without a clean image."""
    sigma = estimate_sigma(noisy)
    strengths = {"h": [factor * sigma for factor in (0.3, 0.6, 1.0)], "sigma": [sigma]}
    return _calibrated(denoise_nl_means, strengths, noisy, fast_mode=True)


def wavelet(noisy, clean):
    """Return the result of wavelet shrinkage, wavelet and rule calibrated."""
    choices = {"wavelet": ["db1", "db2", "sym4"], "method": ["BayesShrink", "VisuShrink"]}
    return _calibrated(denoise_wavelet, choices, noisy)


def total_variation(noisy, clean):
    """Return the result of total-variation denoising, its weight calibrated."""
    weights = {"weight": list(estimate_sigma(noisy) * np.geomspace(0.3, 10, 8))}
    return _calibrated(denoise_tv_chambolle, weights, noisy)


def wiener_bound(noisy, clean):
    """Return what the best linear filter makes of the image: it knows the clean spectrum."""
    mean = noisy.mean()
    signal = np.abs(fft.fft2(clean - clean.mean())) ** 2
    noise = np.sum((noisy - clean) ** 2)
    gain = signal / (signal + noise)
    return mean + fft.ifft2(gain * fft.fft2(noisy - mean)).real


def _calibrated(function, choices, noisy, **fixed):
    """Choose parameters by scikit-image's J-invariant calibration, and denoise."""
    low, spread = noisy.mean(), noisy.std()

    def denoise(image, **parameters):
        return function(image, **fixed, **parameters)

    scaled = {
        name: [value / spread for value in values] if name in ("h", "sigma", "weight") else values
        for name, values in choices.items()
    }
    calibrated = calibrate_denoiser((noisy - low) / spread, denoise, scaled)
    return calibrated((noisy - low) / spread) * spread + low


REFERENCES = {
    "non_local_means": non_local_means,
    "wavelet": wavelet,
    "total_variation": total_variation,
    "wiener_bound": wiener_bound,
}
