"""Base classes: the contract of every denoiser.

``BaseDenoiser`` checks images, masks and types, for methods with and without a network.
``BaseNetworkDenoiser`` adds the parameters of a training. Its work is done by functions that get
the denoiser and ask its hooks: ``_learn`` fits, ``_draw`` denoises an image, ``_movie`` a movie,
``_groups`` keeps one network for each dose, ``_mixture`` learns the shares of the filter.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
