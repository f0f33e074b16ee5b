"""The bias-free U-Net of the supervised reference: twice the input, twice the output."""

import torch
from torch import nn
from torch.nn import functional as F

from ._any_side import at_any_side

_LEAST = 1e-4  # of the mean square of a channel: variance


class BiasFreeUNet(nn.Module):
    """U-Net without any additive constant, hence homogeneous once it is trained.

    Convolutions 3 x 3 without bias on repeated borders, batch normalisation that divides by the
    standard deviation and subtracts nothing, ReLU, max-pooling, bilinear up-sampling [1]_. In
    evaluation mode, ``network(c * images)`` is ``c * network(images)`` for any c > 0: an unknown
    intensity scale does no harm.

    Parameters
    ----------
    n_features : int, default=32
        Channels of the first three levels; published are 128.
    n_scales : int, default=4
        Number of poolings, at least 1; published are 4 and 6.
    align_corners : bool, default=False
        How up-sampling places pixels. True, as published, stretches each level by an amount
        that depends on the size of the image: a tile then differs from the same part of a frame.

    References
    ----------
    .. [1] S. Mohan et al., "Deep Denoising for Scientific Discovery: A Case Study in Electron
       Microscopy", IEEE Transactions on Computational Imaging 8, 585-597, 2022.

    Examples
    --------
    >>> network = BiasFreeUNet().eval()
    >>> sum(weights.numel() for weights in network.parameters())
    351264
    >>> network(torch.zeros(1, 1, 20, 37)).shape
    torch.Size([1, 1, 20, 37])
    """

    def __init__(self, n_features: int = 32, n_scales: int = 4, align_corners: bool = False):
        super().__init__()
        self.side_multiple = 2**n_scales
        self.align_corners = align_corners
        levels = range(n_scales + 1)
        widths = [n_features * 2 ** max(min(level, n_scales - 1) - 2, 0) for level in levels]
        self.down = nn.ModuleList(
            _pair(n_in, n_out, n_out) for n_in, n_out in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            _pair(2 * widths[level], widths[level], widths[max(level - 1, 0)])
            for level in reversed(levels[:-1])
        )
        self.last = nn.Conv2d(n_features, 1, 1, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, 1, height, width) to images of the same size."""
        return at_any_side(self._forward, images, side_multiple=self.side_multiple)

    def _forward(self, images):
        features, skips = self.down[0](images), []
        for level in self.down[1:]:
            skips.append(features)
            features = level(F.max_pool2d(features, 2))
        for level in self.up:
            features = F.interpolate(
                features, scale_factor=2, mode="bilinear", align_corners=self.align_corners
            )
            features = level(torch.cat([skips.pop(), features], dim=1))
        return self.last(features)


class _BiasFreeBatchNorm2d(nn.Module):
    """Divide every channel by its standard deviation; subtract nothing, add nothing.

    That counts as a hundredth of the root mean square at least: a crop without structure would grow
    three hundredfold in each layer.
    """

    def __init__(self, n_features, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum = momentum
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(n_features))
        self.register_buffer("running_var", torch.ones(n_features))

    def forward(self, features):
        variance = self._batch_variance(features) if self.training else self.running_var
        # Under the root: that of a channel of zeros has no gradient.
        scale = self.weight / (variance + self.eps).sqrt()
        return features * scale[:, None, None]

    def _batch_variance(self, features):
        if features.shape[0] * features.shape[2] * features.shape[3] < 2:
            return self.running_var  # a single value has no variance
        variance = features.var((0, 2, 3))
        variance = torch.maximum(variance, _LEAST * features.square().mean((0, 2, 3)))
        self.running_var.lerp_(variance.detach(), self.momentum)
        return variance


def _pair(n_in, n_mid, n_out):
    return nn.Sequential(*_conv(n_in, n_mid), *_conv(n_mid, n_out))


def _conv(n_in, n_out):
    conv = nn.Conv2d(n_in, n_out, 3, padding=1, padding_mode="replicate", bias=False)
    return [conv, _BiasFreeBatchNorm2d(n_out), nn.ReLU(inplace=True)]
