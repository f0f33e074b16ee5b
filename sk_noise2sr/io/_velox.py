"""Images of Velox's EMD files, without the spectra that may lie beside them."""

from contextlib import contextmanager

from .._optional import import_optional


def is_velox(path):
    """Return whether an EMD file is Velox's, and not of the format of that name by NCEM."""
    h5py = import_optional("h5py", f"Reading {path.suffix}", "em")
    with h5py.File(path, "r") as file:
        version = file.get("Version")
        text = version[0] if isinstance(version, h5py.Dataset) and version.ndim == 1 else b""
    return isinstance(text, bytes) and (b"Velox" in text or b"DevelopersKit" in text)


@contextmanager
def open_velox(path, lazy):
    """Yield the images of a file, as RosettaSciIO describes them.

    Its own entrance asks for one more package as soon as there are spectra, also of those who want
    none of them.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    lazy : bool
        Whether pixels are read when they are asked for.

    Yields
    ------
    list of dict
        An entry for each image.
    """
    h5py = import_optional("h5py", "Reading .emd", "em")
    velox = import_optional("rsciio.emd._emd_velox", "Reading .emd", "em")

    class Images(velox.FeiEMDReader):
        def _read_data(self, select_type):
            self.load_images, self.load_SI, self.load_single_spectrum = True, False, False
            self._read_images()

    reader = Images(lazy=lazy, load_SI_image_stack=True)  # all frames, not the first alone
    with h5py.File(path, "r") as file:
        reader.read_file(file)
        yield reader.dictionaries
