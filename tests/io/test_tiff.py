"""TIFF: what other programs wrote and will read, and files that nobody should trust."""

import numpy as np
import pytest
import tifffile

from sk_noise2sr.io import (
    Calibration,
    _tiff_writer,
    image_names,
    open_frames,
    read_image,
    read_images,
    write_frames,
    write_image,
)

PIXEL_SIZES = [0.0123456789, 1 / 3, 0.5, 19.87654321, 1234.56789]
UNITS = ["nm", "µm", "Å", "1/nm"]
STACK = np.arange(5 * 32 * 32, dtype=np.float32).reshape(5, 32, 32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "frame.tif"


@pytest.mark.parametrize("pixel_size", PIXEL_SIZES)
@pytest.mark.parametrize("unit", UNITS)
def test_the_calibration_comes_back(pixel_size, unit, path):
    """Rows and columns are not mixed up."""
    calibration = Calibration((pixel_size, 2 * pixel_size), unit, 0.04, "ms")
    write_image(path, STACK, calibration)
    assert read_image(path)[1] == calibration


@pytest.mark.parametrize("pixel_size", PIXEL_SIZES)
@pytest.mark.parametrize("unit", UNITS)
def test_hyperspy_reads_the_calibration(pixel_size, unit, path):
    """HyperSpy reads TIFF by RosettaSciIO."""
    reader = pytest.importorskip("rsciio.tiff")
    write_image(path, STACK, Calibration((pixel_size, 2 * pixel_size), unit, 0.04))
    (signal,) = reader.file_reader(str(path))
    np.testing.assert_array_equal(signal["data"], STACK)
    frames, rows, columns = signal["axes"]
    assert [axis["units"] for axis in signal["axes"]] == ["s", unit, unit]
    assert [axis["offset"] for axis in signal["axes"]] == [0, 0, 0]
    assert frames["navigate"]
    assert frames["scale"] == pytest.approx(0.04, rel=1e-6)
    assert rows["scale"] == pytest.approx(pixel_size, rel=1e-6)
    assert columns["scale"] == pytest.approx(2 * pixel_size, rel=1e-6)


def test_imagej_reads_the_calibration(path):
    """Pixels per unit in x and y, ASCII only, in the words of ImageJ's own writer."""
    write_image(path, STACK, Calibration((0.5, 0.25), "µm", 0.04))
    with tifffile.TiffFile(path) as tiff:
        assert tiff.pages.first.resolution == (4, 2)
        assert tiff.imagej_metadata["unit"] == r"\u00B5m"
        assert tiff.imagej_metadata["finterval"] == 0.04
        assert tiff.imagej_metadata["frames"] == 5
        assert tiff.series[0].axes == "TYX"


@pytest.mark.parametrize("unit", ["um", "micron", r"\u00B5m", r"\u03BCm"])
def test_every_micrometre_of_imagej_is_one_unit(unit, path):
    metadata = {"unit": unit, "finterval": 0.5, "axes": "TYX"}
    tifffile.imwrite(path, STACK, imagej=True, resolution=(8, 4), metadata=metadata)
    assert read_image(path)[1] == Calibration((0.25, 0.125), "µm", 0.5)


def test_a_greek_mu_is_written_as_the_micro_sign(path):
    """The Greek letter has no place in Latin-1, which DigitalMicrograph's tags use."""
    write_image(path, STACK, Calibration((0.25, 0.125), "\u03bcm"))
    assert read_image(path)[1] == Calibration((0.25, 0.125), "\u00b5m")


def test_pixels_of_imagej_are_uncalibrated(path):
    tifffile.imwrite(path, STACK, imagej=True, resolution=(2, 2), metadata={"unit": "pixel"})
    assert read_image(path)[1] == Calibration()


def test_ome_tiff_is_calibrated(path):
    metadata = {
        "axes": "TYX",
        "PhysicalSizeX": 0.2,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.3,
        "PhysicalSizeYUnit": "nm",
        "TimeIncrement": 40.0,
        "TimeIncrementUnit": "ms",
    }
    tifffile.imwrite(path, STACK, ome=True, metadata=metadata)
    data, calibration = read_image(path)
    np.testing.assert_array_equal(data, STACK)
    assert calibration == Calibration((0.3, 0.2), "nm", 40.0, "ms")


@pytest.mark.parametrize("resolution", [(72, 72), (96, 96), (300, 300), (1200, 1200)])
def test_the_resolution_of_a_printer_is_no_calibration(resolution, path):
    tifffile.imwrite(path, STACK, resolution=resolution, resolutionunit="INCH")
    assert read_image(path)[1] == Calibration()


@pytest.mark.parametrize(("unit", "per_unit"), [("CENTIMETER", 5e8), ("INCH", 12.7e8)])
def test_the_resolution_of_a_microscope_is_a_calibration(unit, per_unit, path):
    """5e8 pixels in a centimetre are 0.02 nm each."""
    tifffile.imwrite(path, STACK, resolution=(per_unit, per_unit / 2), resolutionunit=unit)
    calibration = read_image(path)[1]
    assert calibration.pixel_size == pytest.approx((0.04, 0.02))
    assert calibration.unit == "nm"


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_senseless_scale_is_no_calibration(scale, path):
    tags = [(65003 + i, "s", 0, "nm", True) for i in range(2)]
    tags += [(65009 + i, "d", 1, scale, True) for i in range(2)]
    tifffile.imwrite(path, STACK, extratags=tags)
    assert read_image(path)[1] == Calibration()


def test_depth_is_not_time(path):
    """DigitalMicrograph's third axis may be a length."""
    tags = [(65005, "s", 0, "nm", True), (65011, "d", 1, 5.0, True)]
    tifffile.imwrite(path, STACK, extratags=tags)
    assert read_image(path)[1] == Calibration()


def rewritten(path):
    """Return the record of a file, and that of what is written with it."""
    (record,) = read_images(path)
    again = path.with_name("again.tif")
    write_image(again, record.data.astype(np.float32), record=record, overwrite=True)
    (result,) = read_images(again)
    return record, result, again


@pytest.mark.parametrize("kind", ["imagej", "ome", "bigtiff"])
def test_depth_and_channels_stay_what_they_are(kind, path, monkeypatch):
    if kind == "bigtiff":
        monkeypatch.setattr(_tiff_writer, "IMAGEJ_MAX_BYTES", 100)
    for letter, name in (("Z", "z"), ("C", "Channel")):
        metadata = {"axes": f"{letter}YX", "unit": "nm", "spacing": 2.5, "finterval": 0.1}
        if kind == "ome":
            metadata = {"axes": f"{letter}YX", "PhysicalSizeZ": 2.5, "PhysicalSizeZUnit": "nm"}
            metadata |= {"PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "nm"}
            metadata |= {"PhysicalSizeY": 0.1, "PhysicalSizeYUnit": "nm"}
        layout = {"ome": True} if kind == "ome" else {"imagej": True, "resolution": (10, 10)}
        tifffile.imwrite(path, STACK, photometric="minisblack", metadata=metadata, **layout)
        record, result, again = rewritten(path)
        assert result.axes == record.axes
        assert record.axes[0].name == name
        step = (2.5, "nm") if name == "z" else (1.0, "")
        assert (record.axes[0].scale, record.axes[0].unit) == step
        interval = None if kind == "ome" else 0.1
        assert record.calibration == Calibration((0.1, 0.1), "nm", interval)
        if kind != "bigtiff":
            assert result.calibration == record.calibration
        with tifffile.TiffFile(again) as tiff:
            assert tiff.series[0].axes == f"{letter}YX"
            if kind != "bigtiff" and letter == "Z":
                assert tiff.imagej_metadata["spacing"] == 2.5


@pytest.mark.parametrize("letter", ["T", "Z", "C"])
@pytest.mark.parametrize("spacing", [{}, {"spacing": 1.0}])
def test_a_movie_of_fiji_keeps_its_interval_whatever_its_frames_are_called(letter, spacing, path):
    metadata = {"axes": f"{letter}YX", "unit": "nm", "finterval": 0.5, "tunit": "s", **spacing}
    tifffile.imwrite(path, STACK, imagej=True, resolution=(10, 10), metadata=metadata)
    record, result, again = rewritten(path)
    for each in (record, result, read_image(path)[1], read_image(again)[1]):
        calibration = getattr(each, "calibration", each)
        assert calibration == Calibration((0.1, 0.1), "nm", 0.5)
    with tifffile.TiffFile(again) as tiff:
        assert tiff.imagej_metadata["finterval"] == 0.5
        assert tiff.series[0].axes == f"{letter}YX"


def test_a_depth_of_digital_micrograph_comes_back(path):
    tags = [(65005, "s", 0, "nm", True), (65011, "d", 1, 5.0, True)]
    tifffile.imwrite(path, STACK, extratags=tags)
    record, result, _ = rewritten(path)
    assert result.axes == record.axes
    assert (record.axes[0].name, record.axes[0].scale, record.axes[0].unit) == ("z", 5.0, "nm")


@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
def test_white_stays_white(photometric, path):
    tifffile.imwrite(path, STACK.astype(np.uint16), photometric=photometric)
    _, result, again = rewritten(path)
    np.testing.assert_array_equal(result.data, STACK)
    with tifffile.TiffFile(again) as tiff:
        assert tiff.pages[0].photometric.name == photometric.upper()
    movie = path.with_name("movie.tif")
    write_frames(movie, iter(STACK), STACK.shape, np.float32, record=result)
    with tifffile.TiffFile(movie) as tiff:
        assert tiff.pages[0].photometric.name == photometric.upper()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_dtypes_of_imagej_are_kept(dtype, path):
    data = np.arange(20).reshape(4, 5).astype(dtype)
    write_image(path, data)
    np.testing.assert_array_equal(read_image(path)[0], data, strict=True)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "float16", "float64", ">f8"])
def test_other_dtypes_become_float32(dtype, path):
    data = np.arange(20).reshape(4, 5).astype(dtype)
    write_image(path, data)
    np.testing.assert_array_equal(read_image(path)[0], data.astype(np.float32), strict=True)


@pytest.mark.parametrize("dtype", [">f4", ">u2", "<f8", "<i4"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_pixels_come_back_in_native_order(dtype, bigtiff, path):
    data = STACK.astype(dtype)
    order = data.dtype.str[0]
    tifffile.imwrite(path, data, byteorder=order, bigtiff=bigtiff)
    result, _ = read_image(path)
    np.testing.assert_array_equal(result, data)
    assert result.dtype == data.dtype.newbyteorder("=")


def test_a_stack_of_one_page_is_an_image(path):
    write_image(path, STACK[:1])
    assert read_image(path)[0].shape == (32, 32)


def test_what_imagej_cannot_hold_becomes_bigtiff(path, monkeypatch):
    reader = pytest.importorskip("rsciio.tiff")
    monkeypatch.setattr(_tiff_writer, "IMAGEJ_MAX_BYTES", STACK.nbytes - 1)
    calibration = Calibration((0.3, 0.2), "µm", 0.04)
    write_image(path, STACK, calibration)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff
        assert not tiff.is_imagej
    data, found = read_image(path)
    np.testing.assert_array_equal(data, STACK)
    assert found == calibration
    axes = reader.file_reader(str(path))[0]["axes"]
    assert [(axis["scale"], axis["units"]) for axis in axes] == [
        (0.04, "s"),
        (0.3, "µm"),
        (0.2, "µm"),
    ]


def test_images_of_several_shapes_are_all_read_or_the_one_that_is_named(path):
    with tifffile.TiffWriter(path) as writer:
        writer.write(STACK, resolution=(4e6, 5e6), resolutionunit="CENTIMETER")
        writer.write(np.zeros((8, 8, 3), np.uint8), photometric="rgb")  # a preview
        writer.write(STACK[0, :20])
    records = read_images(path)
    assert [record.name for record in records] == image_names(path) == ["frame", "frame 3"]
    np.testing.assert_array_equal(records[0].data, STACK)
    np.testing.assert_array_equal(records[1].data, STACK[0, :20])
    assert records[0].calibration.pixel_size == pytest.approx((2.0, 2.5))
    assert records[1].calibration == Calibration()
    with pytest.raises(ValueError, match=r"^frame\.tif holds 2 images; choose one: 0: 'frame' 5 x"):
        read_image(path)
    with pytest.raises(ValueError, match=r"^frame\.tif holds 2 images; choose one"):
        open_frames(path).__enter__()
    with open_frames(path, "frame") as frames:
        np.testing.assert_array_equal(frames[3], STACK[3])


def test_grey_with_transparency_is_no_rgb(path):
    image = np.zeros((8, 8, 2), np.uint8)
    tifffile.imwrite(path, image, photometric="minisblack", extrasamples=["unassalpha"])
    with pytest.raises(ValueError, match=r"got 2 values a pixel, such as grey and transparency;"):
        read_image(path)


def test_sides_of_a_pixel_may_come_in_two_units(path):
    sides = {"PhysicalSizeY": 0.03, "PhysicalSizeX": 2e-5, "PhysicalSizeXUnit": "µm"}
    about = {"axes": "YX", "PhysicalSizeYUnit": "nm", **sides}
    tifffile.imwrite(path, STACK[0], ome=True, metadata=about)
    assert read_image(path)[1] == Calibration((0.03, 0.02), "nm")
    description = "ImageJ=1.53\nunit=nm\nyunit=pm\n"
    tifffile.imwrite(path, STACK[0], description=description, resolution=(50, 0.1), metadata=None)
    calibration = read_image(path)[1]
    assert calibration.unit == "nm"
    assert calibration.pixel_size == pytest.approx((0.01, 0.02))


def test_a_colour_image_that_shows_no_colour_is_grey(path):
    tifffile.imwrite(path, np.repeat(STACK[0, :, :20, None], 3, axis=2), photometric="rgb")
    image, _ = read_image(path)
    np.testing.assert_array_equal(image, STACK[0, :, :20])
    assert image.flags.c_contiguous
