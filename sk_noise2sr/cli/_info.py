"""Print versions, device and threads."""

import importlib.metadata
import os
import platform

from .. import __version__

DESCRIPTION = "Print versions, device and threads: what to add to a question or a bug report."

_PACKAGES = ["torch", "scikit-learn", "numpy", "scipy", "scikit-image", "tifffile", "matplotlib"]
_PACKAGES += ["safetensors", "rosettasciio", "h5py", "mrcfile", "zarr", "dask", "hyperspy"]


def add_arguments(parser, words):
    """Add nothing: the command takes no arguments."""


def run(arguments, parser):
    """Print one line for each thing worth knowing."""
    rows = {"sk_noise2sr": __version__, "python": platform.python_version()}
    rows |= {name: _version(name) for name in _PACKAGES}
    rows["platform"] = platform.platform()
    rows["device"] = _device()
    rows["threads"] = os.environ.get("OMP_NUM_THREADS", os.cpu_count())
    for name, value in rows.items():
        print(f"{name:<14}{value}")
    return 0


def _device():
    """Return where networks run; a torch for the CPU alone need not be loaded to tell."""
    if _version("torch").endswith("+cpu"):
        return "cpu"
    import torch

    from ..engine import pick_device

    device = pick_device("auto")
    name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    return f"{device}{name}"


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
