"""Training and prediction: everything that runs a network, and nothing of what a method is."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
