"""A movie that is looked at a few frames at a time."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

_NONE = object()


def sliding(frames: Iterable[Any], reach: int) -> Iterator[tuple[list[Any], int]]:
    """Yield every frame with those around it.

    Parameters
    ----------
    frames : iterable
        The frames, which are asked for one after the other.
    reach : int
        How many frames before and after each.

    Yields
    ------
    window : list
        The frame and up to `reach` on either side, in order; fewer at both ends.
    centre : int
        Where in the window the frame is.

    Examples
    --------
    >>> [(window[centre], window) for window, centre in sliding("abcd", 1)]
    [('a', ['a', 'b']), ('b', ['a', 'b', 'c']), ('c', ['b', 'c', 'd']), ('d', ['c', 'd'])]
    """
    window = deque(maxlen=2 * reach + 1)
    for frame in chain(frames, repeat(_NONE, reach)):
        window.append(frame)
        centre = len(window) - 1 - reach
        if centre >= 0:
            yield [each for each in window if each is not _NONE], centre
