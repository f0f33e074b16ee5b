"""Our own denoisers, at the presets that people take."""

import torch

from sk_noise2sr import VSTBM3D, Noise2SR, datasets


def _preset(name, noisy):
    options = {"random_state": 0, "verbose": 0, "n_threads": torch.get_num_threads()}
    return Noise2SR.from_preset(name, **options).fit_transform(noisy)


def untouched(noisy):
    """Return the result of ``Noise2SR()`` on as many threads as it takes by itself."""
    return Noise2SR(random_state=0, verbose=0).fit_transform(noisy)


def default(noisy):
    """Return the result of ``Noise2SR()``."""
    return _preset("default", noisy)


def fast(noisy):
    """Return the result of the preset "fast"."""
    return _preset("fast", noisy)


def instant(noisy):
    """Return the result of the preset "instant"."""
    return _preset("instant", noisy)


def vst_bm3d(noisy):
    """Return the result of ``VSTBM3D()``."""
    return VSTBM3D().fit_transform(noisy)


# The package loads torch and others when they are first needed; no import is to be counted.
Noise2SR(epochs=2, M=4, random_state=0, verbose=0).fit_transform(
    datasets.make_hrem((64, 64), random_state=0)[1]
)
