"""Randomness from one seed, without a global generator and without an order of calls.

Training draws from a running generator. Inference draws must not depend on which tile or worker
comes first, so there every pixel hashes the seed and its own coordinates.
"""

import torch

_LOW_32_BITS = 0xFFFFFFFF


def make_generator(seed, device="cpu"):
    """Make a torch generator that starts from `seed`.

    Parameters
    ----------
    seed : int
        The seed.
    device : torch.device or str, default="cpu"
        Where its numbers will be.

    Returns
    -------
    torch.Generator
        A new generator; the global one is left alone.
    """
    return torch.Generator(device).manual_seed(seed)


def hash_grid(seed, rows, columns, *salts):
    """Hash the seed, the salts and the coordinates of every pixel of a window.

    Parameters
    ----------
    seed : int
        The seed.
    rows, columns : range
        Absolute coordinates of the window, so that any tiling gives the same numbers.
    *salts : int
        Further numbers, for instance that of the draw.

    Returns
    -------
    Tensor of int64 of shape (len(rows), len(columns))
        Numbers spread evenly over [0, 2**32).

    Examples
    --------
    >>> whole = hash_grid(7, range(8), range(8))
    >>> bool((hash_grid(7, range(2, 5), range(8)) == whole[2:5]).all())
    True
    """
    state = seed & _LOW_32_BITS
    for salt in salts:
        state = _mix(state, salt)
    state = _mix(state, torch.arange(rows.start, rows.stop)[:, None])
    return _mix(state, torch.arange(columns.start, columns.stop))


def _mix(state, value):
    """Stir a number into the state: a multiplicative step, then the finaliser of MurmurHash3."""
    state = (state * 0x9E3779B1 + 0x7F4A7C15) & _LOW_32_BITS
    state = (state + value) & _LOW_32_BITS
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        state = ((state ^ (state >> shift)) * factor) & _LOW_32_BITS
    return state ^ (state >> 16)
