"""Files of microscopes as layers, with scale and unit."""

from pathlib import Path

from ..io import read_images

_SUFFIXES = {".dm3", ".dm4", ".emd", ".ser", ".emi", ".mrc", ".hspy", ".blo"}


def get_reader(path):
    """Return what reads a file, as napari asks for it.

    Parameters
    ----------
    path : str or list of str
        A file, or several.

    Returns
    -------
    callable or None
        Maps the path to layers; None for files of another kind.
    """
    paths = [path] if isinstance(path, str) else path
    known = all(Path(one).suffix.lower() in _SUFFIXES for one in paths)
    return read_layers if known else None


def read_layers(path):
    """Read all images of a file, or of several.

    Parameters
    ----------
    path : str or list of str
        The files.

    Returns
    -------
    list of (ndarray, dict, str)
        Data, options and kind of each layer.
    """
    paths = [path] if isinstance(path, str) else path
    return [_layer(record, Path(one)) for one in paths for record in read_images(one)]


def _layer(record, path):
    """Return an image layer; frames of several navigation axes are numbered through."""
    data = record.data
    axes = list(record.axes[-2:])
    if data.ndim == 3:
        axes.insert(0, record.axes[0] if len(record.axes) == 3 else None)
    options = {
        "name": record.name if record.name.startswith(path.stem) else f"{path.stem} {record.name}",
        "scale": [abs(axis.scale) if axis and axis.unit else 1.0 for axis in axes],
        "units": [axis.unit if axis and axis.unit else "pixel" for axis in axes],
        "metadata": record.metadata or {},
    }
    return data, options, "image"
