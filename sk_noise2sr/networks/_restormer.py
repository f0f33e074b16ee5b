"""The Restormer encoder: attention between channels, over the whole image."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F


class Restormer(nn.Module):
    """U-shaped transformer whose attention weighs channels by their correlation in the image.

    A block adds to its input an attention and a gated feed-forward layer, both of normalised
    channels [1]_. As attention is between channels, its cost grows with the pixels and not with
    their square, and it looks at everything: frames are one tile. Without the last convolution
    and the sum with the input of the original; the finest level has `out_channels` channels.

    Parameters
    ----------
    in_channels : int, default=1
        Channels of the input.
    out_channels : int, default=96
        Channels of the output, even; the way down has half as many at the finest level, and
        twice as many on each coarser one.
    n_blocks : tuple of int, default=(4, 6, 6, 8)
        Blocks on each level, finest first, on the way down and again on the way up.
    n_refinement : int, default=4
        Further blocks at the end.
    expansion : float, default=2.66
        Channels within the feed-forward layer, as a multiple.

    References
    ----------
    .. [1] S. W. Zamir et al., "Restormer: Efficient Transformer for High-Resolution Image
       Restoration", CVPR 2022.

    Examples
    --------
    >>> encoder = Restormer(1, 16, n_blocks=(1, 1), n_refinement=0)
    >>> encoder(torch.zeros(1, 1, 6, 10)).shape
    torch.Size([1, 16, 6, 10])
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 96,
        n_blocks: tuple[int, ...] = (4, 6, 6, 8),
        n_refinement: int = 4,
        expansion: float = 2.66,
    ):
        super().__init__()
        self.side_multiple = 2 ** (len(n_blocks) - 1)
        widths = [out_channels // 2 * 2**level for level in range(len(n_blocks))]

        def blocks(level, width):
            return _blocks(n_blocks[level], width, 2**level, expansion)

        self.first = _conv(in_channels, widths[0])
        self.down = nn.ModuleList(
            nn.Sequential(*([_halve(width // 2)] if level else []), *blocks(level, width))
            for level, width in enumerate(widths)
        )
        coarser = list(enumerate(pairwise(widths)))[::-1]
        self.enlarge = nn.ModuleList(_double(below) for _, (_, below) in coarser)
        self.up = nn.ModuleList(
            # The finest level keeps the channels of both its inputs.
            nn.Sequential(nn.Conv2d(2 * width, width, 1, bias=False), *blocks(level, width))
            if level
            else nn.Sequential(*blocks(level, 2 * width))
            for level, (width, _) in coarser
        )
        self.refinement = nn.Sequential(*_blocks(n_refinement, out_channels, 1, expansion))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, in_channels, height, width) to features of the same size."""
        # Channels last in memory: normalising and mixing them then copies nothing.
        skips = [self.first(images).contiguous(memory_format=torch.channels_last)]
        for level in self.down:
            skips.append(level(skips[-1]))
        features = skips.pop()
        for enlarge, level in zip(self.enlarge, self.up, strict=True):
            features = level(torch.cat([enlarge(features), skips.pop()], dim=1))
        return self.refinement(features)


class _Block(nn.Module):
    """Attention and feed-forward layer of tokens (n, rows, columns, width), each added to them."""

    def __init__(self, width, n_heads, expansion):
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), _ChannelAttention(width, n_heads))
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), _GatedFeedForward(width, int(expansion * width))
        )

    def forward(self, features):
        tokens = features.movedim(1, -1)
        tokens = tokens + self.attention(tokens)
        return (tokens + self.feed_forward(tokens)).movedim(-1, 1)


class _ChannelAttention(nn.Module):
    """Attention between channels, each a vector of all pixels (equation 1 of [1])."""

    def __init__(self, width, n_heads):
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(n_heads, 1, 1))
        self.project = nn.Sequential(nn.Linear(width, 3 * width, bias=False), _Depthwise(3 * width))
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, tokens):
        heads = self.project(tokens).flatten(1, 2).unflatten(-1, (3, len(self.temperature), -1))
        queries, keys, values = heads.permute(2, 0, 3, 4, 1)
        # Dividing the few products by the lengths is cheaper than dividing all pixels.
        lengths = queries.norm(dim=-1, keepdim=True) * keys.norm(dim=-1, keepdim=True).mT
        scores = self.temperature * (queries @ keys.mT) / lengths.clamp(min=1e-12)
        mixed = scores.softmax(-1) @ values
        return self.out(mixed.permute(0, 3, 1, 2).reshape(tokens.shape))


class _GatedFeedForward(nn.Module):
    """Two projections, one of which opens and shuts the other (equation 2 of [1])."""

    def __init__(self, width, n_hidden):
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(width, 2 * n_hidden, bias=False), _Depthwise(2 * n_hidden)
        )
        self.out = nn.Linear(n_hidden, width, bias=False)

    def forward(self, tokens):
        gate, hidden = self.project(tokens).chunk(2, dim=-1)
        return self.out(F.gelu(gate) * hidden)


class _Depthwise(nn.Conv2d):
    """A 3 x 3 convolution of each channel of tokens."""

    def __init__(self, width):
        super().__init__(width, width, 3, padding=1, groups=width, bias=False)

    def forward(self, tokens):
        return super().forward(tokens.movedim(-1, 1)).movedim(1, -1)


def _blocks(n, width, n_heads, expansion):
    return [_Block(width, n_heads, expansion) for _ in range(n)]


def _conv(n_in, n_out):
    return nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)


def _halve(width):
    """Half the sides, twice the channels."""
    return nn.Sequential(_conv(width, width // 2), nn.PixelUnshuffle(2))


def _double(width):
    """Twice the sides, half the channels."""
    return nn.Sequential(_conv(width, 2 * width), nn.PixelShuffle(2))
