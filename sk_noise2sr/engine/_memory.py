"""How much memory a network takes for each pixel, and what a limit in words is in bytes."""

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

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
        Bytes. What all operations make together: no less than what is there at one time.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 1), torch.nn.Conv2d(4, 1, 1))
    >>> bytes_per_pixel(network, network, side=8)
    20.0
    """
    image = torch.zeros(1, 1, side, side, device=device)
    with torch.inference_mode(), _Kept() as kept:
        made = predict(image)
    weights = {each.untyped_storage().data_ptr() for each in network.parameters()}
    sizes = (each.nbytes() for start, each in kept.storages.items() if start not in weights)
    return sum(sizes) / made.numel()


class _Kept(TorchFunctionMode):
    """Keep all that functions make, so that no two results lie at one place."""

    def __init__(self):
        super().__init__()
        self.storages = {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for each in made if isinstance(made, tuple) else (made,):
            if isinstance(each, torch.Tensor):
                storage = each.untyped_storage()
                self.storages[storage.data_ptr()] = storage
        return made


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
