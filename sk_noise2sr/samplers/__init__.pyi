from ._held_out import held_out_pixels as held_out_pixels
from ._subsampler import FixedSubsampler as FixedSubsampler
from ._subsampler import RandomSubsampler as RandomSubsampler
from ._subsampler import split as split
