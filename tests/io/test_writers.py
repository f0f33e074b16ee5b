"""What is written keeps axes, units, metadata and provenance, as far as the format has a place."""

import json
import os
import shutil

import mrcfile
import numcodecs
import numpy as np
import pytest
import tifffile
import zarr

from sk_noise2sr.io import (
    Axis,
    Calibration,
    ImageRecord,
    read_image,
    read_images,
    read_provenance,
    write_image,
)
from sk_noise2sr.io._record import plain_record

CALIBRATION = Calibration((0.02, 0.03), "nm", frame_interval=0.04)
PROVENANCE = {"denoiser": "VSTBM3D", "parameters": {"noise": [0.1, 0.0]}, "random_state": 3}
ALL = [".tif", ".npy", ".hspy", ".mrc", ".zarr"]
CALIBRATED = [".tif", ".hspy", ".zarr"]


@pytest.mark.parametrize("suffix", ALL)
@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (4, 5)])
def test_pixels_come_back(suffix, shape, tmp_path, rng):
    data = rng.normal(size=shape).astype(np.float32)
    write_image(tmp_path / f"a{suffix}", data, provenance=PROVENANCE)
    read, calibration = read_image(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read, data, strict=True)
    assert calibration == Calibration()
    assert os.listdir(tmp_path) == [f"a{suffix}"]


@pytest.mark.parametrize("suffix", CALIBRATED)
@pytest.mark.parametrize("unit", ["nm", "1/nm"])
def test_calibration_comes_back(suffix, unit, tmp_path, movie):
    calibration = Calibration((0.02, 0.03), unit, frame_interval=0.04)
    write_image(tmp_path / f"a{suffix}", movie, calibration)
    assert read_image(tmp_path / f"a{suffix}")[1] == calibration


def test_mrc_keeps_lengths_as_voxel_size(tmp_path, movie):
    write_image(tmp_path / "a.mrc", movie, CALIBRATION)
    calibration = read_image(tmp_path / "a.mrc")[1]
    assert calibration.unit == "nm"
    assert calibration.pixel_size == pytest.approx((0.02, 0.03))
    assert mrcfile.validate(tmp_path / "a.mrc")


@pytest.fixture
def scan(rng):
    """Return the record of a scan of 2 x 3 positions."""
    axes = (
        Axis("slow", 2, 1.5, 10.0, "nm"),
        Axis("fast", 3, 1.5, -4.0, "nm"),
        Axis("ky", 8, 0.25, -1.0, "1/nm"),
        Axis("kx", 9, 0.25, -1.0, "1/nm"),
    )
    metadata = {"metadata": {"Acquisition_instrument": {"TEM": {"beam_energy": 200.0}}}}
    return ImageRecord("pattern", rng.normal(size=(6, 8, 9)).astype("f4"), axes, metadata)


def test_hspy_keeps_axes_metadata_and_provenance(tmp_path, scan):
    write_image(tmp_path / "a.hspy", scan.data + 1, record=scan, provenance=PROVENANCE)
    read = read_images(tmp_path / "a.hspy")[0]
    assert read.axes == scan.axes
    assert read.name == "pattern"
    np.testing.assert_array_equal(read.data, scan.data + 1)
    microscope = read.metadata["metadata"]["Acquisition_instrument"]["TEM"]
    assert microscope["beam_energy"] == 200.0
    assert read.metadata["original_metadata"]["sk_noise2sr"] == PROVENANCE


def test_hyperspy_opens_what_is_written(tmp_path, scan):
    hyperspy = pytest.importorskip("hyperspy.api")
    write_image(tmp_path / "a.hspy", scan.data, record=scan, provenance=PROVENANCE)
    signal = hyperspy.load(tmp_path / "a.hspy")
    np.testing.assert_array_equal(signal.data, scan.data.reshape(scan.shape))
    assert signal.axes_manager.signal_axes[0].units == "1/nm"
    assert signal.axes_manager.navigation_axes[0].offset == -4.0
    assert signal.metadata.Acquisition_instrument.TEM.beam_energy == 200.0


def test_what_came_from_a_microscope_goes_on_with_its_metadata(tmp_path, microscope, movie):
    microscope.velox(tmp_path / "scan.emd", {"HAADF": (np.moveaxis(movie, 0, 2), 2e-11)})
    source = read_images(tmp_path / "scan.emd")[0]
    for suffix in (".hspy", ".zarr"):
        write_image(tmp_path / f"clean{suffix}", source.data, record=source)
        read = read_images(tmp_path / f"clean{suffix}")[0]
        assert "300000" in str(read.metadata)
        assert read.calibration == source.calibration


def test_provenance_is_in_the_file(tmp_path, movie):
    for suffix in (".tif", ".mrc", ".zarr"):
        write_image(tmp_path / f"a{suffix}", movie, provenance=PROVENANCE)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert json.loads(file.imagej_metadata["Info"]) == PROVENANCE
    assert zarr.open(tmp_path / "a.zarr", mode="r").attrs["sk_noise2sr"] == PROVENANCE
    with mrcfile.open(tmp_path / "a.mrc") as file:
        labels = b" ".join(file.header.label[1:3]).decode()
    assert '"denoiser": "VSTBM3D"' in labels


@pytest.mark.parametrize("suffix", ALL)
def test_provenance_is_read_back_where_all_of_it_is_kept(suffix, tmp_path, movie):
    write_image(tmp_path / f"a{suffix}", movie, provenance=PROVENANCE)
    expected = None if suffix in (".npy", ".mrc") else PROVENANCE
    assert read_provenance(tmp_path / f"a{suffix}") == expected
    write_image(tmp_path / f"b{suffix}", movie)
    assert read_provenance(tmp_path / f"b{suffix}") is None
    assert read_provenance(tmp_path / f"missing{suffix}") is None


def test_a_record_of_another_shape_is_refused(tmp_path, scan):
    with pytest.raises(ValueError, match=r"it has the shape \(3, 3\), its record \(6, 8, 9\)"):
        write_image(tmp_path / "a.hspy", np.ones((3, 3)), record=scan)
    assert os.listdir(tmp_path) == []


def test_an_older_store_is_replaced_only_when_asked_and_a_folder_never(tmp_path, movie):
    write_image(tmp_path / "a.zarr", movie)
    with pytest.raises(FileExistsError, match="exists; pass overwrite=True"):
        write_image(tmp_path / "a.zarr", movie + 1)
    write_image(tmp_path / "a.zarr", movie + 1, overwrite=True)
    np.testing.assert_array_equal(read_image(tmp_path / "a.zarr")[0], movie + 1)
    (tmp_path / "precious.zarr").mkdir()
    (tmp_path / "precious.zarr" / "thesis.txt").touch()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_image(tmp_path / "precious.zarr", movie, overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["a.zarr", "precious.zarr"]


def test_a_store_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="cannot be written: expected real numbers"):
        write_image(tmp_path / "a.zarr", np.ones((4, 4), complex))
    assert os.listdir(tmp_path) == []


def test_a_zarr_that_lacks_a_chunk_says_so(tmp_path, movie):
    write_image(tmp_path / "a.zarr", movie)
    shutil.rmtree(tmp_path / "a.zarr" / "0" / "c" / "1")
    with pytest.warns(
        RuntimeWarning, match=r"1 of 3 chunks of a\.zarr are not there and count as 0"
    ):
        read_image(tmp_path / "a.zarr")


def test_zarr_of_others_a_plain_array_and_a_group_of_one(tmp_path, movie):
    for version in (2, 3):
        path = tmp_path / f"v{version}.zarr"
        zarr.create_array(path, data=movie, zarr_format=version)
        np.testing.assert_array_equal(read_image(path)[0], movie)
    group = zarr.create_group(tmp_path / "group.zarr")
    group.create_array("movie", data=movie)
    np.testing.assert_array_equal(read_image(tmp_path / "group.zarr")[0], movie)
    group.create_array("other", data=movie)
    with pytest.raises(ValueError, match="expected a store of one image, got 2: movie, other"):
        read_image(tmp_path / "group.zarr")


def test_a_store_that_unpickles_is_refused(tmp_path):
    zarr.create_array(
        tmp_path / "a.zarr",
        shape=(4, 4),
        dtype="f4",
        zarr_format=2,
        filters=[numcodecs.Zlib()],
    )
    about = json.loads((tmp_path / "a.zarr/.zarray").read_text())
    about["filters"] = [{"id": "pickle", "protocol": 4}]
    (tmp_path / "a.zarr/.zarray").write_text(json.dumps(about))
    with pytest.raises(ValueError, match="pickle"):
        read_image(tmp_path / "a.zarr")


def test_a_size_above_the_limit_is_refused(tmp_path):
    zarr.create_array(
        tmp_path / "a.zarr", shape=(10**6, 4096, 4096), chunks=(1, 64, 64), dtype="f4"
    )
    with pytest.raises(ValueError, match="above the limit of 8 GiB"):
        read_image(tmp_path / "a.zarr")


def test_a_folder_is_no_store(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(ValueError, match=r"a folder without zarr\.json"):
        read_image(tmp_path / "a.zarr")


@pytest.mark.parametrize("unit", ["nm⁻¹", "Ω", "лм", '"', "\\u00b5"])
@pytest.mark.parametrize("suffix", ALL)
def test_no_unit_is_too_odd_to_be_written(suffix, unit, tmp_path, movie):
    path = tmp_path / f"a{suffix}"
    write_image(path, movie, Calibration((0.02, 0.03), unit))
    known = read_image(path)[1]
    if suffix == ".tif" and "u00" not in unit:
        assert known == Calibration((0.02, 0.03), unit)


@pytest.mark.parametrize("size", [1e-320, 1e-30, 1e-10, 1e12, 1e300])
def test_no_pixel_is_too_small_or_too_large_for_tiff(size, tmp_path, movie):
    write_image(tmp_path / "a.tif", movie, Calibration((size, size), "nm"))
    with pytest.warns(UserWarning, match="check its calibration"):
        assert read_image(tmp_path / "a.tif")[1].pixel_size == (size, size)


@pytest.mark.parametrize(("unit", "factor"), [("Å", 0.1), ("µm", 1e3), ("pm", 1e-3), ("mm", 1e6)])
def test_lengths_of_any_unit_stay_in_mrc(unit, factor, tmp_path, movie):
    write_image(tmp_path / "a.mrc", movie, Calibration((0.2 / factor, 0.3 / factor), unit))
    calibration = read_image(tmp_path / "a.mrc")[1]
    assert calibration.unit == "nm"
    assert calibration.pixel_size == pytest.approx((0.2, 0.3))


@pytest.mark.parametrize("suffix", [".hspy", ".mrc", ".npy", ".tif", ".zarr"])
def test_the_name_of_the_source_need_not_be_text(suffix, tmp_path):
    name = os.fsdecode(b"caf\xe9")
    record = plain_record(name, np.ones((8, 9), "f4"))
    path = tmp_path / f"{name}{suffix}"
    write_image(path, record.data, record=record, provenance={"input": {"name": name}})
    assert read_image(path)[0].shape == (8, 9)
    if suffix in (".hspy", ".tif", ".zarr"):
        assert read_provenance(path) == {"input": {"name": "caf\\udce9"}}


def test_a_calibration_of_another_kind_gets_a_sentence(tmp_path):
    for suffix in (".tif", ".npy"):
        with pytest.raises(ValueError, match=r"Expected calibration .* got \(0.1, 0.1\)\. Give"):
            write_image(tmp_path / f"frame{suffix}", np.ones((4, 5)), (0.1, 0.1))
