"""Pixel sizes where makers of microscopes put them, byte by byte as they write them."""

import numpy as np
import pytest
import tifffile

from sk_noise2sr.io import Calibration, read_image

IMAGE = np.zeros((8, 16), np.uint8)
SCREEN = {"resolution": (72, 72), "resolutionunit": 2}
FEI = "[User]\r\nUser=me\r\n[Scan]\r\nPixelWidth=2e-009\r\nPixelHeight=3e-009\r\n\r\n"
FIB = (
    "[IRBeam]\r\nHFW=3.2e-008\r\nVFW=2.4e-008\r\n[Image]\r\nResolutionX=16\r\nResolutionY=8\r\n\r\n"
)
ZEISS = "\r\n".join(["0", "0", "0", "1e-10", "0", "AP_MAG", "Mag = 1.00 K X", ""])
SIGHTX = (
    "<TemReporter><Eos><EosMode>eosTEM</EosMode></Eos><ElectronGun><AccelerationVoltage>200000"
    "</AccelerationVoltage></ElectronGun><ImageFormingSystem><ModeString>{}</ModeString>"
    "<SelectorValue>{}</SelectorValue><SelectorUnitString>{}</SelectorUnitString>"
    "</ImageFormingSystem></TemReporter>"
)


def calibration_of(path, **written):
    tifffile.imwrite(path, IMAGE, **{**SCREEN, **written})
    return read_image(path)[1]


@pytest.mark.parametrize("tag", [34680, 34682])
@pytest.mark.parametrize(("text", "sizes"), [(FEI, (3, 2)), (FIB, (3, 2))])
def test_fei(tag, text, sizes, tmp_path):
    found = calibration_of(tmp_path / "fei.tif", extratags=[(tag, 2, 0, text, True)])
    assert found.unit == "nm"
    assert found.pixel_size == pytest.approx(sizes)


def test_zeiss(tmp_path):
    found = calibration_of(tmp_path / "zeiss.tif", extratags=[(34118, 2, 0, ZEISS, True)])
    assert found.unit == "nm"
    assert found.pixel_size == pytest.approx((6.4, 6.4))  # 0.1 nm on 1024 columns, here 16


@pytest.mark.parametrize(
    ("mode", "unit", "expected"),
    [
        (("MAG", 100_000, ""), "nm", 1e7 / 500 / 1e5),
        # At 200 kV electrons have a wave length of 2.508 pm.
        (("DIFF", 40, "cm"), "1/nm", 0.01 / 500 / (0.4 * 2.508e-3)),
    ],
)
def test_sightx(mode, unit, expected, tmp_path):
    found = calibration_of(
        tmp_path / "jeol.tif",
        resolution=(500, 500),
        resolutionunit=3,
        description=SIGHTX.format(*mode),
        extratags=[(271, 2, 0, "JEOL Ltd.", True)],
    )
    assert found.unit == unit
    assert found.pixel_size == pytest.approx((expected, expected), rel=1e-3)


@pytest.mark.parametrize(
    "tag", [(34682, 2, 0, "[Scan]\r\nPixelWidth=wide\r\n", True), (34118, 2, 0, "1\r\n", True)]
)
def test_what_makes_no_sense_leaves_the_image(tag, tmp_path):
    assert calibration_of(tmp_path / "frame.tif", extratags=[tag]) == Calibration()
