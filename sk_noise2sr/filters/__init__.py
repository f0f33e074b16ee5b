"""Filters: functions from an image to an image, nothing learned.

``bm3d`` and ``nl_bayes`` share the search for similar blocks (``_matching``), the work on groups of
them (``_groups``), and checks and units (``_noise_units``). They differ in how a group is shrunk.
``nl_bayes`` also gives back what makes one place differ from its look-alikes (``_give_back``).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
