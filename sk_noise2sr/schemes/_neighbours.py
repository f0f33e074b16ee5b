"""The pixels of neighbouring frames that a network sees: one of every cell, another each time.

If it saw them whole, they would be the same in every step, and the network would memorise which
noise of a neighbour goes with which target.
"""

import torch

from ..samplers import thin


def thin_at_random(around, sampler, generator, turns=True):
    """Thin out the neighbours of a training batch.

    Parameters
    ----------
    around : Tensor of shape (n, n_neighbours, height, width)
        The neighbours; there may be none.
    sampler : RandomSubsampler
        Chooses the pixels.
    generator : torch.Generator
        Where the choice comes from.
    turns : bool, default=True
        Whether time runs backwards every other time.

    Returns
    -------
    Tensor of the shape of `around`
        One pixel of each cell, and zeros elsewhere.
    """
    n, n_neighbours, height, width = around.shape
    if not n_neighbours:
        return around
    cells = height // sampler.stride, width // sampler.stride
    choice = sampler.choose(n * n_neighbours, *cells, generator)
    if turns and torch.rand((), generator=generator, device=generator.device) < 0.5:
        around = around.flip(1)
    return thin(around, choice.reshape(n, n_neighbours, *cells), sampler.stride)


def thin_for_draw(around, sampler, draws, number, turns=True):
    """Thin out the neighbours for one draw of inference, as a function of the absolute cell.

    Parameters
    ----------
    around : Tensor of shape (1, n_neighbours, height, width)
        The neighbours; there may be none.
    sampler : RandomSubsampler
        Chooses the pixels.
    draws : Draws
        The seed of random draws, and where the tile lies.
    number : int
        Number of the draw.
    turns : bool, default=True
        Whether time runs backwards in every other draw.

    Returns
    -------
    Tensor of the shape of `around`
        One pixel of each cell, and zeros elsewhere.
    """
    if not around.shape[1]:
        return around
    if turns and number % 2:
        around = around.flip(1)
    cells = draws.cells(*around.shape[-2:], sampler.stride)
    choices = [
        sampler.choose_draw(number, *cells, draws.seed + neighbour)
        for neighbour in range(1, 1 + around.shape[1])
    ]
    return thin(around, torch.cat(choices, dim=1).to(around.device), sampler.stride)
