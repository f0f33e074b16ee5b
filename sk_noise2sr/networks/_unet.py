"""The published U-Net encoder."""

from itertools import pairwise

import torch
from torch import nn


class UNet(nn.Module):
    """U-Net with five levels, as released with the Noise2SR paper.

    Convolutions 3 x 3 with bias and ReLU, max-pooling, learned transposed convolutions, no
    normalisation. The released code uses one set of weights for the inner four levels of the
    way down, and one for the inner three of the way up; the paper does not mention it.

    Parameters
    ----------
    in_channels : int, default=1
        Channels of the input.
    out_channels : int, default=128
        Channels of the output.
    tie_weights : bool, default=True
        Whether the inner levels share their weights, as released.
    tail : tuple of int or None, default=None
        Channels of the convolutions that come before the last one at full size; None stands for
        two of `out_channels`, as released. ``(64,)`` with 32 output channels is Noise2Noise's.

    References
    ----------
    X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
    IEEE TCI 10, 1462-1475, 2024; after J. Lehtinen et al., "Noise2Noise", ICML 2018.

    Examples
    --------
    >>> for tie_weights in (True, False):
    ...     print(sum(w.numel() for w in UNet(tie_weights=tie_weights).parameters()))
    1030368
    1673904
    """

    side_multiple = 32

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 128,
        tie_weights: bool = True,
        tail: tuple[int, ...] | None = None,
    ):
        super().__init__()
        first = _conv(in_channels, 48) + _conv(48, 48) + [nn.MaxPool2d(2)]
        inner = _levels(4, tie_weights, lambda: nn.Sequential(*_conv(48, 48), nn.MaxPool2d(2)))
        self.down = nn.ModuleList([nn.Sequential(*first), *inner])
        self.bottom = nn.Sequential(*_conv(48, 48), _double(48))
        deepest = nn.Sequential(*_conv(96, 96), *_conv(96, 96), _double(96))
        inner = _levels(
            3, tie_weights, lambda: nn.Sequential(*_conv(144, 96), *_conv(96, 96), _double(96))
        )
        self.up = nn.ModuleList([deepest, *inner])
        widths = [96 + in_channels, *(tail if tail is not None else (out_channels, out_channels))]
        self.last = nn.Sequential(
            *(layer for n_in, n_out in pairwise(widths) for layer in _conv(n_in, n_out)),
            nn.Conv2d(widths[-1], out_channels, 3, padding=1),
            nn.LeakyReLU(0.1, inplace=True),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, in_channels, height, width) to features of the same size."""
        skips = [images]
        for level in self.down:
            skips.append(level(skips[-1]))
        features = self.bottom(skips.pop())
        for level in self.up:
            features = level(torch.cat([features, skips.pop()], dim=1))
        return self.last(torch.cat([features, skips.pop()], dim=1))


def _conv(n_in, n_out):
    return [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(inplace=True)]


def _double(n_features):
    return nn.ConvTranspose2d(n_features, n_features, 3, stride=2, padding=1, output_padding=1)


def _levels(n, tied, make):
    """Return `n` levels: the same one `n` times, or `n` of them."""
    return [make()] * n if tied else [make() for _ in range(n)]
