"""Files whose parts contradict one another: refused, or read with a warning."""

import re
import struct

import h5py
import numpy as np
import pytest
import tifffile

from sk_noise2sr.io import open_frames, read_image, write_image


def places(path):
    """Return where the first page of a TIFF keeps the entries of its tags."""
    with tifffile.TiffFile(path) as tiff:
        return {tag.code: tag.offset for tag in tiff.pages.first.tags}


def overwrite(path, place, content):
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(content)


@pytest.mark.parametrize("code", [258, 339])
def test_a_tag_of_the_pixels_that_cannot_be_read(code, movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie)
    overwrite(path, places(path)[code] + 4, struct.pack("<I", 0x1C000001))  # how many values
    with pytest.raises(ValueError, match="the file is damaged"):
        read_image(path)


def test_pages_that_disagree_on_their_pixels(movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie)
    overwrite(path, places(path)[339], struct.pack("<H", 65000))  # of the first page alone
    with pytest.raises(ValueError, match="its pages disagree on the size or type of pixels"):
        read_image(path)


def test_another_tag_that_cannot_be_read_is_told(movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie, provenance={"a": 1})
    overwrite(path, places(path)[50839] + 4, struct.pack("<I", 2**31))
    with pytest.warns(UserWarning, match="tag 50839 of its header cannot be read"):
        np.testing.assert_array_equal(read_image(path)[0], movie)


def test_fewer_images_than_pages(movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie)
    content = path.read_bytes()
    count = len(movie)
    path.write_bytes(content.replace(b"frames=%d" % count, b"frames=%d" % (count - 1)))
    with pytest.warns(UserWarning, match=f"disagree whether it holds {count - 1} or {count} im"):
        read_image(path)


@pytest.mark.parametrize("suffix", [".npy", ".mrc"])
def test_a_file_longer_than_its_header_says(suffix, movie, tmp_path):
    path = tmp_path / f"movie{suffix}"
    write_image(path, movie)
    content = path.read_bytes()
    path.write_bytes(content[:-50] + b"x" * 7 + content[-50:])
    with pytest.warns(UserWarning, match=rf"^movie\{suffix} is 7 bytes longer than its header"):
        read_image(path)
    with (
        pytest.warns(UserWarning, match="7 bytes longer"),
        open_frames(path) as frames,
    ):
        assert len(frames) == len(movie)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("suffix", [".npy", ".mrc", ".tif", ".ser", ".hspy", ".emd"])
def test_whole_files_are_read_without_a_warning(suffix, microscope, movie, tmp_path):
    path = tmp_path / f"movie{suffix}"
    write = {
        ".ser": lambda: microscope.ser(path, movie, 2e-11),
        ".emd": lambda: microscope.velox(path, {"BF": (np.moveaxis(movie, 0, 2), 1e-11)}),
    }
    write.get(suffix, lambda: write_image(path, movie))()
    np.testing.assert_array_equal(read_image(path)[0], movie)


@pytest.mark.parametrize("frame", [0, -1])
def test_frames_of_a_series_that_are_shifted(frame, microscope, movie, tmp_path):
    path = tmp_path / "movie.ser"
    microscope.ser(path, movie, 2e-11)
    content = path.read_bytes()
    place = content.index(movie[frame][0].tobytes())
    path.write_bytes(content[:place] + b"x" * 8 + content[place:])
    with pytest.warns(UserWarning, match=r"^movie\.ser is damaged: its frames do not lie where"):
        read_image(path)


def test_a_lost_chunk_is_told(microscope, movie, tmp_path):
    path = tmp_path / "scan.emd"
    microscope.velox(path, {"BF": (np.moveaxis(movie, 0, 2), 1e-11)})
    with h5py.File(path, "r+") as file:
        (group,) = file["Data/Image"].values()
        about = {"shape": group["Data"].shape, "dtype": "f4", "chunks": group["Data"].chunks}
        del group["Data"]
        group.create_dataset("Data", **about)[..., 0] = 1
    with pytest.warns(UserWarning, match=r"^scan\.emd is incomplete: parts of its Data/Image/0+/D"):
        read_image(path)


@pytest.mark.parametrize("heap", [True, False])
def test_a_text_of_hdf5_that_is_longer_than_its_place(heap, movie, tmp_path):
    path = tmp_path / "movie.hspy"
    write_image(path, movie)
    content = path.read_bytes()
    start = content.index(b"GCOL")
    if heap:  # the size of its first text
        overwrite(path, start + 24, struct.pack("<Q", 2**40))
    else:  # the length of the first text, where something refers to it
        reference = content.index(struct.pack("<QI", start, 1))
        overwrite(path, reference - 4, struct.pack("<I", 2**32 - 1))
    with pytest.raises(ValueError, match=r"^movie\.hspy cannot be read: it is damaged: a text in"):
        read_image(path)


def test_a_text_of_hdf5_that_is_not_where_it_should_be(microscope, movie, tmp_path):
    path = tmp_path / "scan.emd"
    microscope.velox(path, {"BF": (np.moveaxis(movie, 0, 2), 1e-11)})
    with h5py.File(path) as file:
        place = file["Version"].id.get_offset()
    overwrite(path, place, struct.pack("<IQI", 2**31, 0x1234, 7))  # HDF5 would take 2 GiB
    with pytest.raises(ValueError, match=r"^scan\.emd cannot be read: it is damaged: a text in it"):
        read_image(path)


@pytest.mark.parametrize("name", ["Version", "Data"])
def test_a_chunk_of_hdf5_that_is_too_short(name, microscope, movie, tmp_path):
    path = tmp_path / "scan.emd"
    microscope.velox(path, {"BF": (np.moveaxis(movie, 0, 2), 1e-11)})
    with h5py.File(path, "r+") as file:
        text = file["Version"][:]
        del file["Version"]
        about = {"dtype": h5py.string_dtype(), "chunks": (1,)}
        file.create_dataset("Version", data=text, **about)
        (group,) = file["Data/Image"].values()
        found = {"Version": file["Version"], "Data": group["Data"]}[name]
        length = re.escape(struct.pack("<II", found.id.get_chunk_info(0).size, 0))
    node = re.search(b"TREE\x01.{19}" + length, path.read_bytes(), re.DOTALL)
    overwrite(path, node.end() - 8, bytes(4))
    with pytest.raises(ValueError, match=rf"it is damaged: a part of its .*{name} is not as long"):
        read_image(path)


def test_a_text_of_hdf5_of_no_known_type(movie, tmp_path):
    path = tmp_path / "movie.hspy"
    write_image(path, movie)
    name = path.read_bytes().index(b"file_format_version\0")
    overwrite(path, name + 25, b"\x1e\x1e")  # in the place of "a string, in UTF-8"
    with pytest.raises(ValueError, match=r"^movie\.hspy cannot be read: it is damaged: a text is"):
        read_image(path)


@pytest.mark.parametrize("n_bits", [65, 65296])
def test_a_number_of_bits_that_no_pixel_has(n_bits, movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie)
    overwrite(path, places(path)[258] + 8, struct.pack("<H", n_bits))
    with pytest.raises(ValueError, match=rf"its pixel format is unknown \({n_bits} bits\)"):
        read_image(path)
    with pytest.raises(ValueError, match="is unknown"), open_frames(path):
        pass


def test_a_chain_of_pages_that_ends_early(movie, tmp_path):
    path = tmp_path / "movie.tif"
    write_image(path, movie)
    entries = places(path)
    overwrite(path, max(entries.values()) + 12, bytes(4))  # where the next page is
    overwrite(path, path.read_bytes().index(b"ImageJ="), b"x")
    with pytest.warns(UserWarning, match="disagree whether it holds 1 or 3 images"):
        read_image(path)


@pytest.mark.parametrize("sides", [(2**31 - 1,) * 3, (-24, 16, 3), (24, 16, 4)])
def test_a_header_of_mrc_that_tells_of_other_pixels(sides, movie, tmp_path):
    path = tmp_path / "movie.mrc"
    write_image(path, movie)
    overwrite(path, 0, struct.pack("<3i", *sides))
    with pytest.raises(ValueError, match=r"^movie\.mrc cannot be read: it is damaged"):
        read_image(path)
