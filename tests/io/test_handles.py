"""A file is closed when a call returns, whatever came of it: it can be rewritten and read anew."""

import os
from contextlib import suppress

import h5py
import numpy as np
import pytest

from sk_noise2sr.io import (
    image_names,
    open_frames,
    read_image,
    read_images,
    read_provenance,
    write_frames,
    write_image,
)

SUFFIXES = [".hspy", ".mrc", ".npy", ".tif", ".zarr"]
READS = [image_names, read_images, read_provenance]


@pytest.fixture
def descriptors(tmp_path):
    """Files that this process has open: their descriptors, and the handles of HDF5."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("reads /proc")

    def opened(name):
        links = []
        for number in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                links.append(os.readlink(f"/proc/self/fd/{number}"))
        handles = h5py.h5f.get_obj_ids(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE)
        names = [h5py.h5f.get_name(each).decode() for each in handles]
        return [each for each in links + names if str(tmp_path) in each and name in each]

    return opened


def frames_of(path):
    with open_frames(path) as frames:
        return [frames[number] for number in range(len(frames))]


def make(path, microscope, movie):
    if path.suffix == ".emd":
        microscope.velox(path, {"HAADF": (np.moveaxis(movie, 0, 2), 1e-11)})
    elif path.suffix == ".ser":
        microscope.ser(path, movie, 1e-11)
    elif path.suffix == ".dm4":
        microscope.dm(path, movie, 0.02, "nm", 4)
    else:
        write_image(path, movie, overwrite=True, provenance={"denoiser": "none"})


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".emd", ".ser", ".dm4"])
def test_nothing_stays_open_and_a_file_rewritten_in_place_is_read_anew(
    suffix, tmp_path, microscope, movie, descriptors
):
    path = tmp_path / f"movie{suffix}"
    for content in (movie, -movie[:2, :8]):
        make(path, microscope, content)
        image_names(path)
        read_provenance(path)
        np.testing.assert_array_equal(read_image(path)[0], content)
        np.testing.assert_array_equal(frames_of(path), content)
        assert descriptors("movie") == []


@pytest.mark.parametrize("read", [*READS, frames_of])
@pytest.mark.parametrize("suffix", [".hspy", ".mrc", ".npy", ".tif", ".emd", ".ser", ".dm4"])
def test_nothing_stays_open_of_what_cannot_be_read(
    suffix, read, tmp_path, microscope, movie, descriptors
):
    path = tmp_path / f"movie{suffix}"
    make(path, microscope, movie)
    content = path.read_bytes()
    for length in (len(content) // 2, len(content) // 8, 40):
        path.write_bytes(content[:length])
        errors = []
        try:
            read(path)
        except (ValueError, OSError) as error:
            errors.append(error)  # its traceback keeps what was alive
        assert descriptors("movie") == [], errors


def test_nothing_stays_open_of_a_signal_that_is_no_image(tmp_path, movie, descriptors):
    write_image(tmp_path / "movie.hspy", movie)
    with h5py.File(tmp_path / "movie.hspy", "r+") as file:
        (signal,) = file["Experiments"].values()
        signal["metadata/Signal"].attrs["signal_type"] = "EELS"
    for read in (image_names, read_images, frames_of):
        with pytest.raises(ValueError, match="it holds no image; spectra"):
            read(tmp_path / "movie.hspy")
    assert descriptors("movie") == []


@pytest.mark.parametrize("suffix", [".hspy", ".mrc", ".npy", ".tif"])
def test_nothing_stays_open_of_a_movie_that_ends_early(suffix, tmp_path, movie, descriptors):
    with pytest.raises(ValueError, match="expected 4 frames, got 3"):
        write_frames(tmp_path / f"movie{suffix}", movie, (4, *movie.shape[1:]))
    assert descriptors(suffix) == []
    assert list(tmp_path.iterdir()) == []


def test_a_handle_of_the_user_stays_open(tmp_path, movie):
    write_image(tmp_path / "movie.hspy", movie)
    with h5py.File(tmp_path / "movie.hspy", "r") as file:
        image_names(tmp_path / "movie.hspy")
        read_images(tmp_path / "movie.hspy")
        assert list(file) == ["Experiments"]


def test_pixels_do_not_change_with_the_file(tmp_path, microscope, movie):
    for suffix in (".mrc", ".ser", ".dm4"):
        path = tmp_path / f"movie{suffix}"
        make(path, microscope, movie)
        data = read_image(path)[0]
        with open(path, "r+b") as file:
            file.seek(2048)
            file.write(bytes(1000))
        np.testing.assert_array_equal(data, movie)
