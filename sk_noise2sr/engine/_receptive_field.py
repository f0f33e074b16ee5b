"""How far a network looks: measured, not declared."""

import math
from collections.abc import Callable
from typing import Any

import torch

NARROWEST = 32  # pixels: a border that is reflected asks for more than its width


def receptive_radius(
    network: Callable[..., Any], align: int, largest: int = 1024, device: torch.device | str = "cpu"
) -> int:
    """Measure how far a network looks: one NaN in, count the NaN out.

    Parameters
    ----------
    network : callable
        Maps images to images of the same size, or of a multiple of it.
    align : int
        Multiple of output pixels on which poolings fall.
    largest : int, default=1024
        Farthest distance looked for, in output pixels.
    device : torch.device or str, default="cpu"
        Where the network is.

    Returns
    -------
    int
        The distance in output pixels; `largest` or more if the network looks at everything.

    Examples
    --------
    >>> receptive_radius(torch.nn.Conv2d(1, 1, 5, padding=2), align=1, largest=16)
    2
    """
    with torch.inference_mode():
        side = align * math.ceil(NARROWEST / align)
        stride = network(torch.zeros(1, 1, side, side, device=device)).shape[-1] // side
        period = align // stride
        middle = -(-largest // align) * period
        radius = 0
        for row in (middle, middle + period - 1):  # poolings: the ends of a period see farthest
            strip = torch.zeros(1, 1, 2 * middle + period, side // stride, device=device)
            strip[..., row, :] = torch.nan
            for seen, across in ((strip, 1), (strip.mT, 0)):  # down the rows, and along them
                touched = network(seen)[0, 0].isnan().any(dim=across).nonzero()
                upwards = (row + 1) * stride - 1 - int(touched.min())
                downwards = int(touched.max()) - row * stride
                radius = max(radius, upwards, downwards)
    return radius
