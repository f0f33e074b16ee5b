"""EMD files by NCEM, whose programs do not agree which of their axes comes first."""

from .._optional import import_optional
from ._units import normalized


def is_simulation(path):
    """Return whether an EMD file is Prismatic's, whose images of one name are slices.

    Of all others, RosettaSciIO would stack images whose names begin alike, such as HAADF and
    HAADF_dark.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    h5py = import_optional("h5py", f"Reading {path.suffix}", "em")
    with h5py.File(path, "r") as file:
        return "4DSTEM_simulation" in file


def upright(data, axes, version):
    """Return pixels and axes of an EMD file with the image last, and y before x.

    RosettaSciIO takes the first axis for x, as HyperSpy writes it. Others, such as ncempy, write
    arrays as NumPy has them; their movies would be read as stacks of rows over time.

    Parameters
    ----------
    data : ndarray or dask array
        Pixels, as RosettaSciIO reads them: axes in the reverse order of the file.
    axes : list of dict
        Their axes.
    version : object
        That of the format, as the file has it: from 1 on the order is that of NumPy.

    Returns
    -------
    data : ndarray or dask array
        In the order of the file, where the names or the units of the axes say that it is NumPy's.
    axes : list of dict
        In that order.
    """
    if not str(version).startswith("0.") or not _is_reversed(axes):
        return data, axes
    n_frames = len(axes) - 2
    axes = [
        axis | {"index_in_array": place, "navigate": place < n_frames}
        for place, axis in enumerate(reversed(axes))
    ]
    return data.transpose(), axes


def _is_reversed(axes):
    if len(axes) < 2:
        return False
    units = [normalized(1.0, axis.get("units"))[1] for axis in axes]
    names = [str(axis.get("name") or "").strip().lower() for axis in axes[-2:]]
    x_before_y = names[0].endswith("x") and names[1].endswith("y")
    spots_before_places = units[0] == "1/nm" and units[-1] == "nm"
    return x_before_y or spots_before_places or (units[-1] == "s" and units[0] != "s")
