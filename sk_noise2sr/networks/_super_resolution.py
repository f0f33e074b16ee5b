"""Encoder and decoder joined: from a sub-sampled image to one of full size."""

from torch import nn

from .._sides import pad_to_multiple
from .._symmetries import turn, turn_back
from ._compact import CompactDecoder, CompactUNet
from ._decoder import SuperResolutionDecoder
from ._unet import UNet

# A name stands for an encoder, the channels it hands on, and the decoder that reads them.
ENCODERS = {
    "compact": (CompactUNet, 16, CompactDecoder),
    "unet": (UNet, 128, SuperResolutionDecoder),
}
_CALLABLE_FEATURES = 16


class SuperResolutionNetwork(nn.Module):
    """Map sub-sampled images to images ``stride`` times as high and wide.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps (n, 1, height, width) to features of the same size. If it has an attribute
        ``side_multiple``, its input is padded to that by repeating the border, which shows it
        no pixel that it has not been given.
    decoder : torch.nn.Module
        Maps the features to (n, 1, stride * height, stride * width).
    stride : int
        Factor between the sides of input and output.
    """

    def __init__(self, encoder, decoder, stride):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.stride = stride

    @property
    def side_multiple(self):
        """Multiple of full-size pixels on which tiles have to start."""
        return self.stride * getattr(self.encoder, "side_multiple", 1)

    def forward(self, kept, symmetry=0):
        """Predict full-size images from sub-sampled ones.

        Parameters
        ----------
        kept : Tensor of shape (n, 1, height, width)
            Sub-sampled images.
        symmetry : int, default=0
            The network sees the images turned so, and its prediction is turned back. Padding
            comes first: poolings then fall alike in a tile and in the whole frame.

        Returns
        -------
        Tensor of shape (n, 1, stride * height, stride * width)
            The prediction.
        """
        height, width = (self.stride * side for side in kept.shape[-2:])
        padded = pad_to_multiple(kept, getattr(self.encoder, "side_multiple", 1))
        turned = self.decoder(self.encoder(turn(padded, symmetry)))
        return turn_back(turned, symmetry)[..., :height, :width]


def make_super_resolution_network(
    encoder, stride, *, upsampler="pixelshuffle", encoder_options=None
):
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
    if callable(encoder):
        make, n_features, decoder = encoder, _CALLABLE_FEATURES, CompactDecoder
    else:
        make, n_features, decoder = ENCODERS[encoder]
    return SuperResolutionNetwork(
        make(1, n_features, **(encoder_options or {})),
        decoder(n_features, stride, upsampler),
        stride,
    )
