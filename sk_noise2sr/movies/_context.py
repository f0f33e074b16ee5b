"""What a fit has learned of a movie: which frames around a frame are of use to it."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import torch

from ._help import neighbours_help
from ._likeness import correlation, frames_that_share_noise, standard_error
from ._neighbours import Neighbours

_AUTO = 2  # frames on each side
_SURE = 4.0  # standard errors


class Link(NamedTuple):
    """How a frame follows the one before it.

    Parameters
    ----------
    cut : bool, default=False
        Whether another scene begins.
    step : tuple of float, default=(0.0, 0.0)
        Pixels down and to the right.
    """

    cut: bool = False
    step: tuple = (0.0, 0.0)


@dataclass(frozen=True)
class Context:
    """How frames of a movie are seen together.

    Parameters
    ----------
    reach : int
        How many frames on each side; 0 is a frame alone.
    gap : int, default=0
        How many frames next to a frame are left out, as the camera remembers them.
    alike : float, default=0.0
        Correlation of frames that follow one another; where there is half of it or less, there
        is a cut. 0 is for frames of which that cannot be told.
    """

    reach: int
    gap: int = 0
    alike: float = 0.0

    @classmethod
    def learn(cls, reach: int | str, stack: np.ndarray, prepared: np.ndarray) -> Self | None:
        """Learn from a movie which frames are of use to one another, and say what is odd.

        Parameters
        ----------
        reach : int or "auto"
            How many frames on each side; ``"auto"`` is 2 where they help, and 0 elsewhere.
        stack, prepared : ndarray of shape (n, height, width)
            The movie as it came, and on the grid.

        Returns
        -------
        Context or None
            What was learned; None where frames are best seen alone.
        """
        if reach == 0 or len(stack) < 2:
            return None
        gap, shared = frames_that_share_noise(stack)
        pairs = [correlation(*pair) for pair in pairwise(prepared)]
        alike = float(np.median([alike for alike, _ in pairs]))
        error = standard_error(prepared.shape[1:])
        context = cls(
            _AUTO if reach == "auto" else reach, gap, alike if alike > _SURE * error else 0.0
        )
        if gap:
            _tell_of_lag(shared, gap)
        if gap >= len(stack) - 1:
            return None
        if reach == "auto":
            frames = torch.from_numpy(prepared)[:, None]
            chosen = context.neighbours([link for _, link in linked(frames, context)])
            if not context.alike or not neighbours_help(frames, chosen):
                return None
        _tell_of_drift([step for _, step in pairs])
        return context

    @property
    def span(self) -> int:
        """Distance to the farthest frame that the network sees with a frame."""
        return self.reach + self.gap

    @property
    def filtered(self) -> int:
        """Distance to the farthest frame that the filter sees with a frame."""
        return 2 * self.reach

    @property
    def delay(self) -> int:
        """Frames after a frame, and before it, that its result depends on."""
        return self.span + self.filtered

    def link(self, before: np.ndarray, after: np.ndarray) -> Link:
        """Tell how a frame follows another.

        Parameters
        ----------
        before, after : ndarray of shape (height, width)
            The frames, on the grid.

        Returns
        -------
        Link
            Whether there is a cut between them, as where their sizes differ, and how far the second
            has moved.
        """
        if before.shape != after.shape:
            return Link(cut=True)
        alike, step = correlation(before, after)
        cut = alike < self.alike / 2
        return Link(cut, (0.0, 0.0) if cut else step)

    def neighbours(self, links: list[Link]) -> Neighbours:
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
        return self._choose(links, self.reach, self.gap)

    def filtered_with(self, links: list[Link]) -> Neighbours:
        """Return the frames that a filter sees frames with: it knows how much noise they share.

        Parameters
        ----------
        links : list of Link
            As in :meth:`neighbours`.

        Returns
        -------
        Neighbours
            Those of each.
        """
        return self._choose(links, self.filtered, gap=0)

    def _choose(self, links, reach, gap):
        scenes = np.cumsum([link.cut for link in links])
        places = np.cumsum([link.step for link in links], axis=0)
        return Neighbours.choose(scenes, places, reach, gap)


def linked(frames: Iterable[torch.Tensor], context: Context) -> Iterator[tuple[torch.Tensor, Link]]:
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


def _tell_of_lag(shared, gap):
    warnings.warn(
        f"Frames that follow one another share noise, with a correlation of {shared:.2f}, up to a "
        f"distance of {gap}, as from a camera that remembers: frames as near are left out of what "
        "a frame is seen with.",
        UserWarning,
        stacklevel=6,
    )


def _tell_of_drift(steps):
    farthest = np.max(np.hypot(*np.transpose(steps)))
    if farthest:
        warnings.warn(
            f"Frames are displaced by up to {farthest:.0f} pixels of the grid from one to the "
            "next: the frames around each are moved back by whole pixels.",
            UserWarning,
            stacklevel=6,
        )
