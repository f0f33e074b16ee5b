"""What the random draws of inference depend on: the seed and the absolute pixel."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Draws:
    """The seed of the draws and where on the image they are taken.

    Parameters
    ----------
    seed : int
        The seed.
    row, column : int, default=0
        Absolute position of the first pixel of the image or tile at hand, a multiple of the
        side of a cell. Tiles, workers and their order cannot change a draw.
    """

    seed: int
    row: int = 0
    column: int = 0

    def cells(self, height: int, width: int, side: int) -> tuple[range, range]:
        """Return the absolute coordinates of the cells of an image.

        Parameters
        ----------
        height, width : int
            Size of the image, in pixels.
        side : int
            Side of a cell.

        Returns
        -------
        tuple of two range
            Rows and columns, counted in cells.

        Examples
        --------
        >>> Draws(0, row=64).cells(8, 4, 2)
        (range(32, 36), range(0, 2))
        """
        row, column = self.row // side, self.column // side
        return range(row, row + height // side), range(column, column + width // side)
