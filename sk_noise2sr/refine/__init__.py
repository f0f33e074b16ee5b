"""The filter that refines results: block matching guided by the result of a network.

1. The noise is stabilised to a standard deviation of 1, and the image binned (``_choose_grid``).
2. The noise is made white, and similar blocks are filtered together (``_white``); further passes
   are guided by the result so far (``_passes``).
3. The refined result is a weighted mean of the network, this filter, block matching without a
   network, and a Wiener filter. The weights, called *shares*, are read off the image
   (``_mixture``).

In movies the guide is averaged along the motion (``_over_time``), and what only one frame shows is
put back (``_events``).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
