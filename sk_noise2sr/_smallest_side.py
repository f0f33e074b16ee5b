"""The shortest side that a method can use."""


def check_sides(images, smallest):
    """Raise if a side of the images is shorter than the method needs.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        A stack.
    smallest : int
        Shortest side allowed, in pixels.

    Raises
    ------
    ValueError
        If a side is shorter.

    Examples
    --------
    >>> import numpy as np
    >>> check_sides(np.zeros((1, 1, 48)), 2)
    Traceback (most recent call last):
        ...
    ValueError: Expected sides of at least 2 pixels, got an image of 1 x 48.
    """
    height, width = images.shape[-2:]
    if min(height, width) < smallest:
        raise ValueError(
            f"Expected sides of at least {smallest:.6g} pixels, got an image of {height} x {width}."
        )
