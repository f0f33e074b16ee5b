"""The network of FBI-Denoiser: blind to a pixel by the shape of its convolutions."""

import torch
from torch import nn
from torch.nn import functional as F


class FBINet(nn.Module):
    """Convolutions with holes: what comes out at a pixel has not seen that pixel.

    The first convolution is 3 x 3 without its centre, the second reaches its centre and the
    knight's moves around it, all others their centre and the four corners of a square of seven
    pixels. No sum of such steps is zero [1]_. No pooling.

    Parameters
    ----------
    n_layers : int, default=8
        Number of convolutions with holes, at least 2; the published models have 8 or 17. The
        network looks ``3 * (n_layers - 1)`` pixels far, up, down and sideways.
    n_features : int, default=64
        Channels between them.
    out_channels : int, default=2
        Channels of the output. For the affine map ``a * noisy + b`` of the paper, two. They come
        as they are; squashing them is up to the caller.
    slope : float, default=0.0
        Slope of the activations (PReLU) at negative values before training. With 0, as
        published, a channel can be dead from the start, which a narrow network cannot afford.

    References
    ----------
    .. [1] J. Byun, S. Cha, T. Moon, "FBI-Denoiser: Fast Blind Image Denoiser for Poisson-Gaussian
       Noise", CVPR 2021.

    Examples
    --------
    >>> network = FBINet()
    >>> sum(weights.numel() for weights in network.parameters())
    401795
    >>> network(torch.zeros(1, 1, 9, 7)).shape
    torch.Size([1, 2, 9, 7])
    """

    side_multiple = 1

    def __init__(
        self, n_layers: int = 8, n_features: int = 64, out_channels: int = 2, slope: float = 0.0
    ):
        super().__init__()
        f = n_features
        first = nn.Sequential(_HoledConv2d(1, f, _ring()), nn.PReLU(1, slope))
        second = nn.Sequential(_HoledConv2d(f, f, _knight()), nn.PReLU(f, slope))
        others = [
            nn.Sequential(_HoledConv2d(f, f, _corners(), dilation=3), nn.PReLU(f, slope))
            for _ in range(n_layers - 2)
        ]
        self.convolutions = nn.ModuleList([first, second, *others])
        merging = [nn.Identity(), *(nn.PReLU(f, slope) for _ in range(n_layers - 1))]
        self.mixing = nn.ModuleList(nn.Sequential(act, _Residual(f, slope)) for act in merging)
        self.last = nn.Sequential(
            nn.PReLU(f, slope), _Residual(f, slope), nn.Conv2d(f, out_channels, 1)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, 1, height, width) to (n, out_channels, height, width)."""
        hidden, mixed, total = images, None, 0
        for convolve, mix in zip(self.convolutions, self.mixing, strict=True):
            hidden = convolve(hidden)
            mixed = mix(hidden if mixed is None else (hidden + mixed) / 2)
            total = total + mixed
        return self.last(total / len(self.mixing))


class _HoledConv2d(nn.Conv2d):
    """Convolution that sees only some of the pixels under its kernel."""

    def __init__(self, in_channels, out_channels, taps, dilation=1):
        side = len(taps)
        padding = dilation * (side // 2)
        super().__init__(in_channels, out_channels, side, padding=padding, dilation=dilation)
        self.register_buffer("taps", taps, persistent=False)

    def forward(self, images):
        weight = self.weight * self.taps
        return F.conv2d(images, weight, self.bias, padding=self.padding, dilation=self.dilation)


class _Residual(nn.Module):
    """Two 1 x 1 convolutions, averaged with their input."""

    def __init__(self, n_features, slope):
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv2d(n_features, n_features, 1),
            nn.PReLU(n_features, slope),
            nn.Conv2d(n_features, n_features, 1),
        )
        self.activation = nn.PReLU(n_features, slope)

    def forward(self, features):
        return self.activation((features + self.inner(features)) / 2)


def _squared_distances(side):
    offsets = torch.arange(side) - side // 2
    return offsets[:, None] ** 2 + offsets**2


def _ring():
    return (_squared_distances(3) > 0).float()


def _knight():
    distances = _squared_distances(5)
    return ((distances == 0) | (distances == 5)).float()


def _corners():
    return (_squared_distances(3) != 1).float()
