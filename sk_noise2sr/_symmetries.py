"""The eight flips and rotations by 90 degrees, which move pixels and mix none."""

N_SYMMETRIES = 8
N_FLIPS = 4  # the first of them, which keep rows rows


def turn(images, symmetry):
    """Apply one of the eight symmetries of a square to images.

    Parameters
    ----------
    images : Tensor of shape (..., height, width)
        Any size; the sides swap for symmetries 4 to 7.
    symmetry : int
        Bit 2 transposes, then bit 0 flips the rows and bit 1 the columns; 0 changes nothing.

    Returns
    -------
    Tensor
        The turned images.
    """
    if symmetry & 4:
        images = images.transpose(-2, -1)
    return images.flip(_flipped_axes(symmetry))


def turn_back(images, symmetry):
    """Undo :func:`turn` of the same symmetry.

    Parameters
    ----------
    images : Tensor of shape (..., height, width)
        Turned images.
    symmetry : int
        The symmetry that turned them.

    Returns
    -------
    Tensor
        The images as they were.
    """
    images = images.flip(_flipped_axes(symmetry))
    return images.transpose(-2, -1) if symmetry & 4 else images


def _flipped_axes(symmetry):
    return [axis for bit, axis in ((1, -2), (2, -1)) if symmetry & bit]
