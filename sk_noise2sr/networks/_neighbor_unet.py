"""The U-Net of Neighbor2Neighbor."""

import torch
from torch import nn

from ._any_side import at_any_side


class NeighborUNet(nn.Module):
    """U-Net with five levels and three 1 x 1 convolutions at the end.

    Convolutions 3 x 3 with LeakyReLU(0.2), max-pooling, transposed convolutions 2 x 2; He
    initialisation times 0.1, biases zero, linear output [1]_.

    Parameters
    ----------
    n_features : int, default=48
        Channels on the way down; there are twice as many on the way up.

    References
    ----------
    .. [1] T. Huang et al., "Neighbor2Neighbor: Self-Supervised Denoising from Single Noisy
       Images", CVPR 2021.

    Examples
    --------
    >>> network = NeighborUNet()
    >>> sum(weights.numel() for weights in network.parameters())
    1256689
    >>> network(torch.zeros(1, 1, 20, 37)).shape
    torch.Size([1, 1, 20, 37])
    """

    side_multiple = 32

    def __init__(self, n_features: int = 48):
        super().__init__()
        f = n_features
        self.first = _conv(1, f)
        self.down = nn.ModuleList(nn.Sequential(_conv(f, f), nn.MaxPool2d(2)) for _ in range(5))
        self.bottom = nn.Sequential(_conv(f, f), _double(f))
        deepest = nn.Sequential(_conv(2 * f, 2 * f), _conv(2 * f, 2 * f), _double(2 * f))
        others = [
            nn.Sequential(_conv(3 * f, 2 * f), _conv(2 * f, 2 * f), _double(2 * f))
            for _ in range(3)
        ]
        self.up = nn.ModuleList([deepest, *others])
        self.last = nn.Sequential(
            _conv(2 * f + 1, 2 * f),
            _conv(2 * f, 2 * f),
            _conv(2 * f, 2 * f, 1),
            _conv(2 * f, 2 * f, 1),
            nn.Conv2d(2 * f, 1, 1),
        )
        self.apply(_initialise)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, 1, height, width) to images of the same size."""
        return at_any_side(self._forward, images, side_multiple=self.side_multiple)

    def _forward(self, images):
        features, skips = self.first(images), [images]
        for level in self.down:
            features = level(features)
            skips.append(features)
        features = self.bottom(skips.pop())
        for level in (*self.up, self.last):
            features = level(torch.cat([features, skips.pop()], dim=1))
        return features


def _conv(n_in, n_out, side=3):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, side, padding=side // 2), nn.LeakyReLU(0.2, inplace=True)
    )


def _double(n_features):
    return nn.ConvTranspose2d(n_features, n_features, 2, stride=2)


@torch.no_grad()
def _initialise(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.kaiming_normal_(module.weight).mul_(0.1)
        nn.init.zeros_(module.bias)
