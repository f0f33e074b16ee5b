"""From one network and many draws to one image: means, spreads, symmetries, tiles."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
