"""Choose a sampling in which no kept pixel shares its noise with those that are predicted."""

import numpy as np

from ..grid import Colour, colour_of_image

_CERTAIN, _LEAST = 3.4, 0.03  # standard errors, and a correlation that is worth it


def choose_sampling(
    stack: np.ndarray, factors: tuple[float, float] = (1.0, 1.0), colour: Colour | None = None
) -> str:
    """Read off noisy images whether neighbours along rows, or along columns, share their noise.

    The correlation between neighbours of the binned image decides. Lines that are displaced or too
    bright are ignored: they show at low frequencies only, which no sub-sampling hides.

    Parameters
    ----------
    stack : ndarray of shape (n, height, width)
        Noisy images, of which the first is looked at.
    factors : pair of float, default=(1.0, 1.0)
        By what height and width will be divided.
    colour : Colour or None, default=None
        The colour of their noise, where it is known; None reads it off the first.

    Returns
    -------
    {"random", "rows", "columns"}
        ``"rows"`` where noise is correlated along rows, and not as much along columns;
        ``"columns"`` the other way round; ``"random"`` where neither is certain.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=(1, 256, 256))
    >>> choose_sampling(noise), choose_sampling(noise + np.roll(noise, 1, axis=2))
    ('random', 'rows')
    """
    colour = colour or colour_of_image(stack[0])
    if colour is None:
        return "random"
    shape = stack.shape[1:]
    found = {
        "rows": colour.correlation_of_neighbours(shape, factors, axis=1),
        "columns": colour.correlation_of_neighbours(shape, factors, axis=0),
    }
    # Nearly all that happens to noise makes neighbours alike: a negative correlation has to be
    # twice as sure.
    strengths = {name: max(value, -value / 2) for name, (value, _) in found.items()}
    certain = {
        name: strength
        for name, strength in strengths.items()
        if strength > max(_CERTAIN * found[name][1], _LEAST)
    }
    return max(certain, key=certain.get, default="random")
