"""HyperSpy's and MRC files (optional extra "em")."""

import json
import textwrap

import numpy as np

from .._optional import import_optional
from ._em import _quietly
from ._record import jsonable

_NANOMETRE = 10  # in Å
# Bytes are signed to some readers and unsigned to others.
_MRC_DTYPES = ("int16", "uint16", "float32")
_MRC_LABELS, _LABEL_LENGTH = 9, 80


def write_hspy(path, record, provenance):
    """Write HyperSpy's HDF5 format: all axes, the metadata of the source, and provenance.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    record : ImageRecord
        What to write.
    provenance : dict or None
        How the pixels were made.
    """
    plugin = import_optional("rsciio.hspy", "Writing .hspy", "em")
    import_optional("h5py", "Writing .hspy", "em")
    about = dict(record.metadata or {})
    metadata = {name: dict(part) for name, part in about.get("metadata", {}).items() if part}
    metadata.setdefault("General", {})["title"] = record.name
    metadata.setdefault("Signal", {}).setdefault("signal_type", "")
    metadata["_HyperSpy"] = {}
    original = dict(about.get("original_metadata", {}))
    if provenance is not None:
        # The noise of the source is no longer in the image.
        metadata["Signal"].pop("Noise_properties", None)
        original["sk_noise2sr"] = jsonable(provenance)
    signal = {
        "data": np.asarray(record.data).reshape(record.shape),
        "axes": [_hspy_axis(record, position) for position in range(len(record.axes))],
        "metadata": metadata,
        "original_metadata": original,
        "tmp_parameters": {},
        "attributes": {"_lazy": False, "ragged": False},
        "learning_results": {},
        "models": {},
        # Any other name makes HyperSpy ask for a package.
        "package_info": {"package": "", "package_version": ""},
    }
    with _quietly():
        plugin.file_writer(str(path), signal, show_progressbar=False)


def _hspy_axis(record, position):
    axis = record.axes[position]
    return {
        "_type": "UniformDataAxis",
        "name": axis.name,
        "units": axis.unit,
        "scale": axis.scale,
        "offset": axis.offset,
        "size": axis.size,
        "navigate": position < len(record.axes) - 2,
        "is_binned": False,
    }


def write_mrc(path, record, provenance):
    """Write MRC: int16, uint16 or float32, lengths as voxel size, provenance as labels.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    record : ImageRecord
        What to write.
    provenance : dict or None
        How the pixels were made; there is room for 720 letters of it.
    """
    mrcfile = import_optional("mrcfile", "Writing .mrc", "em")
    data = np.asarray(record.data)
    if data.dtype.name not in _MRC_DTYPES:
        data = data.astype(np.float32)
    with mrcfile.new(path) as file:
        file.set_data(data)
        if data.ndim == 3:
            file.set_image_stack()
        rows, columns = record.axes[-2:]
        if rows.unit == columns.unit == "nm":
            size = (abs(columns.scale), abs(rows.scale), 0)
            file.voxel_size = tuple(_NANOMETRE * number for number in size)
        for label in _labels(provenance):
            file.add_label(label)


def _labels(provenance):
    """Return the beginning of what is known as lines of ASCII; `metadata` would not fit."""
    if provenance is None:
        return []
    text = json.dumps(jsonable(provenance))
    return textwrap.wrap(text, _LABEL_LENGTH)[:_MRC_LABELS]
