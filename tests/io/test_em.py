"""Files of microscopes come in with pixels, axes, units and metadata, or not at all."""

import json
import struct

import h5py
import mrcfile
import numpy as np
import pytest
from rsciio import blockfile
from rsciio.emd import file_writer as write_ncem

from sk_noise2sr.io import (
    Axis,
    Calibration,
    ImageRecord,
    image_names,
    open_frames,
    read_image,
    read_images,
    write_image,
)

CALIBRATED = Calibration((0.02, 0.02), "nm", frame_interval=0.04)


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("suffix", ["", ".DM"])
def test_digital_micrograph(version, suffix, tmp_path, microscope, movie):
    path = tmp_path / f"movie{suffix or '.dm'}{version}"
    microscope.dm(path, movie, 0.02, "nm", version)
    data, calibration = read_image(path)
    np.testing.assert_array_equal(data, movie, strict=True)
    assert calibration == CALIBRATED


@pytest.mark.parametrize(
    ("scale", "unit", "expected"),
    [
        (20, "pm", Calibration((0.02, 0.02), "nm")),
        (0.25, "µm", Calibration((250, 250), "nm")),
        (0.5, "1/nm", Calibration((0.5, 0.5), "1/nm")),
        (0.5, "1/Å", Calibration((5, 5), "1/nm")),
        (1.0, "", Calibration()),
        (3.0, "mrad", Calibration()),
    ],
)
def test_units_are_brought_to_one_of_each_kind(scale, unit, expected, tmp_path, microscope, movie):
    microscope.dm(tmp_path / "frame.dm4", movie[0], scale, unit, 4)
    calibration = read_image(tmp_path / "frame.dm4")[1]
    assert calibration.unit == expected.unit
    assert calibration.pixel_size == (expected.pixel_size and pytest.approx(expected.pixel_size))


def test_several_images_are_all_read_and_none_is_chosen_silently(tmp_path, microscope, movie):
    bright, dark = np.moveaxis(movie[:1], 0, 2), np.moveaxis(movie, 0, 2)
    microscope.velox(tmp_path / "scan.emd", {"BF": (bright, 1e-11), "HAADF": (dark, 2e-11)})
    records = read_images(tmp_path / "scan.emd")
    assert [record.name for record in records] == ["BF", "HAADF"]
    with pytest.raises(
        ValueError,
        match=r"^scan\.emd holds 2 images; choose one: 0: 'BF' 16 x 24, 1: 'HAADF' 3 x 16 x 24\.$",
    ):
        read_image(tmp_path / "scan.emd")
    with pytest.raises(ValueError, match="holds 2 images, and none of them is 'EDS'; choose one"):
        read_image(tmp_path / "scan.emd", "EDS")
    for name in ("HAADF", 1, "1"):
        data, calibration = read_image(tmp_path / "scan.emd", name)
        np.testing.assert_array_equal(data, movie)
        assert calibration.pixel_size == pytest.approx((0.02, 0.02))
        assert calibration.frame_interval == pytest.approx(0.04)
    assert "300000" in str(records[0].metadata["original_metadata"]["Optics"])


def test_images_of_one_name_are_told_apart(tmp_path, microscope, movie):
    frame = (np.moveaxis(movie[:1], 0, 2), 1e-11)
    microscope.velox(tmp_path / "scan.emd", {"BF": frame, "HAADF": frame})
    with h5py.File(tmp_path / "scan.emd", "r+") as file:
        for name in ("Operations", "Data/Image"):
            assert name in file
        del file["Operations"]
    names = [record.name for record in read_images(tmp_path / "scan.emd")]
    assert len(set(names)) == 2


def test_ncem_emd(tmp_path, movie):
    axes = [
        {"name": name, "units": unit, "scale": scale, "offset": 0.0, "size": size,
         "navigate": name == "t", "index_in_array": position}
        for position, (name, unit, scale, size) in enumerate(
            [("t", "s", 0.04, 3), ("y", "nm", 0.02, 16), ("x", "nm", 0.02, 24)]
        )
    ]  # fmt: skip
    signal = {
        "data": movie,
        "axes": axes,
        "metadata": {"General": {"title": "gold"}, "Signal": {}},
        "original_metadata": {},
    }
    write_ncem(str(tmp_path / "movie.emd"), signal)
    record = read_images(tmp_path / "movie.emd")[0]
    np.testing.assert_array_equal(record.data, movie)
    assert record.calibration.unit == "nm"
    assert record.calibration.pixel_size == pytest.approx((0.02, 0.02))


@pytest.mark.parametrize("names", ["tyx", ("time", "row", "column"), ("", "", "")])
def test_ncem_emd_in_the_order_of_numpy(names, tmp_path, movie):
    path = tmp_path / "movie.emd"
    write_as_ncempy(path, movie, names, ["s", "[n_m]", "[n_m]"])
    record = read_images(path)[0]
    np.testing.assert_array_equal(record.data, movie)
    assert record.calibration == Calibration((0.02, 0.03), "nm", frame_interval=0.04)
    with open_frames(path) as frames:
        np.testing.assert_array_equal(frames[2], movie[2])
    write_as_ncempy(path, movie[0], ["Y", "X"], ["µm", "µm"])
    record = read_images(path)[0]
    np.testing.assert_array_equal(record.data, movie[0])
    assert record.calibration.pixel_size == pytest.approx((40, 20))


def test_ncem_emd_of_a_scan_of_diffraction_patterns(tmp_path, rng):
    scan = rng.poisson(3, (2, 3, 16, 24))
    write_as_ncempy(tmp_path / "scan.emd", scan, "abcd", ["nm", "nm", "[n_m^-1]", "[n_m^-1]"])
    record = read_images(tmp_path / "scan.emd")[0]
    np.testing.assert_array_equal(record.data, scan.reshape(6, 16, 24))
    assert record.calibration.unit == "1/nm"


@pytest.mark.parametrize("other", ["HAADF_dark", "HAADF2", "ADF"])
def test_ncem_emd_keeps_images_apart_whose_names_begin_alike(other, tmp_path, movie):
    path = tmp_path / "session.emd"
    write_as_ncempy(path, movie[0], "yx", ["nm", "nm"], name="HAADF")
    write_as_ncempy(path, movie[1], "yx", ["nm", "nm"], name=other, mode="r+")
    found = {record.name: record.data for record in read_images(path)}
    assert set(found) == set(image_names(path)) == {"HAADF", other}
    np.testing.assert_array_equal(found["HAADF"], movie[0])
    np.testing.assert_array_equal(found[other], movie[1])


def write_as_ncempy(path, data, names, units, name="image", mode="w"):
    """Write an EMD file as ncempy does: the array as it is, and a dataset for each of its axes."""
    steps = [0.04, 0.02, 0.03, 0.01]
    with h5py.File(path, mode) as file:
        file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
        group = file.create_group(f"data/{name}")
        group.attrs["emd_group_type"] = 1
        group["data"] = data
        for number, (name, unit) in enumerate(zip(names, units, strict=True)):
            group[f"dim{number + 1}"] = np.arange(data.shape[number]) * steps[number]
            group[f"dim{number + 1}"].attrs.update({"name": name, "units": unit})


def test_ser(tmp_path, microscope, movie):
    microscope.ser(tmp_path / "movie_1.ser", movie, 2e-11)
    data, calibration = read_image(tmp_path / "movie_1.ser")
    np.testing.assert_array_equal(data, movie)
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))


def test_emi_reads_the_series_beside_it(tmp_path, microscope, movie):
    microscope.ser(tmp_path / "movie_1.ser", movie, 2e-11)
    about = "JL<ObjectInfo><Manufacturer>FEI</Manufacturer></ObjectInfo>"
    (tmp_path / "movie.emi").write_text(about)
    record = read_images(tmp_path / "movie.emi")[0]
    np.testing.assert_array_equal(record.data, movie)
    assert "FEI" in str(record.metadata)


@pytest.mark.parametrize("dtype", ["int16", "uint16", "float32"])
def test_mrc(dtype, tmp_path, movie):
    data = (50 + 10 * movie).astype(dtype)
    with mrcfile.new(tmp_path / "movie.mrc") as file:
        file.set_data(data)
        file.set_image_stack()
        file.voxel_size = 0.2  # angstroms
    read, calibration = read_image(tmp_path / "movie.mrc")
    np.testing.assert_array_equal(read, data, strict=True)
    assert calibration.unit == "nm"
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))


def test_frames_of_a_scan_follow_one_another_and_its_axes_are_kept(tmp_path, rng):
    scan = rng.integers(0, 255, (2, 5, 16, 16)).astype(np.uint8)
    axes = [
        {"name": name, "units": unit, "scale": 1.5, "offset": 0.0, "size": size,
         "navigate": position < 2}
        for position, (name, unit, size) in enumerate(
            [("y", "nm", 2), ("x", "nm", 5), ("dy", "cm", 16), ("dx", "cm", 16)]
        )
    ]  # fmt: skip
    signal = {"data": scan, "axes": axes, "metadata": {}, "original_metadata": {}}
    signal["attributes"] = {"_lazy": False}
    blockfile.file_writer(str(tmp_path / "scan.blo"), signal, show_progressbar=False)
    record = read_images(tmp_path / "scan.blo")[0]
    np.testing.assert_array_equal(record.data, scan.reshape(10, 16, 16))
    assert record.shape == scan.shape
    assert record.axes[1] == Axis("x", 5, 1.5, 0.0, "nm")


@pytest.mark.parametrize(
    ("version", "stamp", "flags", "dtype"),
    [
        (20141, 0, 0, "int8"),  # the standard of 2014
        (0, 1146047817, 1, "int8"),  # IMOD
        (20140, 1146047817, 0, "uint8"),
        (0, 0, 0, "int8"),  # the smallest is below 0
    ],
)
def test_bytes_of_mrc_have_the_sign_that_the_header_tells(version, stamp, flags, dtype, tmp_path):
    data = np.random.default_rng(0).integers(-128, 128, (3, 16, 24)).astype("int8")
    path = tmp_path / "movie.mrc"
    with mrcfile.new(path) as file:
        file.set_data(data)
    content = bytearray(path.read_bytes())
    struct.pack_into("<i", content, 108, version)
    struct.pack_into("<2i", content, 152, stamp, flags)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_image(path)[0], data.view(dtype), strict=True)
    with open_frames(path) as frames:
        np.testing.assert_array_equal(frames[1], data[1].view(dtype), strict=True)


@pytest.mark.parametrize("dtype", [">i2", ">f4"])
def test_an_mrc_of_the_other_byte_order(dtype, tmp_path, movie):
    data = (50 + 10 * movie).astype(dtype)
    with mrcfile.new(tmp_path / "movie.mrc") as file:
        file.set_data(data)
        file.voxel_size = 0.2
    read, calibration = read_image(tmp_path / "movie.mrc")
    np.testing.assert_array_equal(read, data)
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))


@pytest.mark.parametrize("places", [[0.0, 0.1, 0.2], [0.0, 0.1, 0.5]])
def test_hyperspy_may_list_the_places_of_an_axis(places, tmp_path, movie):
    path = tmp_path / "movie.hspy"
    write_image(path, movie, CALIBRATED)
    with h5py.File(path, "r+") as file:
        (signal,) = file["Experiments"].values()
        attributes = signal["axis-0"].attrs
        for name in ("scale", "offset", "size"):
            del attributes[name]
        attributes.update({"_type": "DataAxis", "axis": places})
    record = read_images(path)[0]
    np.testing.assert_array_equal(record.data, movie)
    interval = 0.1 if places[2] == 0.2 else None
    assert record.calibration.frame_interval == pytest.approx(interval)
    assert record.calibration.pixel_size == pytest.approx((0.02, 0.02))


@pytest.mark.parametrize(("unit", "seconds"), [("ps", 1e-12), ("fs", 1e-15)])
def test_movies_may_be_ultrafast(unit, seconds, tmp_path, movie):
    ultrafast = Calibration((0.02, 0.02), "nm", frame_interval=50, frame_unit=unit)
    for suffix in (".tif", ".hspy", ".zarr"):
        write_image(tmp_path / f"a{suffix}", movie, ultrafast)
        known = read_image(tmp_path / f"a{suffix}")[1]
        factor = seconds if known.frame_unit == unit else 1.0
        assert known.frame_interval * factor == pytest.approx(50 * seconds)


@pytest.mark.parametrize("n_frames", [1, 3])
def test_spectra_beside_images_of_velox_hide_no_frame(tmp_path, microscope, movie, n_frames):
    frames = np.moveaxis(movie[:n_frames], 0, 2)
    microscope.velox(tmp_path / "eds.emd", {"HAADF": (frames, 1e-11)})
    with h5py.File(tmp_path / "eds.emd", "r+") as file:
        file["Version"][0] = json.dumps({"format": "Velox", "version": "4"}).encode()
        file.create_group("Presentation/Displays/ImageDisplay")
        file.create_group("Data/SpectrumImage/0")
        stream = file.create_group("Data/SpectrumStream/0")
        stream["Data"] = np.full((50, 1), 65535, np.uint16)
    (record,) = read_images(tmp_path / "eds.emd")
    assert record.name == "HAADF"
    np.testing.assert_array_equal(record.data, np.squeeze(movie[:n_frames]))
    assert image_names(tmp_path / "eds.emd") == ["HAADF"]


def test_old_hyperspy_hdf5(tmp_path, movie):
    write_image(tmp_path / "movie.hspy", movie, CALIBRATED)
    (tmp_path / "movie.hspy").rename(tmp_path / "movie.hdf5")
    data, calibration = read_image(tmp_path / "movie.hdf5")
    np.testing.assert_array_equal(data, movie)
    assert calibration == CALIBRATED


def test_spacing_of_slices_stays_in_mrc(tmp_path, movie):
    record = ImageRecord(
        "stack",
        movie,
        (
            Axis("z", 3, 2.0, 0.0, "nm"),
            Axis("y", 16, 0.5, 0.0, "nm"),
            Axis("x", 24, 0.5, 0.0, "nm"),
        ),
    )
    write_image(tmp_path / "stack.mrc", movie, record=record)
    (back,) = read_images(tmp_path / "stack.mrc")
    assert [(axis.scale, axis.unit) for axis in back.axes] == [(2, "nm"), (0.5, "nm"), (0.5, "nm")]
