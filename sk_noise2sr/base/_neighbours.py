"""Frames of a movie on the grid, each with the neighbours that a network sees with it."""

from .. import engine, movies


def neighbours_in(prepared, context):
    """Return the neighbours of each frame of a movie on the grid, (n, height, width)."""
    if context is None:
        return None
    frames = engine.to_tensor(prepared, "cpu")
    return context.neighbours([link for _, link in movies.linked(frames, context)])


def with_neighbours(frames, context):
    """Yield prepared frames together with their neighbours.

    Parameters
    ----------
    frames : iterable of Tensor of shape (1, height, width)
        The frames, on the grid.
    context : Context or None
        How they are seen together; None is one by one.

    Yields
    ------
    Tensor of shape (1 + n_neighbours, height, width)
        A frame, and then its neighbours.
    """
    if context is None:
        yield from frames
        return
    for window, centre in movies.sliding(movies.linked(frames, context), context.span):
        noisy, links = zip(*window, strict=True)
        yield movies.surround(noisy, centre, context.neighbours(links))
