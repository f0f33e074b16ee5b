"""TIFF as other programs write it: pixels, calibration, and files that nobody should trust."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from xml.etree import ElementTree

import tifffile

from ._calibration import Calibration, calibration_of, positive, spelled
from ._record import Shaped, plain_record
from ._safe_open import check_image, check_size
from ._tiff_axes import COLUMN, DM_SCALE, DM_UNIT, FRAME, ROW, with_first_axis
from ._tiff_damage import strictly
from ._tiff_pages import check_pages
from ._tiff_segments import check_segments
from ._tiff_vendors import read_vendor
from ._units import normalized

# By these headers tifffile opens other files, or fills memory for planes that are not there.
UNTRUSTED = {"is_ome": False, "is_mmstack": False, "is_ndtiff": False}
_MOST_BITS = 64  # of a real number in a pixel
_OTHERS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"BM": "a bitmap (BMP)",
    b"GIF8": "GIF",
    b"\x1f\x8b": "a file packed with gzip",
    b"PK\x03\x04": "a ZIP archive",
    b"\x89HDF": "HDF5",
    b"\x93NUMPY": "an array of NumPy (.npy)",
}


def read_tiff(path):
    """Read all images and stacks of a TIFF file.

    Parameters
    ----------
    path : pathlib.Path
        The file. Colour tables are ignored: the pixels are the stored values.

    Returns
    -------
    list of ImageRecord
        One for all pages of a size, as a rule; a stack of a single page comes back as (height,
        width). The calibration is from the tags of DigitalMicrograph, OME-XML, ImageJ's
        description or TIFF's own resolution: the first of them that says something. An image whose
        red, green and blue are equal everywhere, such as a screenshot, is grey.
    """
    grey = _equal_channels(path)
    if grey is not None:
        return [grey]
    with open_tiff(path) as (tiff, images):
        for record, _ in images:
            check_size(record.data.shape, record.data.dtype)
        with strictly():
            return [replace(record, data=_decode(tiff, series)) for record, series in images]


def _equal_channels(path):
    """Return the one image of a file that is stored as a colour image and shows none, or None."""
    _check_kind(path)
    with strictly(), tifffile.TiffFile(path, **UNTRUSTED) as tiff:
        if len(tiff.series) != 1:
            return None
        series = tiff.series[0]
        page, shape = series.keyframe, series.get_shape(squeeze=True)
        is_rgb = page.photometric == tifffile.PHOTOMETRIC.RGB and page.samplesperpixel == 3
        if not is_rgb or len(shape) != 3 or shape[-1] != 3:
            return None
        check_size(shape, series.dtype)
        check_segments(series, tiff.filehandle)
        colours = _decode(tiff, series)
        if (colours != colours[..., :1]).any():
            return None
        return plain_record(path.stem, colours[..., 0].copy(), _read_calibration(tiff, page))


@contextmanager
def open_tiff(path):
    """Yield a file and what is in it, once all of it is known to be images.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Yields
    ------
    tiff : tifffile.TiffFile
        The open file.
    images : list of (ImageRecord, tifffile.TiffPageSeries)
        Images and stacks, of which no pixel is missing; the records know but the shape and the
        type of the pixels. Colour images, such as previews, are left out beside others.
    """
    _check_kind(path)
    with ExitStack() as stack:
        with strictly():  # not about the yield: what goes wrong out there is not the file's fault
            tiff = stack.enter_context(tifffile.TiffFile(path, **UNTRUSTED))
            _check_planes(tiff)
            images = [
                (_record(tiff, tiff.series[number], number, path.stem), tiff.series[number])
                for number in _grey(tiff.series)
            ]
        yield tiff, images


def _check_kind(path):
    """Raise if a file is of another kind, whatever its name says."""
    with open(path, "rb") as file:
        head = file.read(8)
    kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)
    if kind is not None:
        raise ValueError(f"expected a TIFF file, got {kind}; convert it, or name it as what it is.")


def _record(tiff, series, number, stem):
    pixels = Shaped(series.get_shape(squeeze=True), series.dtype)
    if len(pixels.shape) > 3:
        raise ValueError(
            "expected an image (height, width) or a stack (n, height, width), got the axes "
            f"{series.get_axes(squeeze=True)} of {' x '.join(map(str, pixels.shape))}; save one "
            "stack to a file of its own."
        )
    check_image(pixels.shape, pixels.dtype)
    check_segments(series, tiff.filehandle)
    check_pages(series, tiff)
    name = stem if number == 0 else f"{stem} {number + 1}"
    page = series.keyframe
    record = plain_record(name, pixels, _read_calibration(tiff, page))
    planes = _ome_planes(tiff) if page.index == 0 else {}
    letter = next((axis for axis, count in planes.items() if count > 1), series.axes[0])
    return with_first_axis(record, page, letter, _depths(tiff, page))


def _grey(found):
    """Return the numbers of the series that are grey images; raise if there is none."""
    if not found:
        raise ValueError("the file holds no image.")
    rgb = tifffile.PHOTOMETRIC.RGB
    numbers = [n for n, series in enumerate(found) if series.keyframe.photometric != rgb] or [0]
    for number in numbers:
        _check_grey(found[number])
    return numbers


def _check_grey(series):
    page = series.keyframe
    if page.samplesperpixel > 1 or page.photometric == tifffile.PHOTOMETRIC.RGB:
        got = "a colour image (RGB)"
        if page.photometric != tifffile.PHOTOMETRIC.RGB:
            got = f"{page.samplesperpixel} values a pixel, such as grey and transparency"
        raise ValueError(
            f"expected grey values, got {got}; convert it to grey, or write a stack of 3 or 4 "
            "frames with photometric='minisblack', page by page."
        )
    if series.dtype is None or page.bitspersample > _MOST_BITS:
        raise ValueError(f"its pixel format is unknown ({page.bitspersample} bits).")


def _check_planes(tiff):
    # OME's pages follow one another in up to three more axes, which only its header tells apart.
    planes = _ome_planes(tiff)
    if sum(count > 1 for count in planes.values()) > 1:
        raise ValueError(
            "expected an image (height, width) or a stack (n, height, width), got the planes "
            f"{planes}; save one stack to a file of its own."
        )


def _ome_planes(tiff):
    return {axis: int(_ome_pixels(tiff).get(f"Size{axis}", 1)) for axis in "TZC"}


def _depths(tiff, page):
    """Yield distances between slices and their units."""
    yield page.tags.valueof(DM_SCALE + FRAME), page.tags.valueof(DM_UNIT + FRAME)
    if page.index == 0:
        about, imagej = _ome_pixels(tiff), tiff.imagej_metadata or {}
        yield about.get("PhysicalSizeZ"), about.get("PhysicalSizeZUnit", "µm")
        yield imagej.get("spacing"), imagej.get("unit", "")


def _decode(tiff, series):
    try:
        return tiff.asarray(series=series, squeeze=True)
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        compression = tifffile.COMPRESSION(series.keyframe.compression).name
        raise ValueError(
            f"this TIFF is compressed with {compression}; pip install imagecodecs."
        ) from error


def _read_calibration(tiff, page):
    sources = [lambda: _read_dm(page), lambda: _read_resolution(page)]
    if page.index == 0:  # what these say of a file is about its first pages
        # Makers' own words come first: beside them, TIFF's resolution is that of a screen.
        sources[1:1] = [partial(read, tiff) for read in (_read_ome, _read_imagej, read_vendor)]
    calibrations = (read() for read in sources)
    found = next((found for found in calibrations if found != Calibration()), Calibration())
    if found.frame_interval is None and page.index == 0:
        # DigitalMicrograph's tags have one third axis; if that is a depth, time is ImageJ's.
        other = calibration_of((None, None), "", *_imagej_interval(tiff))
        return replace(found, frame_interval=other.frame_interval, frame_unit=other.frame_unit)
    return found


def _read_dm(page):
    def values(first):
        return [page.tags.valueof(first + axis) for axis in (ROW, COLUMN, FRAME)]

    scales, units = values(DM_SCALE), values(DM_UNIT)
    return calibration_of(*_in_one_unit(scales[:2], units[:2]), scales[2], units[2])


def _read_ome(tiff):
    about = _ome_pixels(tiff)
    sizes = [about.get(f"PhysicalSize{axis}") for axis in "YX"]
    units = [about.get(f"PhysicalSize{axis}Unit", "µm") for axis in "YX"]
    return calibration_of(
        *_in_one_unit(sizes, units),
        about.get("TimeIncrement"),
        about.get("TimeIncrementUnit", "s"),
    )


def _ome_pixels(tiff):
    try:
        pixels = ElementTree.fromstring(tiff.pages.first.description).find(".//{*}Pixels")
    except ElementTree.ParseError:
        return {}
    return {} if pixels is None else pixels.attrib


def _read_imagej(tiff):
    about = tiff.imagej_metadata or {}
    unit = about.get("unit", "")
    units = about.get("yunit", unit), unit
    return _from_resolution(tiff.pages.first, units, *_imagej_interval(tiff))


def _imagej_interval(tiff):
    about = tiff.imagej_metadata or {}
    return about.get("finterval"), about.get("tunit", "s")


def _read_resolution(page):
    unit = {2: "inch", 3: "cm"}.get(page.resolutionunit, "")
    return _from_resolution(page, (unit, unit))


def _from_resolution(page, units, *interval):
    columns, rows = map(positive, page.resolution)
    sizes = [number and 1 / number for number in (rows, columns)]
    sizes, unit = _in_one_unit(sizes, units)
    calibration = calibration_of(sizes, unit, *interval)
    # In inches and centimetres a printer's 72 or 300 dpi is meant, unless the pixel is tiny.
    if spelled(unit) in ("inch", "cm") and max(calibration.pixel_size or [0]) > 1000:
        return calibration_of((None, None), "", *interval)
    return calibration


def _in_one_unit(sizes, units):
    """Return sizes of rows and columns with the unit of both; where these differ, in nm or 1/nm."""
    if units[0] == units[1]:
        return sizes, units[0]
    sizes, kinds = zip(*map(normalized, sizes, units), strict=True)
    return sizes, kinds[0] if kinds[0] == kinds[1] else ""
