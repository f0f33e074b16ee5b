from ._draws import Draws as Draws
from ._memory import bytes_per_pixel as bytes_per_pixel
from ._memory import is_out_of_memory as is_out_of_memory
from ._memory import read_bytes as read_bytes
from ._moments import Moments as Moments
from ._tiles import Tile as Tile
from ._tiles import make_tiles as make_tiles
from ._tiles import receptive_radius as receptive_radius
