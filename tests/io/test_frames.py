"""Movies frame by frame: the same pixels and calibration as all at once, and whole files only."""

import os

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile
import zarr

from sk_noise2sr.io import (
    Axis,
    Calibration,
    ImageRecord,
    open_frames,
    read_image,
    read_images,
    write_frames,
    write_image,
)

WRITABLE = [".hspy", ".mrc", ".npy", ".tif", ".zarr"]
CALIBRATION = Calibration((0.02, 0.02), "nm", frame_interval=0.04)


def write_compressed(path, movie):
    tifffile.imwrite(path, movie, compression="zlib", photometric="minisblack")


def write_big_endian(path, movie):
    tifffile.imwrite(path, movie, byteorder=">", photometric="minisblack")


def write_pages(path, movie):
    with tifffile.TiffWriter(path) as writer:
        for frame in movie:
            writer.write(frame, photometric="minisblack", contiguous=False, metadata=None)


def write_fortran(path, movie):
    np.save(path, np.asfortranarray(movie))


def write_plain_zarr(path, movie):
    zarr.create_array(path, data=movie, chunks=(2, 5, 24))


WRITERS = {
    "a.tif": write_image,
    "b.tif": write_compressed,
    "c.tif": write_big_endian,
    "d.tif": write_pages,
    "e.npy": write_image,
    "f.npy": write_fortran,
    "g.zarr": write_image,
    "h.zarr": write_plain_zarr,
    "i.hspy": write_image,
    "j.mrc": write_image,
}


@pytest.mark.parametrize("name", WRITERS)
def test_frames_are_those_of_the_whole(name, tmp_path, movie):
    WRITERS[name](tmp_path / name, movie)
    record = read_images(tmp_path / name)[0]
    with open_frames(tmp_path / name) as frames:
        assert frames.shape == (len(frames), 16, 24) == (3, 16, 24)
        assert frames.dtype == movie.dtype
        for number in (2, 0, 1, -1):
            np.testing.assert_array_equal(frames[number], movie[number], strict=True)
        assert frames.record.axes == record.axes
        with pytest.raises(IndexError, match="Expected a frame from 0 to 2, got 3"):
            frames[3]


def test_frames_of_a_microscope(tmp_path, microscope, movie):
    microscope.dm(tmp_path / "movie.dm4", movie, 0.02, "nm", 4)
    with open_frames(tmp_path / "movie.dm4") as frames:
        np.testing.assert_array_equal(frames[1], movie[1])
        assert frames.record.calibration == CALIBRATION
    images = {"BF": (np.moveaxis(movie[::-1], 0, 2), 1e-11), "HAADF": (np.moveaxis(movie, 0, 2), 1)}
    microscope.velox(tmp_path / "scan.emd", images)
    with open_frames(tmp_path / "scan.emd", "HAADF") as frames:
        np.testing.assert_array_equal(frames[1], movie[1])


def fail_in(path):
    with open_frames(path):
        raise RuntimeError("no beam")


@pytest.mark.parametrize("name", ["a.tif", "a.npy", "a.hspy"])
def test_what_goes_wrong_elsewhere_is_not_blamed_on_the_file(name, tmp_path, movie):
    write_image(tmp_path / name, movie)
    with pytest.raises(RuntimeError, match="no beam"):
        fail_in(tmp_path / name)


def test_a_damaged_frame_is_refused_and_the_others_are_read(tmp_path, movie):
    write_compressed(tmp_path / "a.tif", movie)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        offset = tiff.pages[1].dataoffsets[0]
    content = bytearray((tmp_path / "a.tif").read_bytes())
    content[offset : offset + 20] = bytes(20)
    (tmp_path / "a.tif").write_bytes(content)
    with open_frames(tmp_path / "a.tif") as frames:
        np.testing.assert_array_equal(frames[0], movie[0])
        with pytest.raises(ValueError, match=r"^a\.tif cannot be read: "):
            frames[1]
        np.testing.assert_array_equal(frames[2], movie[2])


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint16"])
def test_frames_go_out_as_they_come(suffix, dtype, tmp_path, movie):
    movie = (100 + 10 * movie).astype(dtype)
    write_image(tmp_path / "source.tif", movie.astype("float32"), CALIBRATION)
    path = tmp_path / f"target{suffix}"
    with open_frames(tmp_path / "source.tif") as source:
        write_frames(path, iter(movie), movie.shape, dtype, record=source.record)
    read, calibration = read_image(path)
    to_single = suffix in (".tif", ".mrc") and dtype == "float64"
    expected = movie.astype("float32" if to_single else dtype)
    np.testing.assert_array_equal(read, expected, strict=True)
    kept = {".npy": Calibration(), ".mrc": Calibration((0.02, 0.02), "nm")}
    assert calibration.unit == kept.get(suffix, CALIBRATION).unit
    assert calibration.frame_interval == kept.get(suffix, CALIBRATION).frame_interval


def test_an_mrc_of_frames_is_that_of_the_whole(tmp_path, movie):
    write_image(tmp_path / "whole.mrc", movie, CALIBRATION, provenance={"denoiser": "ZSN2N"})
    with open_frames(tmp_path / "whole.mrc") as source:
        about = {"record": source.record, "provenance": {"denoiser": "ZSN2N"}}
        write_frames(tmp_path / "frames.mrc", iter(movie), movie.shape, **about)
    assert mrcfile.validate(tmp_path / "frames.mrc")
    with mrcfile.open(tmp_path / "whole.mrc") as one, mrcfile.open(tmp_path / "frames.mrc") as two:
        assert one.is_image_stack()
        assert two.is_image_stack()
        assert one.voxel_size == two.voxel_size
        assert two.header.label[1] == one.header.label[1] == b'{"denoiser": "ZSN2N"}'
        for name in ("dmin", "dmax", "dmean"):
            assert two.header[name] == pytest.approx(one.header[name], rel=1e-6)


def test_a_scan_keeps_its_axes_frame_by_frame(tmp_path, movie):
    scan = np.stack([movie, movie[::-1]])
    axes = [Axis(name, size, 0.5, unit="nm") for name, size in zip("abyx", scan.shape, strict=True)]
    record = ImageRecord("scan", scan.reshape(6, 16, 24), tuple(axes), {})
    write_frames(tmp_path / "scan.hspy", iter(record.data), record.data.shape, record=record)
    read = read_images(tmp_path / "scan.hspy")[0]
    np.testing.assert_array_equal(read.data, record.data, strict=True)
    assert read.axes == record.axes


@pytest.mark.parametrize("suffix", WRITABLE)
def test_an_error_in_the_middle_leaves_nothing(suffix, tmp_path, movie):
    def frames():
        yield movie[0]
        raise RuntimeError("no beam")

    with pytest.raises(RuntimeError, match="no beam"):
        write_frames(tmp_path / f"a{suffix}", frames(), movie.shape)
    with pytest.raises(ValueError, match="expected 3 frames, got 2"):
        write_frames(tmp_path / f"a{suffix}", movie[:2], movie.shape)
    with pytest.raises(ValueError, match=r"frame 3 of the shape \(16, 24\) is not of \(3, 16, 24"):
        write_frames(tmp_path / f"a{suffix}", [*movie, movie[0]], movie.shape)
    assert os.listdir(tmp_path) == []


def test_a_single_image_is_no_movie(tmp_path, movie):
    write_image(tmp_path / "frame.tif", movie[0])
    with pytest.raises(ValueError, match="frame.tif cannot be read: expected a movie"):  # noqa: RUF043
        open_frames(tmp_path / "frame.tif").__enter__()


def test_movies_above_the_limit_are_opened(tmp_path):
    with h5py.File(tmp_path / "huge.hspy", "w") as file:
        file.attrs["file_format"] = "HyperSpy"
        file.attrs["file_format_version"] = "3.3"
        group = file.create_group("Experiments/huge")
        group.create_dataset("data", (40_000, 256, 256), "f4", chunks=(1, 256, 256))
        for number, (name, size) in enumerate([("t", 40_000), ("y", 256), ("x", 256)]):
            about = {"name": name, "scale": 1.0, "offset": 0.0, "size": size, "units": "nm"}
            axis = group.create_group(f"axis-{number}")
            axis.attrs.update({**about, "navigate": number == 0, "_type": "UniformDataAxis"})
        group.create_group("metadata/General").attrs["title"] = "huge"
        group.create_group("metadata/Signal").attrs["signal_type"] = ""
        group.create_group("original_metadata")
    with open_frames(tmp_path / "huge.hspy") as frames:
        assert frames.shape == (40_000, 256, 256)
        assert not frames[39_999].any()
    with pytest.raises(ValueError, match="declares more than 8 GiB"):
        read_image(tmp_path / "huge.hspy")
