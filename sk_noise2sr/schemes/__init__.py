"""What a method is: how it corrupts images, what it compares, how it predicts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
