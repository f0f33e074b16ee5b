"""Aydin: a classic filter that it tunes by itself, and features with gradient boosting."""

from aydin import Classic, Noise2SelfFGR


def butterworth(noisy):
    """Return the result of the filter that aydin recommends first."""
    return _trained(Classic(variant="butterworth"), noisy)


def fgr(noisy):
    """Return the result of Noise2Self by features and regression."""
    return _trained(Noise2SelfFGR(), noisy)


def _trained(denoiser, noisy):
    denoiser.train(noisy)
    return denoiser.denoise(noisy)
