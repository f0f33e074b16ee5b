"""How an image was made, read back from the file that this package wrote."""

import contextlib
import json
from pathlib import Path
from typing import Any

import tifffile

from .._optional import import_optional
from .._types import FilePath
from ._em import open_em
from ._read import check_source
from ._tiff import UNTRUSTED
from ._tiff_damage import strictly


def read_provenance(path: FilePath) -> dict[str, Any] | None:
    """Return the provenance of an image, as :func:`write_image` has noted it.

    Parameters
    ----------
    path : str or path-like
        A ``.tif``, ``.tiff``, ``.hspy`` or ``.zarr`` file.

    Returns
    -------
    dict or None
        Denoiser, parameters, input and so on; None where the file does not tell.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import read_provenance, write_image
    >>> with TemporaryDirectory() as folder:
    ...     write_image(Path(folder, "a.tif"), np.ones((4, 5)), provenance={"denoiser": "ZSN2N"})
    ...     read_provenance(Path(folder, "a.tif"))
    {'denoiser': 'ZSN2N'}
    """
    path = Path(path)
    read = _READERS.get(path.suffix.lower())
    about = None
    if read is not None:
        with contextlib.suppress(Exception):  # whatever a damaged file makes a library raise
            check_source(path)
            about = read(path)
    return about if isinstance(about, dict) else None


def _from_tiff(path):
    with strictly(), tifffile.TiffFile(path, **UNTRUSTED) as file:
        return json.loads((file.imagej_metadata or {})["Info"])


def _from_hspy(path):
    with open_em(path) as records:
        return records[0].metadata["original_metadata"]["sk_noise2sr"]


def _from_zarr(path):
    zarr = import_optional("zarr", "Reading .zarr", "zarr")
    return zarr.open(str(path), mode="r").attrs.asdict()["sk_noise2sr"]


_READERS = {".tif": _from_tiff, ".tiff": _from_tiff, ".hspy": _from_hspy, ".zarr": _from_zarr}
