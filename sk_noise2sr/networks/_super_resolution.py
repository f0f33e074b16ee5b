"""Encoder and decoder joined: from a sub-sampled image to one of full size."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .._symmetries import turn
from ._any_side import at_any_side, tile_multiple
from ._compact import CompactDecoder, CompactUNet
from ._decoder import SuperResolutionDecoder
from ._dncnn import DnCNN
from ._restormer import Restormer
from ._uformer import Uformer
from ._unet import UNet

# About three times the CPU seconds of CompactUNet; small windows are best in short trainings.
_SMALL_UFORMER = partial(
    Uformer, n_levels=2, n_features=32, window=4, expansion=2, drop_path=0.0, modulated=False
)
# Little more CPU seconds than CompactUNet: no attention on the finest level, where it costs most;
# four levels, to look far where atoms are large and the noise is strong.
_SMALL_RESTORMER = partial(Restormer, n_blocks=(0, 1, 1, 2), n_refinement=0, expansion=2)

# A name stands for an encoder, the number of its output channels, and its decoder.
ENCODERS = {
    "compact": (CompactUNet, 16, CompactDecoder),
    "unet": (UNet, 128, SuperResolutionDecoder),
    "unet_untied": (partial(UNet, tie_weights=False), 128, SuperResolutionDecoder),
    "dncnn": (DnCNN, 64, SuperResolutionDecoder),
    "uformer": (Uformer, 64, SuperResolutionDecoder),
    "restormer": (Restormer, 96, SuperResolutionDecoder),
    "uformer_compact": (_SMALL_UFORMER, 16, CompactDecoder),
    "restormer_compact": (_SMALL_RESTORMER, 24, CompactDecoder),
}
_CALLABLE_FEATURES = 16


class SuperResolutionNetwork(nn.Module):
    """Map sub-sampled images to images ``stride`` times as high and wide.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps (n, 1 + n_neighbours * stride**2, height, width) to features of the same size. If
        it has an attribute ``side_multiple``, its input is padded to that by repeating the
        border, which shows it no pixel that it has not been given; with neighbours, by zeros.
    decoder : torch.nn.Module
        Maps the features to (n, 1, stride * height, stride * width).
    stride : int
        Factor between the sides of input and output.
    n_neighbours : int, default=0
        How many whole images it sees beside each sub-sampled one.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, stride: int, n_neighbours: int = 0):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.stride = stride
        self.n_neighbours = n_neighbours

    @property
    def side_multiple(self) -> int:
        """Multiple of full-size pixels on which tiles have to start."""
        return self.stride * tile_multiple(self.encoder)

    def forward(
        self, kept: torch.Tensor, symmetry: int = 0, around: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Predict full-size images from sub-sampled ones.

        Parameters
        ----------
        kept : Tensor of shape (n, 1, height, width)
            Sub-sampled images.
        symmetry : int, default=0
            The network sees the images turned so, and its prediction is turned back.
        around : Tensor of shape (n, n_neighbours, stride * height, stride * width), default=None
            Whole images, such as the frames before and after. None is for images of zeros.

        Returns
        -------
        Tensor of shape (n, 1, stride * height, stride * width)
            The prediction.
        """
        # Turned, windows begin at the other end; they have to fall alike in every tile.
        multiple = (
            tile_multiple(self.encoder) if symmetry else getattr(self.encoder, "side_multiple", 1)
        )
        return at_any_side(
            lambda padded: self.decoder(self.encoder(padded)),
            self._with_cells(kept, around, symmetry) if self.n_neighbours else kept,
            side_multiple=multiple,
            scale=self.stride,
            symmetry=symmetry,
            padding="constant" if self.n_neighbours else "replicate",
        )

    def _with_cells(self, kept, around, symmetry):
        """Put the pixels of each cell of whole images behind the one that is kept, as channels.

        They are in the order in which they lie once the image is turned.
        """
        n_pixels = self.stride**2
        if around is None:
            n, _, height, width = kept.shape
            return torch.cat(
                [kept, kept.new_zeros(n, self.n_neighbours * n_pixels, height, width)], 1
            )
        order = turn(torch.arange(n_pixels).reshape(self.stride, self.stride), symmetry).flatten()
        first = n_pixels * torch.arange(self.n_neighbours)[:, None]
        cells = F.pixel_unshuffle(around, self.stride)[:, (first + order).flatten()]
        return torch.cat([kept, cells], dim=1)


def make_super_resolution_network(
    encoder: str | Callable[..., nn.Module],
    stride: int,
    *,
    upsampler: str = "pixelshuffle",
    encoder_options: dict[str, Any] | None = None,
    n_neighbours: int = 0,
) -> SuperResolutionNetwork:
    """Make the network of Noise2SR.

    Parameters
    ----------
    encoder : str or callable
        A name in ``ENCODERS``, or a callable ``(in_channels, out_channels) -> Module``
        whose output has the size of its input.
    stride : int
        Factor between the sides of input and output, at least 2.
    upsampler : {"pixelshuffle", "transposed", "bilinear"}, default="pixelshuffle"
        How features are brought to full size.
    encoder_options : dict or None, default=None
        Further arguments of the encoder, such as ``tie_weights`` of :class:`UNet`.
    n_neighbours : int, default=0
        How many whole images it sees beside each sub-sampled one.

    Returns
    -------
    SuperResolutionNetwork
        A network with fresh weights from torch's current generator.

    Raises
    ------
    KeyError
        If the name is unknown.

    Examples
    --------
    >>> network = make_super_resolution_network("unet", stride=2)
    >>> sum(weights.numel() for weights in network.parameters())
    1736097
    """
    make, n_features = encoder_and_features(encoder)
    decoder = CompactDecoder if callable(encoder) else ENCODERS[encoder][2]
    return SuperResolutionNetwork(
        make(1 + n_neighbours * stride**2, n_features, **(encoder_options or {})),
        decoder(n_features, stride, upsampler),
        stride,
        n_neighbours,
    )


def encoder_and_features(encoder):
    """Return the factory of an encoder, and its number of output channels.

    Parameters
    ----------
    encoder : str or callable
        A name in ``ENCODERS``, or a callable ``(in_channels, out_channels) -> Module``.

    Returns
    -------
    make : callable
        Takes the channels of input and output.
    n_features : int
        Channels of the output.

    Raises
    ------
    KeyError
        If the name is unknown.
    ValueError
        If it is a network instead of what makes one; later, if it makes none, or one whose output
        has another size.
    """
    if not callable(encoder):
        return ENCODERS[encoder][:2]
    if isinstance(encoder, nn.Module):
        raise ValueError(
            f"encoder makes a network, and is none: give the class {type(encoder).__name__}, or "
            "another callable (in_channels, out_channels) -> Module, not an instance."
        )
    return partial(_checked, encoder), _CALLABLE_FEATURES


def _checked(encoder, in_channels, out_channels):
    """Make a network with an encoder from elsewhere; a wrong output gets a sentence."""
    try:
        network = encoder(in_channels, out_channels)
    except TypeError as error:
        raise ValueError(
            "encoder has to be a callable (in_channels, out_channels) -> Module; called with "
            f"({in_channels}, {out_channels}), {_name(encoder)} says: {error}."
        ) from error
    if not isinstance(network, nn.Module):
        raise ValueError(
            f"encoder has to return a torch.nn.Module; {_name(encoder)} returned "
            f"{type(network).__name__}."
        )
    network.register_forward_hook(partial(_check_features, _name(encoder), out_channels))
    return network


def _check_features(name, out_channels, network, inputs, output):
    expected = (len(inputs[0]), out_channels, *inputs[0].shape[2:])
    got = tuple(getattr(output, "shape", ())) or type(output).__name__
    if got != expected:
        raise ValueError(
            f"The encoder {name} has to return features of the size of its input, {expected} "
            f"(images, channels, rows, columns), and returned {got}; pad its convolutions, and "
            "return one tensor."
        )


def _name(encoder):
    return getattr(encoder, "__name__", type(encoder).__name__)


def encoder_options(
    encoder: str | Callable[..., nn.Module], binned: bool, **by_name: Any
) -> dict[str, Any]:
    """Return the options of an encoder.

    Parameters
    ----------
    encoder : str or callable
        As in :func:`make_super_resolution_network`.
    binned : bool
        Whether it works on a binned image. On the full grid a small network has to look farther.
    **by_name : dict
        Options of encoders by their name.

    Returns
    -------
    dict
        The options.

    Examples
    --------
    >>> encoder_options("compact", binned=True), encoder_options("unet", binned=True)
    ({'n_levels': 3}, {})
    """
    if encoder == "compact":
        return {"n_levels": 3 if binned else 4}
    return by_name.get(encoder, {}) if isinstance(encoder, str) else {}
