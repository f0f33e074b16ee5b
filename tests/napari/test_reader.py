"""Files of microscopes as layers of napari."""

import numpy as np
import pytest

from sk_noise2sr._napari._reader import get_reader
from sk_noise2sr.io import Calibration, write_image


def test_only_files_of_microscopes_are_read():
    assert get_reader("frame.tif") is None
    assert get_reader(["a.dm4", "b.txt"]) is None
    assert get_reader(["a.dm4", "B.EMD"]) is not None


@pytest.mark.parametrize("suffix", ["hspy", "mrc"])
def test_scale_and_unit_of_a_movie_are_kept(tmp_path, suffix):
    movie = np.arange(24, dtype="float32").reshape(2, 3, 4)
    path = tmp_path / f"movie.{suffix}"
    write_image(path, movie, Calibration((0.02, 0.03), "nm", frame_interval=0.5))
    ((data, options, kind),) = get_reader(str(path))(str(path))
    assert kind == "image"
    np.testing.assert_array_equal(data, movie)
    np.testing.assert_allclose(options["scale"][1:], [0.02, 0.03])
    assert options["units"][1:] == ["nm", "nm"]
    if suffix == "hspy":
        assert (options["scale"][0], options["units"][0]) == (0.5, "s")


def test_without_calibration_there_are_pixels(tmp_path):
    path = tmp_path / "frame.hspy"
    write_image(path, np.eye(5, dtype="float32"))
    ((_, options, _),) = get_reader([str(path)])([str(path)])
    assert options["units"] == ["pixel", "pixel"]
    assert options["scale"] == [1.0, 1.0]
