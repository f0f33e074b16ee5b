"""Suffixes, calibrations, and files that are written as a whole or not at all."""

import os
import signal

import numpy as np
import pytest

from sk_noise2sr.io import Calibration, read_image, read_images, write_image
from sk_noise2sr.io._atomic import replacing

SUFFIXES = [".tif", ".tiff", ".npy"]


class Unmeasured:
    """A lazy array whose microscope is off."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no beam")


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".TIF", ".Npy"])
@pytest.mark.parametrize("shape", [(5, 7), (4, 5, 7), (3, 16, 16), (2, 16, 3), (1, 6), (6, 1)])
def test_pixels_come_back_as_they_were(suffix, shape, tmp_path):
    data = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    write_image(tmp_path / f"frame{suffix}", data)
    result, calibration = read_image(str(tmp_path / f"frame{suffix}"))
    np.testing.assert_array_equal(result, data, strict=True)
    assert calibration == Calibration()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_is_not_overwritten_unless_asked(suffix, tmp_path):
    path = tmp_path / f"frame{suffix}"
    write_image(path, np.zeros((4, 5)))
    with pytest.raises(FileExistsError, match=r"^frame.* exists; pass overwrite=True or choose"):
        write_image(path, np.ones((4, 5)))
    assert not read_image(path)[0].any()
    write_image(path, np.ones((4, 5)), overwrite=True)
    assert read_image(path)[0].all()


def test_ctrl_c_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "frame.npy"
    path.write_text("old")

    def interrupted():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt("while writing")

    with pytest.raises(KeyboardInterrupt, match="while writing"):
        interrupted()
    assert os.listdir(tmp_path) == ["frame.npy"]
    assert path.read_text() == "old"


def test_an_array_that_fails_touches_no_file(tmp_path):
    path = tmp_path / "frame.tif"
    write_image(path, np.ones((4, 5)))
    with pytest.raises(RuntimeError, match="no beam"):
        write_image(path, Unmeasured(), overwrite=True)
    assert os.listdir(tmp_path) == ["frame.tif"]
    assert read_image(path)[0].all()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path):
    write_image(tmp_path / "frame.tif", np.ones((4, 5)))
    (tmp_path / "plain").touch()
    assert (tmp_path / "frame.tif").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.npy").symlink_to(tmp_path / "frame.npy")
    write_image(tmp_path / "link.npy", np.ones((4, 5)))
    assert (tmp_path / "link.npy").is_symlink()
    assert (tmp_path / "frame.npy").is_file()


@pytest.mark.parametrize("name", ["frame.bmp", "frame"])
def test_an_unknown_suffix_names_the_known_ones(name, tmp_path):
    (tmp_path / name).write_bytes(b"pixels")
    sentence = rf"^{name} has the suffix '.*'; known are .*\.npy, .*\.tif, \.tiff, \.zarr\.$"
    with pytest.raises(ValueError, match=sentence):
        read_image(tmp_path / name)
    with pytest.raises(ValueError, match=sentence):
        write_image(tmp_path / name, np.ones((4, 5)))


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^frame\.tif does not exist in "):
        read_image(tmp_path / "frame.tif")


def test_a_missing_folder_is_called_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^frame\.tif .*folder .*results does not exist"):
        write_image(tmp_path / "results" / "frame.tif", np.ones((4, 5)))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_is_no_file(suffix, tmp_path):
    folder = tmp_path / f"frames{suffix}"
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match=r"^frames.* is a folder"):
        read_image(folder)
    with pytest.raises(IsADirectoryError, match=r"^frames.* is a folder"):
        write_image(folder, np.ones((4, 5)), overwrite=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_called_empty(suffix, tmp_path):
    (tmp_path / f"frame{suffix}").touch()
    with pytest.raises(ValueError, match=r"^frame.* is empty"):
        read_image(tmp_path / f"frame{suffix}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "frame.tif")
    with pytest.raises(OSError, match=r"^frame\.tif is no regular file"):
        read_image(tmp_path / "frame.tif")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (np.ones(5), r"expected an image .* got the shape \(5,\)"),
        (np.ones((2, 3, 4, 5)), r"expected an image .* got the shape \(2, 3, 4, 5\)"),
        (np.ones((0, 5)), r"expected an image .* got the shape \(0, 5\)"),
        (np.ones((4, 5), complex), "expected real numbers, got complex128"),
        (np.full((4, 5), None), "expected real numbers, got object"),
    ],
)
def test_what_is_no_image_is_not_written(suffix, data, sentence, tmp_path):
    with pytest.raises(ValueError, match=f"^frame{suffix} cannot be written: {sentence}"):
        write_image(tmp_path / f"frame{suffix}", data)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"pixel_size": (0.1, -0.1), "unit": "nm"}, "two positive, finite numbers"),
        ({"pixel_size": (0.1, np.nan), "unit": "nm"}, "two positive, finite numbers"),
        ({"pixel_size": 0.1, "unit": "nm"}, "two positive, finite numbers"),
        ({"pixel_size": (0.1, 0.1)}, "needs a unit"),
        ({"frame_interval": 0}, "positive, finite frame_interval, got 0"),
        ({"pixel_size": (0.1, 0.1), "unit": "nm\nmin=3"}, "one line of text"),
    ],
)
def test_a_calibration_says_what_is_wrong(parameters, sentence):
    with pytest.raises(ValueError, match=sentence):
        Calibration(**parameters)


def test_calibrations_of_numpy_numbers_are_equal():
    assert Calibration(np.array([0.5, 0.25]), "nm") == Calibration((0.5, 0.25), "nm")


def test_zspy_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "scan.zspy").mkdir()
    with pytest.raises(ValueError, match=r"^scan\.zspy needs a zarr older than 3.* as \.hspy"):
        read_images(tmp_path / "scan.zspy")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_the_next_run_clears_what_a_killed_one_has_left(tmp_path):
    path = tmp_path / "frame.tif"
    child = os.fork()
    if child == 0:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    with replacing(path) as living:
        living.write_bytes(b"whole")
        with replacing(tmp_path / "other.tif") as temporary:
            temporary.write_bytes(b"other")
        assert not left.exists()
        assert living.exists()
    assert {each.name for each in tmp_path.iterdir()} == {"frame.tif", "other.tif"}
