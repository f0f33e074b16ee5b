"""What a fit has learned of a movie: which frames around a frame are of use to it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ._neighbours import Neighbours


class Link(NamedTuple):
    """How a frame follows the one before it."""

    cut: bool = False
    step: tuple = (0.0, 0.0)  # pixels down and to the right


@dataclass(frozen=True)
class Context:
    """How frames of a movie are seen together.

    Parameters
    ----------
    reach : int
        How many frames on each side, at least 1.
    gap : int, default=0
        How many frames next to a frame are left out, as the camera remembers them.
    """

    reach: int
    gap: int = 0

    @property
    def span(self):
        """Distance to the farthest frame that a frame is seen with."""
        return self.reach + self.gap

    def link(self, before, after):
        """Tell how a frame follows another.

        Parameters
        ----------
        before, after : ndarray of shape (height, width)
            The frames, on the grid.

        Returns
        -------
        Link
            Whether there is a cut between them, and how far the second has moved.
        """
        return Link()

    def neighbours(self, links):
        """Return the neighbours of frames that follow one another.

        Parameters
        ----------
        links : list of Link
            How each follows the one before it; that of the first does not matter.

        Returns
        -------
        Neighbours
            Those of each.
        """
        scenes = np.cumsum([link.cut for link in links])
        places = np.cumsum([link.step for link in links], axis=0)
        return Neighbours.choose(scenes, places, self.reach, self.gap)


def linked(frames, context):
    """Yield frames with how each follows the one before it.

    Parameters
    ----------
    frames : iterable of Tensor of shape (1, height, width)
        The frames, on the grid.
    context : Context
        How frames are seen together.

    Yields
    ------
    frame : Tensor of shape (1, height, width)
        The frame.
    link : Link
        How it follows.
    """
    before = None
    for frame in frames:
        after = frame[0].numpy()
        yield frame, Link() if before is None else context.link(before, after)
        before = after
