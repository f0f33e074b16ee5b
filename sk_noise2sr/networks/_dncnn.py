"""The plain stack of convolutions of Noise2Self."""

from torch import nn


class DnCNN(nn.Sequential):
    """Convolutions 3 x 3 without bias, batch normalisation and ReLU between them.

    As used by Noise2Self [2]_: the output is the image, not the noise as in the original [1]_. No
    pooling; it looks ``n_layers`` pixels far.

    Parameters
    ----------
    in_channels : int, default=1
        Channels of the input.
    out_channels : int, default=1
        Channels of the output.
    n_layers : int, default=17
        Number of convolutions, at least 2.
    n_features : int, default=64
        Channels between them.

    References
    ----------
    .. [1] K. Zhang et al., "Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for Image
       Denoising", IEEE Transactions on Image Processing 26, 3142-3155, 2017.
    .. [2] J. Batson, L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019.

    Examples
    --------
    >>> sum(weights.numel() for weights in DnCNN(n_layers=8).parameters())
    223104
    """

    side_multiple = 1

    def __init__(
        self, in_channels: int = 1, out_channels: int = 1, n_layers: int = 17, n_features: int = 64
    ):
        inner = [_normalised(n_features) for _ in range(n_layers - 2)]
        super().__init__(
            nn.Sequential(_conv(in_channels, n_features), nn.ReLU(inplace=True)),
            *inner,
            _conv(n_features, out_channels),
        )


def _normalised(n_features):
    return nn.Sequential(
        _conv(n_features, n_features), nn.BatchNorm2d(n_features), nn.ReLU(inplace=True)
    )


def _conv(n_in, n_out):
    return nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
