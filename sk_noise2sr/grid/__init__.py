"""The working grid: what a network and a filter see of an image, and the way back.

Before a denoiser learns from an image, the image is prepared in this order:

- ``mask``: pixels that are no picture (scale bars, dead lines, bad pixels) are found and filled
- ``lines``: rows and columns that are too bright or too dark are levelled
- ``colour``: the power spectrum of the noise is read off the image
- ``binning``: the factor is chosen by which the image can be shrunk without losing detail
- ``_working_grid``: intensities are standardised, the image is binned, and its noise made white;
  results take the same steps back

Words: the *colour* of noise is its power spectrum. Noise is *white* if pixels are independent, and
*smooth* if neighbouring pixels share it. A *power* is the square of a coefficient of the cosine
transform (DCT-II) of an image. Most decisions are graded: a weight from 0 to 1, not a switch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
