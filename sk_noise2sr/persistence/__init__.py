"""Keep fitted denoisers in files that hold no code, and say how an image was made."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
