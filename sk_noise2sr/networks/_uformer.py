"""The Uformer encoder: attention within windows, on five resolutions."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Uformer(nn.Module):
    """U-shaped transformer whose pixels attend to those of the same window.

    A block adds to its input the attention within windows and a feed-forward layer with a
    depthwise convolution; every second block has its windows moved by half a window [1]_.
    Height and width are carried along, so that images need not be square: a window that
    stands out of the image is masked there. Without the last convolution of the original; the
    finest level hands on `out_channels` channels.

    Parameters
    ----------
    in_channels : int, default=1
        Channels of the input.
    out_channels : int, default=64
        Channels of the output, even; the way down has half as many at the finest level, and
        twice as many on each coarser one.
    n_levels : int, default=4
        How often sides are halved.
    n_blocks : int, default=2
        Blocks on each level, on the way down and again on the way up.
    n_features : int, default=32
        Channels of a head; a level that has fewer has one head.
    window : int, default=8
        Side of a window, even; a shorter image is one window.
    expansion : int, default=4
        Channels within the feed-forward layer, as a multiple.
    drop_path : float, default=0.1
        Probability that, in training, the coarsest level leaves a layer of a block out; on the
        other levels it rises linearly from zero.
    modulated : bool, default=True
        Whether windows on the way up get a learned image added, as in the published models.

    References
    ----------
    .. [1] Z. Wang et al., "Uformer: A General U-Shaped Transformer for Image Restoration",
       CVPR 2022.

    Examples
    --------
    >>> encoder = Uformer(1, 16, n_levels=1, n_features=8)
    >>> encoder(torch.zeros(1, 1, 6, 10)).shape
    torch.Size([1, 16, 6, 10])
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 64,
        n_levels: int = 4,
        n_blocks: int = 2,
        n_features: int = 32,
        window: int = 8,
        expansion: int = 4,
        drop_path: float = 0.1,
        modulated: bool = True,
    ):
        super().__init__()
        self.side_multiple = 2**n_levels
        self.tile_multiple = window * 2**n_levels
        widths = [out_channels // 2 * 2**level for level in range(n_levels + 1)]
        *rates, bottom_rate = np.split(
            np.append(np.linspace(0, drop_path, n_levels * n_blocks), n_blocks * [drop_path]),
            range(n_blocks, (n_levels + 1) * n_blocks, n_blocks),
        )
        shared = {"n_features": n_features, "window": window, "expansion": expansion}
        self.first = nn.Sequential(
            nn.Conv2d(in_channels, widths[0], 3, padding=1), nn.LeakyReLU(0.01, inplace=True)
        )
        self.down = nn.ModuleList(
            _Level(width, rate, **shared) for width, rate in zip(widths, rates, strict=False)
        )
        self.halvings = nn.ModuleList(
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1) for width in widths[:-1]
        )
        self.bottom = _Level(widths[-1], bottom_rate, **shared)
        self.doublings = nn.ModuleList(
            # All but the coarsest level hand on what came from below and what was skipped.
            nn.ConvTranspose2d((2 if level < n_levels else 1) * widths[level], width, 2, stride=2)
            for level, width in reversed(list(enumerate(widths[:-1], start=1)))
        )
        self.up = nn.ModuleList(
            _Level(2 * width, rate[::-1], modulated=modulated, **shared)
            for width, rate in zip(widths[-2::-1], rates[::-1], strict=True)
        )
        self.apply(_initialise)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, in_channels, height, width) to features of the same size."""
        features, skips = self.first(images), []
        for level, halve in zip(self.down, self.halvings, strict=True):
            skips.append(level(features))
            features = halve(skips[-1])
        features = self.bottom(features)
        for double, level in zip(self.doublings, self.up, strict=True):
            features = level(torch.cat([double(features), skips.pop()], dim=1))
        return features


class _Level(nn.Module):
    """Blocks of one resolution, between images of shape (n, width, rows, columns)."""

    def __init__(self, width, drop_rates, *, n_features, window, expansion, modulated=False):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleList(
                [
                    _Skippable(
                        width,
                        _WindowAttention(
                            width, max(1, width // n_features), window, number % 2 == 1, modulated
                        ),
                        rate,
                    ),
                    _Skippable(width, _FeedForward(width, expansion * width), rate),
                ]
            )
            for number, rate in enumerate(drop_rates)
        )

    def forward(self, images):
        tokens = images.movedim(1, -1)
        for attention, feed_forward in self.blocks:
            tokens = feed_forward(attention(tokens))
        return tokens.movedim(-1, 1)


class _Skippable(nn.Module):
    """Add a layer of the normalised tokens to them; in training leave it out now and then."""

    def __init__(self, width, layer, drop_rate):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.layer = layer
        self.drop_rate = float(drop_rate)
        # Seeded like the weights; torch's own generator is left alone in training.
        self.rng = np.random.default_rng(int(torch.randint(2**31, (), device="cpu")))

    def forward(self, tokens):
        change = self.layer(self.norm(tokens))
        if self.training and self.drop_rate:
            kept = self.rng.random((len(tokens), 1, 1, 1)) >= self.drop_rate
            change = change * torch.from_numpy(kept / (1 - self.drop_rate)).to(change)
        return tokens + change


class _WindowAttention(nn.Module):
    """Attention within windows, of tokens of shape (n, rows, columns, width)."""

    def __init__(self, width, n_heads, window, moved, modulated):
        super().__init__()
        self.window, self.moved, self.n_heads = window, moved, n_heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        # What a pixel adds to its attention to another, by the step between them.
        self.bias = nn.Parameter(torch.empty(n_heads, 2 * window - 1, 2 * window - 1))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.modulator = nn.Parameter(torch.empty(window, window, width)) if modulated else None
        if modulated:
            nn.init.trunc_normal_(self.modulator, std=0.02)

    def forward(self, tokens):
        sides = tokens.shape[1:3]
        window = [min(self.window, side) for side in sides]
        steps = [self.window // 2 if self.moved and side > self.window else 0 for side in sides]
        below, right = (-side % wide for side, wide in zip(sides, window, strict=True))
        scores = self._relative_bias(window)
        if any((*steps, below, right)):
            same = _same_region(sides, window, steps, tokens.device)
            scores = scores.masked_fill(~same, -torch.inf).repeat(len(tokens), 1, 1, 1)
        rolled = F.pad(tokens, (0, 0, 0, right, 0, below)).roll([-s for s in steps], (1, 2))
        mixed = _join(self._attend(_cut(rolled, window), scores, window), rolled.shape, window)
        return mixed.roll(steps, (1, 2))[:, : sides[0], : sides[1]]

    def _attend(self, windows, scores, window):
        """Return attention within windows, (n * windows, pixels, width)."""
        if self.modulator is not None:
            windows = windows + self.modulator[: window[0], : window[1]].flatten(0, 1)
        heads = self.project(windows).unflatten(-1, (3, self.n_heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads, attn_mask=scores)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _relative_bias(self, window):
        """Return the bias between all pixels of a window: (1, n_heads, pixels, pixels)."""
        rows, columns = (torch.arange(side, device=self.bias.device) for side in window)
        down = rows[:, None] - rows + self.window - 1
        right = columns[:, None] - columns + self.window - 1
        bias = self.bias[:, down[:, None, :, None], right[None, :, None, :]]
        return bias.flatten(3).flatten(1, 2)[None]


class _FeedForward(nn.Module):
    """Linear layers with a depthwise convolution between them."""

    def __init__(self, width, n_hidden):
        super().__init__()
        self.widen = nn.Linear(width, n_hidden)
        self.mix = nn.Conv2d(n_hidden, n_hidden, 3, padding=1, groups=n_hidden)
        self.narrow = nn.Linear(n_hidden, width)

    def forward(self, tokens):
        hidden = F.gelu(self.widen(tokens)).movedim(-1, 1)
        return self.narrow(F.gelu(self.mix(hidden)).movedim(1, -1))


def _cut(tokens, window):
    """Cut (n, rows, columns, width) into windows: (n * windows, pixels, width)."""
    tokens = tokens.unflatten(2, (-1, window[1])).unflatten(1, (-1, window[0]))
    return tokens.transpose(2, 3).flatten(3, 4).flatten(0, 2)


def _join(windows, shape, window):
    """Undo :func:`_cut` for tokens of this shape."""
    grid = windows.unflatten(1, tuple(window)).unflatten(
        0, (shape[0], shape[1] // window[0], shape[2] // window[1])
    )
    return grid.transpose(2, 3).reshape(shape)


def _same_region(sides, window, steps, device):
    """Tell which pixels of a window are neighbours: (windows, 1, pixels, pixels).

    Rolling brings the first rows and columns behind the last; these, and what was padded, are
    regions of their own.
    """
    regions = []
    for side, wide, step in zip(sides, window, steps, strict=True):
        places = torch.arange(side + -side % wide, device=device).roll(-step)
        regions.append((places < step).long() + 2 * (places >= side))
    labels = (3 * regions[0][:, None] + regions[1])[None, :, :, None]
    labels = _cut(labels, window)
    return (labels == labels.transpose(1, 2))[:, None]


def _initialise(module):
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
