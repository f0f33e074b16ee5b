"""Movies: which frames a frame is seen with, and what of a movie tells it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
