from ._splitters import FrameKFold as FrameKFold
from ._splitters import TileKFold as TileKFold
from ._splitters import WholeImage as WholeImage
