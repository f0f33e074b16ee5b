"""The sample image that comes with the package."""

from pathlib import Path

import numpy as np
import tifffile

from ._hrem import make_hrem

PARAMETERS = {
    "shape": (256, 256),
    "pixel_size": 0.01,
    "dose": 800.0,
    "defocus": 8.0,
    "random_state": 3,
}


def load_sample() -> tuple[np.ndarray, np.ndarray]:
    """Load the sample: a noisy image that comes as a file, and its clean reference.

    The file holds what :func:`make_hrem` draws from fixed parameters; the clean image is
    computed anew from the same ones.

    Returns
    -------
    clean : ndarray of float32 of shape (256, 256)
        Expected intensity; near 1 in vacuum.
    noisy : ndarray of float32 of shape (256, 256)
        Electrons counted, over the number expected in vacuum.

    Examples
    --------
    >>> clean, noisy = load_sample()
    >>> noisy.shape
    (256, 256)
    """
    return make_hrem(**PARAMETERS)[0], tifffile.imread(sample_path())


def sample_path() -> Path:
    """Return the path of the noisy sample.

    Returns
    -------
    pathlib.Path
        A TIFF file with the pixel size in its tags, as ImageJ writes it.

    Examples
    --------
    >>> sample_path().name
    'sample_hrem.tif'
    """
    return Path(__file__).with_name("sample_hrem.tif")


def write_sample(path):
    """Write the noisy sample; this made the file in the package.

    Parameters
    ----------
    path : path-like
        The TIFF file to write.
    """
    pixels_per_nm = 1 / PARAMETERS["pixel_size"]
    tifffile.imwrite(
        path,
        make_hrem(**PARAMETERS)[1],
        imagej=True,
        resolution=(pixels_per_nm, pixels_per_nm),
        metadata={"unit": "nm"},
    )
