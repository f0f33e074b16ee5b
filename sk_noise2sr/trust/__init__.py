"""What of a result is certain: evidence maps, error bars, columns measured in the raw image."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
