"""Aydin: classic filters that it tunes by itself, and features with gradient boosting."""

import sys
from importlib.machinery import ModuleSpec
from unittest.mock import MagicMock


class _Absent:
    """Lets aydin import TensorFlow, which its networks need and nothing here."""

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.startswith(("tensorflow", "keras")) else None

    def create_module(self, spec):
        return MagicMock(__spec__=spec, __path__=[])

    def exec_module(self, module):
        """Nothing is in it."""


sys.meta_path.insert(0, _Absent())

from aydin import Classic  # noqa: E402
from aydin.restoration.denoise.noise2selffgr import Noise2SelfFGR  # noqa: E402


def gaussian(noisy):
    """Return the result of a Gaussian blur, its width tuned."""
    return _trained(Classic(variant="gaussian"), noisy)


def butterworth(noisy):
    """Return the result of the filter that aydin recommends first."""
    return _trained(Classic(variant="butterworth"), noisy)


def fgr(noisy):
    """Return the result of Noise2Self by features and regression."""
    return _trained(Noise2SelfFGR(), noisy)


def _trained(denoiser, noisy):
    denoiser.train(noisy)
    return denoiser.denoise(noisy)
