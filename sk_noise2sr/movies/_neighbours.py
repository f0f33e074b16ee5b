"""Which frames of a movie each frame is seen with, and where they are cut out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The frames that each frame of a movie is seen with, in order of time.

    Parameters
    ----------
    frames : ndarray of int of shape (n, n_neighbours)
        Their numbers; -1 where there is none.
    shifts : ndarray of int of shape (n, n_neighbours, 2)
        How much farther down and to the right they show what the frame shows, in pixels.
    """

    frames: np.ndarray
    shifts: np.ndarray

    @classmethod
    def choose(cls, scenes: ArrayLike, places: ArrayLike, reach: int, gap: int = 0) -> Self:
        """Choose the nearest frames of the same scene, in order of time.

        There is none before the first frame of a scene, and none after its last.

        Parameters
        ----------
        scenes : array-like of int of shape (n,)
            The scene of each frame; a cut is where it changes.
        places : array-like of float of shape (n, 2)
            Where each frame shows one and the same thing, in pixels down and to the right.
        reach : int
            How many frames on each side.
        gap : int, default=0
            How many frames next to the frame are left out.

        Returns
        -------
        Neighbours
            The choice, with ``2 * reach`` neighbours.

        Examples
        --------
        >>> Neighbours.choose([0, 0, 0, 1], np.zeros((4, 2)), reach=1).frames
        array([[-1,  1],
               [ 0,  2],
               [ 1, -1],
               [-1, -1]])
        """
        scenes, places = np.asarray(scenes), np.asarray(places)
        offsets = np.arange(gap + 1, gap + reach + 1)
        offsets = np.concatenate([-offsets[::-1], offsets])
        frames = np.arange(len(scenes))[:, np.newaxis] + offsets
        frames = np.where(_same_scene(scenes, frames), frames, -1)
        shifts = np.rint(places[frames] - places[:, np.newaxis]).astype(int)
        return cls(frames, np.where(frames[..., np.newaxis] < 0, 0, shifts))


def _same_scene(scenes, numbers):
    inside = (numbers >= 0) & (numbers < len(scenes))
    return inside & (scenes[numbers.clip(0, len(scenes) - 1)] == scenes[:, np.newaxis])


def surround(
    movie: Sequence[torch.Tensor],
    number: int,
    neighbours: Neighbours | None,
    window: tuple[slice, slice] = (slice(None), slice(None)),
) -> torch.Tensor:
    """Cut a window out of a frame and out of its neighbours.

    Parameters
    ----------
    movie : sequence of Tensor of shape (1, height, width)
        The frames.
    number : int
        The frame.
    neighbours : Neighbours or None
        The frames it is seen with; None is for none.
    window : tuple of two slice, default=(slice(None, None, None), slice(None, None, None))
        Rows and columns.

    Returns
    -------
    Tensor of shape (1 + n_neighbours, height, width) of the window
        The frame, then its neighbours in order of time. They are 0, the mean of the movie, where
        there is none and beyond their borders.

    Examples
    --------
    >>> movie = torch.arange(3.0)[:, None, None, None].expand(3, 1, 2, 2)
    >>> surround(movie, 1, Neighbours.choose([0, 0, 0], np.zeros((3, 2)), reach=1))[:, 0, 0]
    tensor([1., 0., 2.])
    """
    frame = movie[number][:, *window]
    if neighbours is None:
        return frame
    chosen = zip(neighbours.frames[number], neighbours.shifts[number], strict=True)
    around = [
        torch.zeros_like(frame) if other < 0 else _window(movie[other], window, shift)
        for other, shift in chosen
    ]
    return torch.cat([frame, *around])


def _window(frame, window, shift):
    """Return a window that is moved by a shift, with zeros beyond the borders."""
    spans = [
        (start + move, stop + move, side)
        for (start, stop, _), move, side in zip(
            (part.indices(side) for part, side in zip(window, frame.shape[-2:], strict=True)),
            shift.tolist(),
            frame.shape[-2:],
            strict=True,
        )
    ]
    inside = [slice(max(first, 0), max(stop, 0)) for first, stop, _ in spans]
    missing = [
        (min(max(-first, 0), stop - first), min(max(stop - side, 0), stop - first))
        for first, stop, side in spans
    ]
    return F.pad(frame[:, *inside], [*missing[1], *missing[0]])
