"""NumPy's files, the hostile ones among them."""

import pickle

import numpy as np
import pytest

from sk_noise2sr.io import read_image, write_image


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "float16", "float64"])
def test_every_real_dtype_is_kept(dtype, tmp_path):
    data = np.arange(20).reshape(4, 5).astype(dtype)
    write_image(tmp_path / "frame.npy", data)
    np.testing.assert_array_equal(read_image(tmp_path / "frame.npy")[0], data, strict=True)


@pytest.mark.parametrize("data", [np.ones((4, 5), ">f4"), np.ones((4, 5), order="F")])
def test_pixels_come_back_in_native_order(data, tmp_path):
    np.save(tmp_path / "frame.npy", data)
    result, _ = read_image(tmp_path / "frame.npy")
    assert result.dtype.isnative
    assert result.flags.c_contiguous
    np.testing.assert_array_equal(result, data)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_header_is_read(version, tmp_path):
    with open(tmp_path / "frame.npy", "wb") as file:
        np.lib.format.write_array(file, np.ones((4, 5)), version)
    assert read_image(tmp_path / "frame.npy")[0].shape == (4, 5)


class Trap:
    """An object that would leave a file behind if somebody unpickled it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_is_unpickled(tmp_path):
    trap = np.empty((4, 5), object)
    trap[...] = Trap(tmp_path / "sprung")
    np.save(tmp_path / "array.npy", trap)
    (tmp_path / "bare.npy").write_bytes(pickle.dumps(trap))
    with pytest.raises(ValueError, match=r"^array\.npy .*expected real numbers, got object"):
        read_image(tmp_path / "array.npy")
    with pytest.raises(ValueError, match=r"^bare\.npy cannot be read: the magic string"):
        read_image(tmp_path / "bare.npy")
    assert not (tmp_path / "sprung").exists()


def test_a_renamed_npz_is_refused(tmp_path):
    np.savez(tmp_path / "frames.npz", np.ones((4, 5)))
    (tmp_path / "frames.npz").rename(tmp_path / "frames.npy")
    with pytest.raises(ValueError, match=r"^frames\.npy cannot be read: the magic string"):
        read_image(tmp_path / "frames.npy")


def test_the_declared_size_is_checked_before_reading(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (64, 2**20, 2**20)}
    with open(tmp_path / "frame.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(ValueError, match=r"^frame\.npy .* 5\.24e\+05 GiB .* limit of 8 GiB"):
        read_image(tmp_path / "frame.npy")


@pytest.mark.parametrize("n_bytes", [3, 9, 40, 128, 200])
def test_a_truncated_file_is_refused(n_bytes, tmp_path):
    path = tmp_path / "frame.npy"
    write_image(path, np.ones((4, 5)))
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(ValueError, match=r"^frame\.npy cannot be read: [^\n]+$"):
        read_image(path)
