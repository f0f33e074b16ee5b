"""The network of Self2Self: partial convolutions on the way down, dropout on the way up."""

import torch
from torch import nn
from torch.nn import functional as F

from ._any_side import at_any_side


class PartialConv2d(nn.Conv2d):
    """Convolution 3 x 3 over the pixels that a mask lets through.

    The sum over the pixels that are there is scaled up by the share that is missing [1]_. A
    result is valid, and its mask 1, where at least one pixel was there; elsewhere it is 0.
    Borders are repeated by one pixel, in image and mask alike.

    Parameters
    ----------
    in_channels : int
        Channels of the input.
    out_channels : int
        Channels of the output.

    References
    ----------
    .. [1] G. Liu et al., "Image Inpainting for Irregular Holes Using Partial Convolutions",
       ECCV 2018, equations 1 and 2.

    Examples
    --------
    >>> image, mask = torch.ones(1, 1, 4, 4), torch.eye(4)[None, None]
    >>> features, valid = PartialConv2d(1, 2)(image, mask)
    >>> features.shape, int(valid.sum())
    (torch.Size([1, 2, 4, 4]), 14)
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels, 3)
        nn.init.kaiming_normal_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(
        self, features: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Convolve the pixels under the mask.

        Parameters
        ----------
        features : Tensor of shape (n, in_channels, height, width)
            Any values, finite behind the mask too.
        mask : Tensor of shape (n, 1, height, width) or (n, in_channels, height, width)
            1 where a pixel may be seen, 0 where not, of the type of `features`.

        Returns
        -------
        features : Tensor of shape (n, out_channels, height, width)
            The result.
        mask : Tensor of shape (n, 1, height, width)
            1 where the result is valid, else 0.
        """
        share = F.avg_pool2d(_repeat_border(mask.mean(1, keepdim=True)), 3, stride=1)
        valid = (share > 0).to(features.dtype)
        sums = F.conv2d(_repeat_border(features * mask), self.weight)
        return (sums / torch.where(share > 0, share, 1) + self.bias[:, None, None]) * valid, valid


class PartialUNet(nn.Module):
    """U-Net with five levels that sees an image through a mask.

    Partial convolutions and max-pooling down, nearest-neighbour up-sampling and pairs of
    convolutions with dropout before each up, LeakyReLU(0.1), He initialisation [1]_. Where the
    released code departs from the paper, this follows the paper: partial sums are normalised by
    the number of their terms, and borders are padded once, by repeating them, so that the skips
    meet the features that they belong to.

    Parameters
    ----------
    n_features : int, default=48
        Channels on the way down; there are twice as many on the way up.
    dropout : float, default=0.3
        Share of the activations left out before each convolution on the way up, in [0, 1).
    tail : tuple of two int, default=(64, 32)
        Channels at full size.
    sigmoid : bool, default=False
        Whether the output is squashed to (0, 1), as published; else it is linear.

    References
    ----------
    .. [1] Y. Quan et al., "Self2Self With Dropout: Learning Self-Supervised Denoising From Single
       Image", CVPR 2020.

    Examples
    --------
    >>> network = PartialUNet()
    >>> sum(weights.numel() for weights in network.parameters())
    988609
    >>> image, mask = torch.ones(1, 1, 30, 20), torch.ones(1, 1, 30, 20)
    >>> network(image, mask, torch.Generator().manual_seed(0)).shape
    torch.Size([1, 1, 30, 20])
    """

    side_multiple = 32

    def __init__(
        self,
        n_features: int = 48,
        dropout: float = 0.3,
        tail: tuple[int, int] = (64, 32),
        sigmoid: bool = False,
    ):
        super().__init__()
        self.dropout = dropout
        self.sigmoid = sigmoid
        f = n_features
        self.first = PartialConv2d(1, f)
        self.down = nn.ModuleList(PartialConv2d(f, f) for _ in range(5))
        self.bottom = PartialConv2d(f, f)
        ins = (2 * f, 3 * f, 3 * f, 3 * f)
        self.up = nn.ModuleList(
            nn.ModuleList([_conv(n_in, 2 * f), _conv(2 * f, 2 * f)]) for n_in in ins
        )
        self.last = nn.ModuleList([_conv(2 * f + 1, tail[0]), _conv(tail[0], tail[1])])
        self.out = _conv(tail[1], 1, nonlinearity="linear")

    def forward(
        self,
        images: torch.Tensor,
        mask: torch.Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> torch.Tensor:
        """Predict images from what a mask lets through of them.

        Parameters
        ----------
        images : Tensor of shape (n, 1, height, width)
            Images of any size.
        mask : Tensor of shape (n, 1, height, width) or None, default=None
            1 or True where a pixel may be seen, 0 or False where not. None hides nothing.
        generator : torch.Generator or None, default=None
            Where dropout takes its random numbers from, in training and in prediction. None
            turns dropout off.

        Returns
        -------
        Tensor of shape (n, 1, height, width)
            The prediction. It does not depend on a pixel behind the mask.
        """
        mask = torch.ones_like(images) if mask is None else mask.to(images.dtype)
        return at_any_side(
            lambda padded, mask: self._forward(padded, mask, generator),
            images,
            mask,
            side_multiple=self.side_multiple,
        )

    def _forward(self, images, mask, generator):
        *skips, features = self._encode(images, mask)
        for pair in (*self.up, self.last):
            features = F.interpolate(features, scale_factor=2, mode="nearest")
            features = torch.cat([features, skips.pop()], dim=1)
            for conv in pair:
                features = F.leaky_relu(conv(self._drop(features, generator)), 0.1, inplace=True)
        output = self.out(self._drop(features, generator))
        return output.sigmoid() if self.sigmoid else output

    def _encode(self, images, mask):
        """Return the masks and the features of every level."""
        seen = [images * mask]
        features, mask = _activated(self.first, images, mask)
        for conv in self.down:
            features, mask = _activated(conv, features, mask)
            features, mask = F.max_pool2d(features, 2), F.max_pool2d(mask, 2)
            seen.append(features)
        seen[-1], _ = _activated(self.bottom, features, mask)
        return seen

    def _drop(self, features, generator):
        if generator is None or self.dropout == 0:
            return features
        kept = torch.empty(features.shape, dtype=features.dtype, device=generator.device)
        kept.bernoulli_(1 - self.dropout, generator=generator)
        return features * kept.to(features.device) / (1 - self.dropout)


def _activated(conv, features, mask):
    features, mask = conv(features, mask)
    return F.leaky_relu(features, 0.1, inplace=True), mask


def _conv(n_in, n_out, nonlinearity="relu"):
    conv = nn.Conv2d(n_in, n_out, 3, padding=1, padding_mode="replicate")
    nn.init.kaiming_normal_(conv.weight, nonlinearity=nonlinearity)
    nn.init.zeros_(conv.bias)
    return conv


def _repeat_border(images):
    return F.pad(images, (1, 1, 1, 1), mode="replicate")
