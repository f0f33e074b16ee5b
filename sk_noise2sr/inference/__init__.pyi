from ._draws import Draws as Draws
from ._moments import Moments as Moments
from ._tiles import Tile as Tile
from ._tiles import make_tiles as make_tiles
from ._tiles import receptive_radius as receptive_radius
