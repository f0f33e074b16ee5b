from ._bm3d import bm3d as bm3d
