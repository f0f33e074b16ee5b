"""The middle of an image, which stands for all of it."""


def middle_of(image, side):
    """Return the middle of an image.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        An image.
    side : int
        The largest height and width to return.

    Returns
    -------
    ndarray
        A view; all of a small image.
    """
    top, left = (max(0, length - side) // 2 for length in image.shape)
    return image[top : top + side, left : left + side]
