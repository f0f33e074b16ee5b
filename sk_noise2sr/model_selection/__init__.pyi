from ._hidden import hide_pixels as hide_pixels
from ._selector import DenoiserSelector as DenoiserSelector
from ._splitters import FrameKFold as FrameKFold
from ._splitters import TileKFold as TileKFold
from ._splitters import WholeImage as WholeImage
