"""Images of any size for networks whose poolings ask for sides of a certain multiple."""

from collections.abc import Callable
from typing import Any

import torch

from .._sides import pad_to_multiple
from .._symmetries import turn, turn_back


def tile_multiple(encoder):
    """Return the multiple of pixels on which a tile has to start for an encoder.

    Parameters
    ----------
    encoder : torch.nn.Module
        May have an attribute ``side_multiple``, what its poolings ask of the sides of an image,
        and ``tile_multiple``, if windows have to fall alike too.

    Returns
    -------
    int
        The multiple; 1 for an encoder that says nothing.

    Examples
    --------
    >>> from sk_noise2sr.networks import Uformer
    >>> tile_multiple(Uformer(1, 16, n_levels=2, window=8))
    32
    """
    return getattr(encoder, "tile_multiple", getattr(encoder, "side_multiple", 1))


def at_any_side(
    network: Callable[..., Any],
    *images: torch.Tensor,
    side_multiple: int,
    scale: int = 1,
    symmetry: int = 0,
    padding: str = "replicate",
) -> torch.Tensor:
    """Pad images, turn them, call a network, and undo both on its output.

    Padding repeats the last row and column, which shows a network no pixel that it has not been
    given. It comes before turning: poolings then fall alike in a tile and in the whole frame.

    Parameters
    ----------
    network : callable
        Maps tensors whose sides are multiples to one that is `scale` times as high and wide.
    *images : Tensor of shape (n, channels, height, width)
        What the network takes, all of one size.
    side_multiple : int
        Multiple of pixels that the network asks for.
    scale : int, default=1
        Factor between the sides of input and output.
    symmetry : int, default=0
        Which of the eight flips and rotations the network sees; 0 changes nothing.
    padding : {"replicate", "constant"}, default="replicate"
        ``"constant"`` adds zeros, as convolutions do at the borders of training crops.

    Returns
    -------
    Tensor of shape (n, out_channels, scale * height, scale * width)
        The output of the network for the pixels that are no padding.

    Examples
    --------
    >>> import torch
    >>> blur = torch.nn.Sequential(torch.nn.AvgPool2d(4), torch.nn.Upsample(scale_factor=4))
    >>> at_any_side(blur, torch.ones(1, 1, 2, 5), side_multiple=4).shape
    torch.Size([1, 1, 2, 5])
    """
    height, width = (scale * side for side in images[0].shape[-2:])
    padded = [turn(pad_to_multiple(image, side_multiple, padding), symmetry) for image in images]
    made = network(*padded)
    _check_sides(made, padded[0].shape, scale)
    return turn_back(made, symmetry)[..., :height, :width]


def _check_sides(made, shape, scale):
    """Raise ValueError if a network made something else than images of the right sides."""
    expected = tuple(scale * side for side in shape[-2:])
    got = tuple(getattr(made, "shape", ()))
    if got[-2:] != expected:
        raise ValueError(
            f"Expected the network to make {expected[0]} x {expected[1]} pixels of a tensor of "
            f"shape {tuple(shape)} (images, channels, rows, columns), got "
            f"{got or type(made).__name__}. Pad its convolutions, and return one tensor."
        )
