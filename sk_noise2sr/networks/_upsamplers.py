"""From sub-sampled features to full-size features: the paper's Table IV."""

import torch
from torch import nn


class PixelShuffled(nn.Conv2d):
    """A 1 x 1 convolution whose channels fill cells; as a product of matrices it is much quicker.

    Parameters
    ----------
    n_in, n_out : int
        Channels of input and output.
    factor : int
        Side of a cell, in pixels.

    Examples
    --------
    >>> PixelShuffled(8, 1, factor=3)(torch.ones(1, 8, 4, 5)).shape
    torch.Size([1, 1, 12, 15])
    """

    def __init__(self, n_in, n_out, factor):
        super().__init__(n_in, n_out * factor**2, 1)
        self.factor = factor

    def forward(self, features):
        """Map features of shape (n, n_in, height, width) to images `factor` times as large."""
        n, n_in, height, width = features.shape
        pixels = features.transpose(0, 1).reshape(n_in, -1)
        filled = torch.addmm(self.bias[:, None], self.weight.flatten(1), pixels)
        filled = filled.view(-1, self.factor, self.factor, n, height, width)
        return filled.permute(3, 0, 4, 1, 5, 2).flatten(4).flatten(2, 3)


def pixelshuffle(n_in, n_out, factor, kernel_size=3):
    """Convolve to ``factor**2`` times the channels and spread those over a cell."""
    if kernel_size == 1:
        return PixelShuffled(n_in, n_out, factor)
    return nn.Sequential(
        nn.Conv2d(n_in, n_out * factor**2, kernel_size, padding=kernel_size // 2),
        nn.PixelShuffle(factor),
    )


def transposed(n_in, n_out, factor, kernel_size=3):
    """Transpose a strided convolution; its kernel spans the cell at least."""
    kernel_size = max(kernel_size, factor)
    padding = (kernel_size - factor + 1) // 2
    return nn.ConvTranspose2d(
        n_in,
        n_out,
        kernel_size,
        stride=factor,
        padding=padding,
        output_padding=factor + 2 * padding - kernel_size,
    )


def bilinear(n_in, n_out, factor, kernel_size=1):
    """Interpolate; a 1 x 1 convolution comes before where the number of channels changes."""
    interpolate = nn.Upsample(scale_factor=factor, mode="bilinear", align_corners=False)
    if n_in == n_out:
        return interpolate
    return nn.Sequential(nn.Conv2d(n_in, n_out, 1), interpolate)


UPSAMPLERS = {"pixelshuffle": pixelshuffle, "transposed": transposed, "bilinear": bilinear}


def make_upsampler(name: str, n_features: int, stride: int) -> nn.Sequential:
    """Make the published up-sampler: one stage for each prime factor of the stride.

    Parameters
    ----------
    name : {"pixelshuffle", "transposed", "bilinear"}
        Kind of the stages.
    n_features : int
        Channels in and out.
    stride : int
        Factor between the sides of input and output, at least 2.

    Returns
    -------
    torch.nn.Sequential
        The up-sampler.

    Examples
    --------
    >>> [stage[1].upscale_factor for stage in make_upsampler("pixelshuffle", 8, 12)]
    [2, 2, 3]
    """
    stages = [UPSAMPLERS[name](n_features, n_features, p) for p in prime_factors(stride)]
    return nn.Sequential(*stages)


def prime_factors(number):
    """Return the prime factors of a whole number in rising order.

    Parameters
    ----------
    number : int
        At least 2.

    Returns
    -------
    list of int
        Primes whose product is `number`.

    Examples
    --------
    >>> prime_factors(12)
    [2, 2, 3]
    """
    factors, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors
