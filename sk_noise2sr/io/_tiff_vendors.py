"""Pixel sizes where makers of microscopes put them in a TIFF file."""

from contextlib import suppress
from xml.etree import ElementTree

from ._calibration import Calibration, calibration_of, positive

_ZEISS_WIDTH = 1024  # of the display that the first pixel size of a Zeiss file is about
_ZEISS_PIXEL = 3
_METRES = {2: 0.0254, 3: 0.01}
_CAMERA_LENGTHS = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}


def read_vendor(tiff):
    """Return what FEI and Thermo Fisher, Zeiss or JEOL say of a file.

    Parameters
    ----------
    tiff : tifffile.TiffFile
        The file.

    Returns
    -------
    Calibration
        Uncalibrated, where it is of none of them or does not tell.
    """
    for read in (_read_fei, _read_zeiss, _read_sightx):
        with suppress(LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            found = read(tiff)
            if found != Calibration():
                return found
    return Calibration()


def _read_fei(tiff):
    about = tiff.fei_metadata or {}
    if "Scan" in about:
        sizes = about["Scan"]["PixelHeight"], about["Scan"]["PixelWidth"]
    else:
        beam, image = about["IRBeam"], about["Image"]
        sizes = beam["VFW"] / image["ResolutionY"], beam["HFW"] / image["ResolutionX"]
    return calibration_of(sizes, "m")


def _read_zeiss(tiff):
    size = tiff.sem_metadata[""][_ZEISS_PIXEL]
    size *= _ZEISS_WIDTH / tiff.pages.first.imagewidth
    return calibration_of((size, size), "m")


def _read_sightx(tiff):
    """Return the pixel size of JEOL's SightX: that on the camera, over the magnification."""
    page = tiff.pages.first
    if page.tags.valueof("Make") != "JEOL Ltd.":
        return Calibration()
    about = ElementTree.fromstring(page.description.strip(" \r\n\t\x00\x01"))
    mode, factor = about.findtext(".//ModeString"), float(about.findtext(".//SelectorValue"))
    if about.findtext(".//EosMode") != "eosTEM" or not positive(factor):
        return Calibration()
    columns, rows = (_METRES[page.resolutionunit] / number for number in page.resolution)
    if mode == "MAG":
        return calibration_of((rows / factor, columns / factor), "m")
    if mode == "DIFF":
        length = factor * _CAMERA_LENGTHS[about.findtext(".//SelectorUnitString")]
        length *= _wave_length(float(about.findtext(".//AccelerationVoltage")))
        return calibration_of((rows / length, columns / length), "1/nm")
    return Calibration()


def _wave_length(volts):
    """Return the relativistic wave length of electrons, in nm."""
    return 1.226426 / (volts * (1 + 0.978476e-6 * volts)) ** 0.5
