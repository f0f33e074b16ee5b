"""A disk that is full, by the system's limit on the size of a file: one sentence, no rubbish."""

import os
from contextlib import suppress

import numpy as np
import pytest

from sk_noise2sr.io import read_image, replacing, together, write_frames, write_image

resource = pytest.importorskip("resource", reason="limits of POSIX")


@pytest.fixture
def limit():
    """Set the largest size of a file, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda n_bytes: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", [".tif", ".npy", ".mrc", ".hspy"])
@pytest.mark.parametrize("frames", [False, True])
def test_no_part_of_a_file_is_left(tmp_path, limit, suffix, frames):
    path, movie = tmp_path / f"movie{suffix}", np.ones((4, 64, 64), "float32")
    write_image(path, movie[:1])
    write, more = (write_frames, [movie.shape]) if frames else (write_image, [])
    limit(20_000)
    with pytest.raises(OSError, match=rf"movie\{suffix} cannot be written: (it|File)"):
        write(path, movie, *more, overwrite=True)
    assert os.listdir(tmp_path) == [path.name]
    assert read_image(path)[0].shape[-2:] == (64, 64)


def test_what_cannot_be_read_is_not_said_of_the_file_to_write(tmp_path):
    def frames():
        yield np.ones((8, 8))
        yield np.fromfile(tmp_path / "missing.raw")

    with pytest.raises(FileNotFoundError, match=r"missing\.raw"):
        write_frames(tmp_path / "movie.tif", frames(), (2, 8, 8))
    assert os.listdir(tmp_path) == []


def test_files_that_belong_together_are_written_all_or_none(tmp_path):
    first, second = tmp_path / "a.npy", tmp_path / "b.zarr"
    write_image(first, np.zeros((4, 4)))
    with suppress(ZeroDivisionError), together():
        write_image(first, np.ones((4, 4)), overwrite=True)
        write_image(second, np.ones((4, 4)))
        assert not second.exists()
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == ["a.npy"]
    assert read_image(first)[0].max() == 0
    with together():
        write_image(first, np.ones((4, 4)), overwrite=True)
        write_image(second, np.ones((4, 4)))
    assert sorted(os.listdir(tmp_path)) == ["a.npy", "b.zarr"]
    assert read_image(first)[0].min() == read_image(second)[0].min() == 1


def test_an_old_store_stays_where_the_new_one_cannot_take_its_place(tmp_path):
    store = tmp_path / "a.zarr"
    write_image(store, np.zeros((4, 4)))
    with pytest.raises(FileNotFoundError), replacing(store):
        pass  # nothing is written
    assert read_image(store)[0].shape == (4, 4)
