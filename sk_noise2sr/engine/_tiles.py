"""Large frames in tiles: memory stays bounded, and the result is that of the whole frame."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """A part of a frame: what is read, and what of its result is kept.

    Parameters
    ----------
    read : tuple of two slice
        Rows and columns of the frame that the network sees.
    write : tuple of two slice
        Rows and columns of the frame that the result fills.
    """

    read: tuple
    write: tuple

    @property
    def n_pixels(self) -> int:
        """Number of pixels that are read."""
        return math.prod(part.stop - part.start for part in self.read)

    @property
    def inner(self) -> tuple[slice, slice]:
        """Where, within what was read, the kept result lies."""
        return tuple(
            slice(write.start - read.start, write.stop - read.start)
            for read, write in zip(self.read, self.write, strict=True)
        )


def make_tiles(height: int, width: int, *, max_pixels: int, halo: int, align: int) -> list[Tile]:
    """Cut a frame into tiles that read at most about `max_pixels` pixels each.

    Parameters
    ----------
    height, width : int
        Size of the frame.
    max_pixels : int
        Most pixels that the network may see at once. A frame that is smaller is one tile.
    halo : int
        Receptive radius of the network; a tile reads so much more on each inner side.
    align : int
        Tiles start at multiples of this, for pooling to fall as in the whole frame.

    Returns
    -------
    list of Tile
        Tiles whose ``write`` parts cover the frame once.

    Raises
    ------
    MemoryError
        If the halo leaves no room for a tile.

    Examples
    --------
    >>> [tile.write[0] for tile in make_tiles(100, 40, max_pixels=3000, halo=8, align=4)]
    [slice(0, 56, None), slice(56, 100, None)]
    """
    if height * width <= max_pixels:
        whole = (slice(0, height), slice(0, width))
        return [Tile(whole, whole)]
    halo = -(-halo // align) * align
    read_wide = max(1, min(width, int(max_pixels**0.5)))
    wide = width if read_wide == width else (read_wide - 2 * halo) // align * align
    high = (max_pixels // read_wide - 2 * halo) // align * align
    if min(high, wide) < 1:
        raise MemoryError(
            f"The network looks {halo} pixels far, too far for tiles of {max_pixels} pixels; "
            "take an encoder that looks less far, binning, or a larger max_memory."
        )
    return [
        Tile(
            read=(_part(top, high, height, halo), _part(left, wide, width, halo)),
            write=(_part(top, high, height), _part(left, wide, width)),
        )
        for top in range(0, height, high)
        for left in range(0, width, wide)
    ]


def _part(start, length, side, halo=0):
    return slice(max(start - halo, 0), min(start + length + halo, side))
