"""How much memory a network takes for each pixel, and what a limit in words is in bytes."""

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmg]i?)?b?\s*", re.IGNORECASE)

# The last is oneDNN, which runs the layers on a CPU.
_WORDS = (
    "out of memory",
    "allocate memory",
    "enough memory",
    "bad_alloc",
    "could not create a primitive",
)


def read_bytes(size: int | str) -> int:
    """Return a limit of memory in bytes.

    Parameters
    ----------
    size : str or int
        Such as ``"500 MB"``, ``"1GB"`` (10**9 bytes) or ``"1GiB"`` (2**30); or bytes.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> read_bytes("1.5 GB"), read_bytes("2KiB"), read_bytes(4096)
    (1500000000, 2048, 4096)
    """
    match = _SIZE.fullmatch(str(size))
    n_bytes = 0 if match is None else int(float(match[1]) * _UNITS[(match[2] or "").lower()])
    if not n_bytes:
        raise ValueError(
            f"Expected max_memory to be a size such as '1GB' or '500 MB', or bytes, got {size!r}."
        )
    return n_bytes


def bytes_per_pixel(
    predict: Callable[..., Any], network: nn.Module, side: int, device: torch.device | str = "cpu"
) -> float:
    """Estimate the memory that a pass of a network takes for each pixel of its output.

    Parameters
    ----------
    predict : callable
        Maps images, (1, 1, height, width), to the output of `network`.
    network : torch.nn.Module
        The network that `predict` calls.
    side : int
        Side of the image that is tried, in pixels of the input.
    device : torch.device or str, default="cpu"
        Where the network is.

    Returns
    -------
    float
        Bytes. What all layers make together: no less than what is there at one time.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 1), torch.nn.Conv2d(4, 1, 1))
    >>> bytes_per_pixel(network, network, side=8)
    20.0
    """
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        outputs = output if isinstance(output, tuple) else (output,)
        total += sum(each.nbytes for each in outputs if isinstance(each, torch.Tensor))

    layers = [module for module in network.modules() if not any(module.children())]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    try:
        with torch.inference_mode():
            made = predict(torch.zeros(1, 1, side, side, device=device))
    finally:
        for hook in hooks:
            hook.remove()
    return total / made.numel()


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether an allocation has failed, here or on a GPU.

    Parameters
    ----------
    error : Exception
        What was raised. Torch raises RuntimeError for all kinds of failures.

    Returns
    -------
    bool
        Whether less memory might do.

    Examples
    --------
    >>> is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory")), is_out_of_memory(KeyError())
    (True, False)
    """
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(each in str(error).lower() for each in _WORDS)
