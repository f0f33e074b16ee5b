"""Files that lie: a sentence, in little time and memory, and never wrong pixels."""

import os
import struct
import tracemalloc
import warnings
import zlib

import h5py
import numpy as np
import pytest
import tifffile

from sk_noise2sr.io import (
    Calibration,
    image_names,
    open_frames,
    read_image,
    read_noise,
    write_image,
)


def bomb(path, n_bytes):
    """Write 16 x 16 pixels whose strip unpacks to many bytes."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(2**20)) for _ in range(n_bytes // 2**20)) + packer.flush()
    tifffile.imwrite(path, np.zeros((16, 16), np.uint8), compression="zlib")
    with tifffile.TiffFile(path) as tiff:
        places = [tiff.pages.first.tags[code].valueoffset for code in (273, 279)]
    with open(path, "r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write(body)
        for place, value in zip(places, (end, len(body)), strict=True):
            file.seek(place)
            file.write(struct.pack("<I", value))


@pytest.mark.parametrize("n_bytes", [2**25, pytest.param(2**29, marks=pytest.mark.slow)])
@pytest.mark.parametrize("read", [read_image, image_names])
def test_a_strip_that_unpacks_to_more_than_its_pixels(read, n_bytes, tmp_path):
    bomb(tmp_path / "bomb.tif", n_bytes)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^bomb\.tif cannot be read: the file is damaged: a "):
        read(tmp_path / "bomb.tif")
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_noise_that_packs_badly_is_read(tmp_path, rng):
    noise = rng.integers(0, 2**16, (300, 300)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "noise.tif", noise, compression="zlib", rowsperstrip=1)
    np.testing.assert_array_equal(read_image(tmp_path / "noise.tif")[0], noise)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of POSIX")
def test_a_pipe_in_a_store(tmp_path):
    write_image(tmp_path / "frame.zarr", np.ones((4, 4)))
    chunk = tmp_path / "frame.zarr" / "0" / "c" / "0" / "0"
    chunk.unlink()
    os.mkfifo(chunk)
    with pytest.raises(ValueError, match="its 0 is no regular file"):
        read_image(tmp_path / "frame.zarr")


def test_a_header_of_many_megabytes_in_a_store(tmp_path):
    write_image(tmp_path / "frame.zarr", np.ones((4, 4)))
    (tmp_path / "frame.zarr" / "zarr.json").write_text(f'{{"a": "{"x" * 2**24}"}}')
    with pytest.raises(ValueError, match=r"its zarr\.json has more than 16 MiB of text"):
        read_image(tmp_path / "frame.zarr")


@pytest.mark.parametrize("folder", [False, True])
def test_a_link_out_of_a_store_is_not_followed(folder, tmp_path):
    for name in ("frame", "other"):
        write_image(tmp_path / f"{name}.zarr", np.ones((4, 4)))
    place = "0/c" if folder else "0/c/0/0"
    (tmp_path / "frame.zarr" / place).rename(tmp_path / "aside")
    (tmp_path / "frame.zarr" / place).symlink_to(tmp_path / "other.zarr" / place)
    with pytest.raises(ValueError, match="is a link out of the store"):
        read_image(tmp_path / "frame.zarr")


def test_zeros_in_our_own_store_are_no_missing_chunks(tmp_path):
    write_image(tmp_path / "dark.zarr", np.zeros((4, 16, 16)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not read_image(tmp_path / "dark.zarr")[0].any()


@pytest.mark.parametrize(
    "read", [read_image, image_names, lambda path: open_frames(path).__enter__()]
)
def test_a_header_of_another_shape_than_the_pixels(read, tmp_path):
    write_image(tmp_path / "frame.hspy", np.ones((3, 8, 12)))
    with h5py.File(tmp_path / "frame.hspy", "r+") as file:
        (signal,) = file["Experiments"].values()
        signal["axis-1"].attrs["size"] = 9
    with pytest.raises(ValueError, match=r"declares the shape \(3, 9, 12\) for pixels of the sha"):
        read(tmp_path / "frame.hspy")


@pytest.mark.parametrize("shape", [(1, 6), (6, 1)])
def test_one_row_of_mrc_is_an_image(shape, tmp_path):
    data = np.arange(6, dtype=np.float32).reshape(shape)
    write_image(tmp_path / "row.mrc", data, Calibration((0.5, 0.5), "nm"))
    back, calibration = read_image(tmp_path / "row.mrc")
    np.testing.assert_array_equal(back, data)
    assert calibration.pixel_size == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(
    "metadata",
    [
        {"Signal": "text"},
        {"Signal": {"Noise_properties": "text"}},
        {"Signal": {"Noise_properties": {"Variance_linear_model": [1, 2]}}},
        {"metadata": "text"},
    ],
)
def test_a_text_is_no_model_of_the_noise(metadata):
    assert read_noise(metadata) is None


@pytest.mark.parametrize("size", [1e17, 160_616, 1e-6])
def test_a_pixel_size_that_cannot_be(size, tmp_path):
    write_image(tmp_path / "frame.tif", np.ones((4, 4)), Calibration((size, size), "nm"))
    with pytest.warns(UserWarning, match=r"^frame\.tif says that a pixel is .* nm wide, which no"):
        read_image(tmp_path / "frame.tif")
