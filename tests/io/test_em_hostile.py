"""Files of microscopes that are damaged, or meant to do harm."""

import subprocess
import sys

import h5py
import mrcfile
import numpy as np
import pytest

from sk_noise2sr.io import image_names, read_image, read_images


def hostile_size(path):
    with h5py.File(path, "r+") as file:
        del file["Data"]
        file.create_dataset(
            "Data/Image/0/Data", (10**6, 10**6, 1), "f4", chunks=(64, 64, 1), compression="gzip"
        )


def hostile_link(path):
    with h5py.File(path, "r+") as file:
        file["Data/Image/secret"] = h5py.ExternalLink("/etc/other.h5", "/data")


def hostile_storage(path):
    with h5py.File(path, "r+") as file:
        file.create_dataset(
            "Data/Image/x/Data", (4, 4), "u1", external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)]
        )


def hostile_view(path):
    with h5py.File(path, "r+") as file:
        layout = h5py.VirtualLayout((4, 4), "u1")
        layout[:] = h5py.VirtualSource("/etc/other.h5", "data", (4, 4))
        file.create_virtual_dataset("Data/Image/v", layout)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (hostile_size, "declares more than 8 GiB of pixels"),
        (hostile_link, "Data/Image/secret is a link to another file"),
        (hostile_storage, "Data/Image/x/Data lies in another file"),
        (hostile_view, "Data/Image/v lies in another file"),
    ],
)
def test_a_file_reads_no_other_file_and_fills_no_memory(
    spoil, sentence, tmp_path, microscope, movie
):
    path = tmp_path / "scan.emd"
    microscope.velox(path, {"BF": (np.moveaxis(movie, 0, 2), 1e-11)})
    spoil(path)
    with pytest.raises(ValueError, match=rf"^scan\.emd cannot be read: .*{sentence}"):
        read_images(path)


@pytest.mark.parametrize("suffix", [".dm3", ".dm4", ".emd", ".ser", ".mrc", ".hspy", ".blo"])
def test_rubbish_is_refused_in_one_sentence(suffix, tmp_path, rng):
    (tmp_path / f"frame{suffix}").write_bytes(rng.bytes(5000))
    with pytest.raises((ValueError, OSError), match=rf"^frame{suffix} cannot be read: ") as error:
        read_images(tmp_path / f"frame{suffix}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_refused(kept, tmp_path, microscope, movie):
    microscope.dm(tmp_path / "frame.dm4", movie, 0.02, "nm", 4)
    microscope.ser(tmp_path / "frame.ser", movie, 2e-11)
    microscope.velox(tmp_path / "frame.emd", {"BF": (np.moveaxis(movie, 0, 2), 1e-11)})
    with mrcfile.new(tmp_path / "frame.mrc") as file:
        file.set_data(movie)
    for path in sorted(tmp_path.glob("frame.*")):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])
        with pytest.raises((ValueError, OSError), match=r"^frame\.\w+ cannot be read: "):
            read_images(path)


@pytest.mark.parametrize("compression", ["gzip", "bzip2"])
def test_an_mrc_that_is_packed_is_named(compression, tmp_path, movie):
    with mrcfile.new(tmp_path / "movie.mrc", compression=compression) as file:
        file.set_data(movie)
    with pytest.raises(ValueError, match=f"is packed with {compression}; unpack it first"):
        read_image(tmp_path / "movie.mrc")


def test_an_mrc_that_declares_more_than_it_holds_fills_no_memory(tmp_path):
    with mrcfile.new(tmp_path / "huge.mrc") as file:
        file.set_data(np.zeros((4, 4), np.float32))
    content = bytearray((tmp_path / "huge.mrc").read_bytes())
    content[:12] = np.array([60000, 60000, 500], "<i4").tobytes()
    (tmp_path / "huge.mrc").write_bytes(content)
    with pytest.raises((ValueError, OSError), match=r"^huge\.mrc cannot be read: "):
        read_images(tmp_path / "huge.mrc")


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path, microscope, movie):
    microscope.dm(tmp_path / "frame.dm4", movie[0], 0.02, "nm", 4)
    code = (
        "import sys; sys.modules['rsciio'] = None\n"
        "from sk_noise2sr.io import read_image\n"
        "try: read_image(sys.argv[1])\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "frame.dm4"], capture_output=True, text=True
    )
    assert done.stdout == (
        'frame.dm4 cannot be read: Reading .dm4 needs rsciio; pip install "sk_noise2sr[em]".\n'
    )


@pytest.mark.parametrize("read", [read_images, image_names])
def test_a_colour_image_of_digital_micrograph_says_so(read, tmp_path, microscope):
    microscope.dm(tmp_path / "rgb.dm4", np.arange(96, dtype=np.int32).reshape(8, 12), 0.1, "nm", 4)
    content = bytearray((tmp_path / "rgb.dm4").read_bytes())
    place = content.index(b"DataType")
    kind = content.index((7).to_bytes(4, "little"), place + 8)
    content[kind] = 23  # of 8 bytes a channel and four channels
    (tmp_path / "rgb.dm4").write_bytes(content)
    with pytest.raises(ValueError, match=r"^rgb\.dm4 cannot be read: it holds no image; a colour"):
        read(tmp_path / "rgb.dm4")


def test_emi_without_its_series_says_so(tmp_path):
    (tmp_path / "movie.emi").write_text("JL<ObjectInfo></ObjectInfo>")
    with pytest.raises(ValueError, match=r"its pixels lie in movie_1\.ser and the like"):
        read_images(tmp_path / "movie.emi")
