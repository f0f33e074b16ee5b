"""Denoise an electron-microscopy image from that one noisy image alone.

Scikit-learn estimators around Noise2SR. Importing the package is cheap: what is named here
is loaded, torch included, when it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, _, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __dir__():
    return sorted({*globals(), *__all__})
