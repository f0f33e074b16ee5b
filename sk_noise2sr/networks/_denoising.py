"""Encoder and head joined: from an image to one of the same size."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from ._any_side import at_any_side, tile_multiple
from ._dncnn import DnCNN
from ._restormer import Restormer
from ._super_resolution import encoder_and_features
from ._uformer import Uformer
from ._unet import UNet


class DenoisingNetwork(nn.Module):
    """Map images to images of the same size, whatever it is.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps (n, channels, height, width) to features of the same size. If it has an attribute
        ``side_multiple``, its input is padded to that by repeating the border.
    head : torch.nn.Module
        Maps the features to (n, 1, height, width).
    residual : bool, default=False
        Whether the image is added to the output of the head.
    n_neighbours : int, default=0
        How many more images it sees beside each one; they are zeros where only one is given.

    Examples
    --------
    >>> import torch
    >>> from sk_noise2sr.networks import CompactUNet
    >>> network = DenoisingNetwork(CompactUNet(1, 8), torch.nn.Conv2d(8, 1, 1))
    >>> network(torch.zeros(2, 1, 13, 7)).shape
    torch.Size([2, 1, 13, 7])
    """

    def __init__(
        self, encoder: nn.Module, head: nn.Module, residual: bool = False, n_neighbours: int = 0
    ):
        super().__init__()
        self.encoder = encoder
        self.head = head
        self.residual = residual
        self.n_neighbours = n_neighbours

    @property
    def side_multiple(self) -> int:
        """Multiple of pixels on which tiles have to start."""
        return tile_multiple(self.encoder)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Predict an image from an image.

        Parameters
        ----------
        images : Tensor of shape (n, channels, height, width)
            Images; the first channel is what is denoised.

        Returns
        -------
        Tensor of shape (n, 1, height, width)
            The prediction.
        """
        if self.n_neighbours and images.shape[1] == 1:
            images = F.pad(images, (0, 0, 0, 0, 0, self.n_neighbours))
        change = at_any_side(
            lambda padded: self.head(self.encoder(padded)),
            images,
            side_multiple=getattr(self.encoder, "side_multiple", 1),
        )
        return images[:, :1] + change if self.residual else change


def make_denoising_network(
    encoder: str | Callable[..., nn.Module],
    *,
    encoder_options: dict[str, Any] | None = None,
    n_neighbours: int = 0,
) -> DenoisingNetwork:
    """Make a network that maps an image to one of the same size.

    ``"unet"`` has the tail of Noise2Noise, 64 and 32 channels, ``"dncnn"`` is DnCNN itself, and
    ``"uformer"`` and ``"restormer"`` end as published: in a 3 x 3 convolution, for Restormer the
    change of its input. Any other encoder gets a 1 x 1 convolution, which starts by predicting
    zero everywhere.

    Parameters
    ----------
    encoder : str or callable
        A name in ``ENCODERS``, or a callable ``(in_channels, out_channels) -> Module``
        whose output has the size of its input.
    encoder_options : dict or None, default=None
        Further arguments of the encoder, such as ``tie_weights`` of :class:`UNet` or
        ``n_layers`` of :class:`DnCNN`.
    n_neighbours : int, default=0
        How many more images it sees beside each one.

    Returns
    -------
    DenoisingNetwork
        A network with fresh weights from torch's current generator.

    Raises
    ------
    KeyError
        If the name is unknown.

    Examples
    --------
    >>> for name in ("compact", "unet"):
    ...     network = make_denoising_network(name)
    ...     print(name, sum(weights.numel() for weights in network.parameters()))
    compact 73953
    unet 698017
    """
    if encoder in _PUBLISHED:
        make, n_features, make_head = _PUBLISHED[encoder]
    else:
        make, n_features = encoder_and_features(encoder)
        make_head = _zero_head
    return DenoisingNetwork(
        make(1 + n_neighbours, n_features, **(encoder_options or {})),
        make_head(n_features),
        residual=encoder == "restormer",
        n_neighbours=n_neighbours,
    )


def _zero_head(n_features):
    head = nn.Conv2d(n_features, 1, 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def _wide_head(n_features):
    return nn.Conv2d(n_features, 1, 3, padding=1)


# Encoders whose published form at full size differs from that of ENCODERS: what makes them, the
# number of their output channels, and what makes the head.
_PUBLISHED = {
    "unet": (partial(UNet, tail=(64,)), 32, _wide_head),
    "unet_untied": (partial(UNet, tail=(64,), tie_weights=False), 32, _wide_head),
    "dncnn": (DnCNN, 1, nn.Identity),
    "uformer": (Uformer, 64, _wide_head),
    "restormer": (Restormer, 96, _wide_head),
}
