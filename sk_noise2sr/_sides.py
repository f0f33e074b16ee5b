"""Sides that are no multiple of what a network needs: cropped for training, padded for inference.

Padding an image before it is sub-sampled repeats pixels, so that a copy of a target could be
kept as input; hence training crops. A sub-sampled image holds no targets: it may be padded.
"""

from torch.nn import functional as F


def crop_to_multiple(images, multiple):
    """Cut rows and columns at the bottom and right until both sides are multiples.

    Parameters
    ----------
    images : Tensor of shape (..., height, width)
        Images with sides of at least `multiple`.
    multiple : int
        What the sides have to be a multiple of.

    Returns
    -------
    Tensor
        A view of the images.
    """
    height, width = images.shape[-2:]
    return images[..., : height - height % multiple, : width - width % multiple]


def pad_to_multiple(images, multiple, mode="replicate"):
    """Repeat the last row and column until both sides are multiples.

    Parameters
    ----------
    images : Tensor of shape (n, channels, height, width)
        Images.
    multiple : int
        What the sides have to be a multiple of.
    mode : {"replicate", "constant"}, default="replicate"
        ``"constant"`` adds zeros instead.

    Returns
    -------
    Tensor
        The padded images.
    """
    height, width = images.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    return F.pad(images, (0, right, 0, bottom), mode=mode) if bottom or right else images
