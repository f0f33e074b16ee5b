"""The published super-resolved decoder."""

from torch import nn

from ._upsamplers import make_upsampler


class SuperResolutionDecoder(nn.Sequential):
    """Up-sample the features of the encoder and read one intensity off each pixel.

    Up-sampler, LeakyReLU(0.1), a 3 x 3 and two 1 x 1 convolutions, as in the released code; the
    text of the paper has three 1 x 1 convolutions, which its own operation counts contradict.

    Parameters
    ----------
    n_features : int
        Channels of the encoder's output.
    stride : int
        Factor between the sides of input and output.
    upsampler : {"pixelshuffle", "transposed", "bilinear"}, default="pixelshuffle"
        How features are brought to full size.

    References
    ----------
    X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
    IEEE TCI 10, 1462-1475, 2024.

    Examples
    --------
    >>> decoder = SuperResolutionDecoder(128, stride=2)
    >>> sum(weights.numel() for weights in decoder.parameters())
    705729
    """

    def __init__(self, n_features: int, stride: int, upsampler: str = "pixelshuffle"):
        super().__init__(
            make_upsampler(upsampler, n_features, stride),
            nn.LeakyReLU(0.1, inplace=True),
            nn.Conv2d(n_features, 96, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(96, 48, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(48, 1, 1),
        )
